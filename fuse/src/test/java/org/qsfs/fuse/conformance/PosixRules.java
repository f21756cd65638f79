package org.qsfs.fuse.conformance;

import java.util.List;
import java.util.stream.Stream;

/** All rules. */
final class PosixRules {
    private PosixRules() {}

    static List<Rule> all() {
        return Stream.of(
                        CreationRules.rules(),
                        OpenRules.rules(),
                        LinkRules.rules(),
                        RenameRules.rules(),
                        AttributeRules.rules(),
                        TimeRules.rules(),
                        SizeRules.rules(),
                        ExtendedAttributeRules.rules(),
                        NameRules.rules(),
                        SharingRules.rules(),
                        KindRules.rules(),
                        RangeRules.rules(),
                        EdgeRules.rules(),
                        HandleRules.rules(),
                        FlagRules.rules(),
                        DescriptorRules.rules(),
                        LockRules.rules(),
                        RaceRules.rules(),
                        AsynchronousRules.rules(),
                        LeaseRules.rules(),
                        TransferRules.rules(),
                        NotificationRules.rules(),
                        MappingRules.rules(),
                        ReadOnlyRules.rules())
                .flatMap(List::stream)
                .toList();
    }
}
