package org.qsfs.erasure;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;

/**
 * The plans used last. Inverting a matrix costs as much as coding some stripes, and a volume meets the same few losses
 * over and over. Bounded, least recently used goes first. Thread-safe.
 */
final class RepairPlans {
    private final Map<RepairPlan.Situation, RepairPlan> plans = new LinkedHashMap<>(16, 0.75f, true);
    private final int capacity;

    RepairPlans(int capacity) {
        this.capacity = capacity;
    }

    RepairPlan get(RepairPlan.Situation situation, Supplier<RepairPlan> maker) {
        synchronized (plans) {
            RepairPlan plan = plans.get(situation);
            if (plan != null) {
                return plan;
            }
        }
        // Made outside the lock: two threads may make the same plan, none waits for another's inversion.
        RepairPlan plan = maker.get();
        synchronized (plans) {
            plans.put(situation, plan);
            if (plans.size() > capacity) {
                plans.remove(plans.keySet().iterator().next());
            }
        }
        return plan;
    }

    int size() {
        synchronized (plans) {
            return plans.size();
        }
    }
}
