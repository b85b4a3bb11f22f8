"""cmake/MergeArchives.cmake on a small library: what is visible, exceptions and types, dead code, renaming."""
import unittest

import common
from common import CC, CMAKE, CXX, HERE, SOURCE, global_symbols, run, undefined_symbols

SCRIPT = SOURCE / "cmake" / "MergeArchives.cmake"
NAMES = ("memset", "memmove", "memcpy")


def script(*settings, code=0):
    return run(CMAKE, *settings, "-P", SCRIPT, code=code)


class Merge(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = folder = common.scratch("merge")
        # -fno-builtin, so that memset stays a call of that name.
        flags = ["-O1", "-fPIC", "-ffunction-sections", "-fdata-sections", "-fno-builtin", "-c"]
        unique = [] if "clang" in CXX else ["-fno-gnu-unique"]
        run(CXX, "-std=c++20", *flags, *unique, HERE / "merge/own.cc", "-o", folder / "own.o")
        run(CC, *flags, HERE / "merge/foreign.c", "-o", folder / "foreign.o")
        run("ar", "qcs", folder / "libown.a", folder / "own.o")
        run("ar", "qcs", folder / "libforeign.a", folder / "foreign.o")
        cls.merge(folder / "libmerged.a", folder / "libforeign.a")

    @classmethod
    def merge(cls, output, foreign):
        own = cls.folder / "libown.a"
        return script("-DACTION=merge", f"-DOUTPUT={output}", f"-DOWN={own}", f"-DFOREIGN={foreign}")

    def rename(self, code=0):
        pairs = ";".join(f"{name}=mimobox_engine_{name}" for name in NAMES)
        return script("-DACTION=rename", f"-DINPUT={self.folder / 'libforeign.a'}",
                      f"-DOUTPUT={self.folder / 'librenamed.a'}", f"-DRENAME={pairs}", code=code)

    def link(self, library, *options):
        program = self.folder / f"user_{library}"
        run(CXX, "-std=c++20", "-O0", *options, HERE / "merge/user.cc", "-o", program,
            "-L", self.folder, f"-l{library}", "-Wl,--gc-sections")
        return program

    def test_shows_the_public_namespace_only(self):
        symbols = global_symbols(self.folder / "libmerged.a")
        self.assertIn("_ZN7mimobox7guardedEPFivE", symbols)
        self.assertIn("_ZN7mimoboxeqERKNS_6SquareES2_", symbols)
        self.assertIn("_ZTVN7mimobox6SquareE", symbols)
        self.assertIn("_ZTIN7mimobox5ErrorE", symbols)
        self.assertEqual([name for name in symbols if "7mimobox" not in name], [])
        self.assertNotIn("_ZN7mimobox4wasi6hiddenEv", symbols)
        self.assertNotIn("foreign_fill", symbols)

    def test_exceptions_types_and_the_users_own_names(self):
        run(self.link("merged"))

    def test_a_user_with_lld(self):
        if not common.shutil.which("ld.lld-19") or "clang" not in CXX:
            self.skipTest("not a build with clang and lld")
        run(self.link("merged", "-fuse-ld=lld-19"))

    def test_code_that_no_public_function_reaches_is_gone(self):
        text = run("readelf", "-sW", self.folder / "libmerged.a")
        self.assertIn("foreign_fill", text)
        self.assertNotIn("foreign_unused", text)
        self.assertNotIn("nobody_defines_this", text)

    def test_a_users_linker_drops_what_the_user_does_not_call(self):
        program = self.link("merged")
        text = run("readelf", "-sW", program)
        self.assertIn("_ZN7mimobox7guardedEPFivE", text)
        self.assertNotIn("unused_function", text)

    def test_renames_in_an_archive(self):
        before = undefined_symbols(self.folder / "libforeign.a")
        self.assertLessEqual({"memset", "memmove"}, before)
        self.rename()
        after = undefined_symbols(self.folder / "librenamed.a")
        self.assertEqual(after & set(NAMES), set())
        self.assertLessEqual({"mimobox_engine_memset", "mimobox_engine_memmove"}, after)
        self.assertEqual(undefined_symbols(self.folder / "libforeign.a"), before)

    def test_renamed_calls_reach_the_function_of_that_name(self):
        self.rename()
        self.merge(self.folder / "librenamed_merged.a", self.folder / "librenamed.a")
        run(self.link("renamed_merged", "-DRENAMED"))

    def test_refuses_a_library_without_a_public_symbol(self):
        none = self.folder / "none.a"
        own = self.folder / "libforeign.a"
        output = script("-DACTION=merge", f"-DOUTPUT={none}", f"-DOWN={own}", code=1)
        self.assertIn("no public symbol", output)
        self.assertFalse(none.exists())

    def test_refuses_what_is_no_action_and_no_pair(self):
        none = f"-DOUTPUT={self.folder / 'none.a'}"
        self.assertIn("ACTION is merge or rename", script("-DACTION=mix", none, code=1))
        output = script("-DACTION=rename", none, f"-DINPUT={self.folder / 'libforeign.a'}", "-DRENAME=memset", code=1)
        self.assertIn("not OLD=NEW: memset", output)


if __name__ == "__main__":
    common.main()
