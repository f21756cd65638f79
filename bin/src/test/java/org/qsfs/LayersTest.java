package org.qsfs;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.syntax.ArchRuleDefinition;
import com.tngtech.archunit.library.dependencies.SlicesRuleDefinition;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The table of DESIGN §2: which module may use which. */
@DisplayName("The modules")
class LayersTest {
    private static JavaClasses product;

    @BeforeAll
    static void load() {
        product = new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                // test classes that modules share stand in jars of their own
                .withImportOption(location -> !location.contains("-tests.jar") && !location.contains("/test-classes/"))
                .importPackages("org.qsfs");
    }

    @Test
    @DisplayName("only use what stands above them in the table")
    void layers() {
        layeredArchitecture()
                .consideringOnlyDependenciesInAnyPackage("org.qsfs..")
                .layer("erasure")
                .definedBy("org.qsfs.erasure..")
                .layer("encryption")
                .definedBy("org.qsfs.encryption..")
                .layer("zdb-client")
                .definedBy("org.qsfs.zdb.client..")
                .layer("zdb-server")
                .definedBy(resideInAPackage("org.qsfs.zdb..").and(not(resideInAPackage("org.qsfs.zdb.client.."))))
                .layer("metadata")
                .definedBy("org.qsfs.metadata..")
                .layer("stor")
                .definedBy("org.qsfs.stor..")
                .layer("fs-core")
                .definedBy("org.qsfs.fs..")
                .layer("fuse")
                .definedBy("org.qsfs.fuse..")
                .layer("bin")
                .definedBy("org.qsfs.cli..")
                .whereLayer("erasure")
                .mayNotAccessAnyLayer()
                .whereLayer("encryption")
                .mayNotAccessAnyLayer()
                .whereLayer("zdb-client")
                .mayNotAccessAnyLayer()
                .whereLayer("zdb-server")
                .mayNotAccessAnyLayer()
                .whereLayer("metadata")
                .mayOnlyAccessLayers("zdb-client", "erasure", "encryption")
                .whereLayer("stor")
                .mayOnlyAccessLayers("erasure", "encryption", "zdb-client", "zdb-server", "metadata")
                .whereLayer("fs-core")
                .mayOnlyAccessLayers("zdb-server", "stor", "metadata", "encryption", "zdb-client", "erasure")
                .whereLayer("fuse")
                .mayOnlyAccessLayers("fs-core")
                .whereLayer("bin")
                .mayNotBeAccessedByAnyLayer()
                .withOptionalLayers(true)
                .check(product);
    }

    @Test
    @DisplayName("have no packages that use each other")
    void cycles() {
        for (String module :
                new String[] {"org.qsfs.stor", "org.qsfs.zdb", "org.qsfs.fs", "org.qsfs.fuse", "org.qsfs.cli"}) {
            SlicesRuleDefinition.slices()
                    .matching(module + ".(*)..")
                    .should()
                    .beFreeOfCycles()
                    .allowEmptyShould(true)
                    .check(product);
        }
    }

    @Test
    @DisplayName("have no class with a name that says nothing")
    void names() {
        ArchRuleDefinition.noClasses()
                .should()
                .haveSimpleNameEndingWith("Util")
                .orShould()
                .haveSimpleNameEndingWith("Utils")
                .orShould()
                .haveSimpleNameEndingWith("Helper")
                .orShould()
                .haveSimpleNameEndingWith("Manager")
                .orShould()
                .haveSimpleNameEndingWith("Impl")
                .check(product);
    }

    @Test
    @DisplayName("are all there")
    void complete() {
        assertThat(product.stream().map(type -> type.getPackageName()).distinct())
                .contains(
                        "org.qsfs.cli",
                        "org.qsfs.fs",
                        "org.qsfs.erasure",
                        "org.qsfs.encryption",
                        "org.qsfs.zdb.client");
    }
}
