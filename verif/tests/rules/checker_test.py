"""The checker of the table of rules finds every mistake that a table can have. Each test makes a small tree and
breaks one thing.

SPDX-License-Identifier: Apache-2.0
"""

import pathlib
import subprocess
import sys
import tempfile
import unittest

SCRIPT = pathlib.Path(__file__).resolve().parents[3] / "scripts" / "rules"
FILES = {
    "verif/rules/chapters.tsv": "# names\nsteps\tSv step 1\nsupervisor\tsatp\nsupervisor\tstval\nzpm\tpm_a\nzpm\tpm_b\n",
    "verif/rules/rules.tsv": """# the table
Sv step 1\tin\tmodel/walk.c:walk_run,row_table\tmodel/mmu.c:mmu_cycle\trtl/tw_mmu.sv:tw_mmu\tspec_walk/a_walk_begins\twalk.*
satp\tin: a note\tmodel/walk.c:walk_run\t-: the model has none\trtl/tw_mmu.sv:tw_mmu\tmmu_tlb/a_tlb_holds plain\tcontrol.satp
stval\tout: a register of the hart
zpm/*\tout: pointer masking is another extension
""",
    "verif/coverage/points.tsv": "# points\nwalk.one\ta walk\ncontrol.satp\ta write\n",
    "verif/tests/spec/CMakeLists.txt": "tw_add_test(spec_walk SOURCES walk_test.c\n  LIBRARIES twinwalk)\n",
    "verif/tests/spec/walk_test.c": "static void a_walk_begins(void **state) {\n}\n",
    "verif/tests/mmu/CMakeLists.txt": """foreach(test tlb)
  tw_add_test(mmu_${test} SOURCES ${test}_test.c LIBRARIES x)
endforeach()
add_test(NAME plain COMMAND $<TARGET_FILE:plain>)
""",
    "verif/tests/mmu/tlb_test.c": "static void a_tlb_holds(void **state) {\n}\n",
    "model/walk.c": """static const struct row row_table[2] = {{1}, {2}};
void declared(int x);
void walk_run(const int *context,
              int *walk) {
}
""",
    "model/mmu.c": "void mmu_cycle(void) {\n  walk_run(0, 0);\n}\n",
    "rtl/tw_mmu.sv": "module tw_mmu #(\n  parameter int N = 1\n) (input logic x);\nendmodule\n",
    "docs/architecture.md": "",
}


class Checker(unittest.TestCase):
    """Runs scripts/rules on a tree in a scratch folder."""

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.root = pathlib.Path(self.folder.name)
        for name, text in FILES.items():
            (self.root / name).parent.mkdir(parents=True, exist_ok=True)
            (self.root / name).write_text(text)
        self.assertEqual(self.run_script("--write")[0], 0)

    def run_script(self, *options):
        """Exit status and what was said."""
        done = subprocess.run([sys.executable, str(SCRIPT), *options, "--root", str(self.root)], capture_output=True, text=True)
        return done.returncode, done.stdout + done.stderr

    def replace(self, name, old, new):
        """Changes one text of one file, which must be there."""
        path = self.root / name
        text = path.read_text()
        self.assertIn(old, text)
        path.write_text(text.replace(old, new, 1))

    def refused(self, said, *options):
        """The check fails and says so."""
        status, output = self.run_script("--check", *options)
        self.assertEqual(status, 1, output)
        self.assertIn(said, output)

    def table(self, old, new, said):
        """A change of the table is refused."""
        self.replace("verif/rules/rules.tsv", old, new)
        self.refused(said)

    def test_a_right_table_passes(self):
        status, output = self.run_script("--check", "--strict")
        self.assertEqual(status, 0, output)
        self.assertIn("5 rules, 2 in scope", output)

    def test_a_missing_rule_is_told(self):
        self.table("stval\tout: a register of the hart\n", "", "stval (supervisor) is in no row")

    def test_a_new_rule_of_the_manual_is_told(self):
        self.replace("verif/rules/chapters.tsv", "zpm\tpm_b", "supervisor\tsatp_new\nzpm\tpm_b")
        self.refused("satp_new (supervisor) is in no row")

    def test_a_missing_chapter_is_told(self):
        self.table("zpm/*\tout: pointer masking is another extension\n", "", "pm_b (zpm) is in no row")

    def test_a_rule_named_twice_is_told(self):
        self.table("stval\tout: a register of the hart\n", "stval\tout: once\nstval\tout: twice\n", "rules.tsv:5: stval: the rule is already in rules.tsv:4")

    def test_a_rule_beside_its_chapter_is_told(self):
        self.table("stval\tout", "pm_a\tout: beside\nstval\tout", "pm_a: the rule is already in rules.tsv:6")

    def test_a_name_that_is_no_rule_is_told(self):
        self.table("stval\tout", "stvec\tout: no such\nstval\tout", "stvec: no rule of chapters.tsv")

    def test_a_test_that_does_not_exist_is_told(self):
        self.table(" plain\t", " plane\t", "CMake adds no test plane")

    def test_a_value_that_no_loop_has_is_told(self):
        self.table("mmu_tlb/a_tlb_holds", "mmu_fence", "CMake adds no test mmu_fence")

    def test_a_sentence_that_does_not_exist_is_told(self):
        self.table("a_walk_begins", "a_walk_ends", "test spec_walk has no a_walk_ends")

    def test_a_sentence_of_another_test_is_told(self):
        self.table("spec_walk/a_walk_begins", "spec_walk/a_tlb_holds", "test spec_walk has no a_tlb_holds")

    def test_an_empty_cell_is_told(self):
        self.table("\trtl/tw_mmu.sv:tw_mmu\tmmu", "\t\tmmu", "satp: RTL: empty, with no reason")

    def test_a_dash_without_a_reason_is_told(self):
        self.table("-: the model has none", "-", "satp: cycle model: empty, with no reason")

    def test_a_missing_field_is_told(self):
        self.table("\tcontrol.satp", "", "satp: 6 fields")

    def test_an_exclusion_without_a_reason_is_told(self):
        self.table("out: a register of the hart", "out: ", "stval: scope is 'out: '")

    def test_a_missing_function_is_told(self):
        self.table("walk.c:walk_run,row_table", "walk.c:walk_run,gone", "model/walk.c defines no gone")

    def test_a_call_or_a_declaration_is_no_definition(self):
        self.table("mmu.c:mmu_cycle", "mmu.c:walk_run", "model/mmu.c defines no walk_run")
        self.table("walk.c:walk_run,row_table", "walk.c:declared", "model/walk.c defines no declared")

    def test_a_missing_file_and_a_missing_module_are_told(self):
        self.table("model/mmu.c:mmu_cycle", "model/gone.c:mmu_cycle", "there is no file model/gone.c")
        self.table("rtl/tw_mmu.sv:tw_mmu", "rtl/tw_mmu.sv:tw_tlb", "rtl/tw_mmu.sv defines no tw_tlb")

    def test_a_function_that_is_renamed_is_told(self):
        self.replace("model/mmu.c", "mmu_cycle", "mmu_clock")
        self.refused("model/mmu.c defines no mmu_cycle")

    def test_an_unknown_coverage_point_is_told(self):
        self.table("\tcontrol.satp", "\tcontrol.sapt", "there is no coverage point control.sapt")

    def test_a_pattern_that_matches_no_point_is_told(self):
        self.table("\twalk.*", "\twork.*", "there is no coverage point work.*")

    def test_no_list_of_points_is_told_and_fails_only_when_strict(self):
        (self.root / "verif/coverage/points.tsv").unlink()
        status, output = self.run_script("--check")
        self.assertEqual(status, 0, output)
        self.assertIn("coverage points are not checked", output)
        self.refused("no list of coverage points", "--strict")

    def test_a_page_that_is_not_what_the_table_says_is_told(self):
        self.replace("docs/rules.md", "a note", "another note")
        self.refused("docs/rules.md is not what the table says")

    def test_the_page_names_every_rule(self):
        text = (self.root / "docs/rules.md").read_text()
        for name in ("Sv step 1", "satp", "stval", "pm_a", "pm_b"):
            self.assertIn(f"`{name}`", text)

    def test_a_wrong_table_writes_no_page(self):
        before = (self.root / "docs/rules.md").read_text()
        self.replace("verif/rules/rules.tsv", "out: a register of the hart", "out: ")
        self.assertEqual(self.run_script("--write")[0], 1)
        self.assertEqual((self.root / "docs/rules.md").read_text(), before)


if __name__ == "__main__":
    unittest.main()
