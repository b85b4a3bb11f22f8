"""Projects that have ours inside, by add_subdirectory and FetchContent; and what configuring refuses.

With the argument `full` the library is built by both ways; otherwise one way is, the other up to its first layer.
"""
import sys
import unittest

import common
from common import ENGINE_ROOT, HELLO, HERE, SOURCE, run

FULL = "full" in sys.argv[1:]


class Embedder(unittest.TestCase):
    def configured(self, how):
        build = common.scratch(f"embedder_{how}")
        output = common.configure(HERE / "embedder", build, f"-DHOW={how}", f"-DWASMTIME_ROOT={ENGINE_ROOT}")
        self.assertNotIn("CMake Warning", output)
        return build

    def check_whole(self, build):
        common.build(build, "embedder")
        self.assertIn("hello", run(build / "embedder", HELLO))
        run(common.CMAKE, "--install", build, "--prefix", build / "prefix")
        self.assertFalse((build / "prefix").exists(), "an embedder installs our files")

    def test_add_subdirectory(self):
        build = self.configured("add_subdirectory")
        if FULL:
            self.check_whole(build)
        else:
            common.build(build, "mimobox_base")

    def test_fetch_content(self):
        build = self.configured("fetch")
        if FULL:
            self.check_whole(build)
        else:
            common.build(build, "mimobox_base")


class Configure(unittest.TestCase):
    def test_outside_linux_one_line_says_so(self):
        build = common.scratch("elsewhere")
        output = common.configure(SOURCE, build, "-DCMAKE_SYSTEM_NAME=FreeBSD", code=1)
        self.assertIn("mimobox-wasm builds for Linux only, and this is for FreeBSD", output)
        self.assertEqual(output.count("CMake Error"), 1)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
