"""`cpack` makes a .deb: its fields, and what is unpacked from it runs and can be linked."""
import os
import shutil
import unittest

import common
from common import BUILD, CMAKE, HELLO, HERE, run


class Deb(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        if not shutil.which("dpkg-deb"):
            raise unittest.SkipTest("no dpkg-deb")
        cls.folder = common.scratch("deb")
        cpack = shutil.which("cpack", path=os.path.dirname(CMAKE)) or "cpack"
        run(cpack, "--config", BUILD / "CPackConfig.cmake", "-G", "DEB", "-B", cls.folder / "out", cwd=BUILD)
        packages = list((cls.folder / "out").glob("*.deb"))
        assert len(packages) == 1, packages
        cls.package = packages[0]
        run("dpkg-deb", "-x", cls.package, cls.folder / "root")
        cls.prefix = cls.folder / "root/usr"

    def field(self, name):
        return run("dpkg-deb", "-f", self.package, name).strip()

    def test_fields(self):
        self.assertEqual(self.field("Package"), "mimobox-wasm")
        self.assertRegex(self.package.name, r"^mimobox-wasm_[0-9.]+_[a-z0-9]+\.deb$")
        self.assertRegex(self.field("Version"), r"^[0-9]+\.[0-9]+\.[0-9]+")
        self.assertIn("WebAssembly", self.field("Description"))
        self.assertRegex(self.field("Maintainer"), r"<.+@.+>")

    def test_dependencies_are_those_of_the_command(self):
        dynamic = "NEEDED" in run("readelf", "-d", self.prefix / "bin/mimobox-wasm")
        if dynamic and shutil.which("dpkg-shlibdeps"):
            self.assertIn("libc6", self.field("Depends"))
        elif not dynamic:
            self.assertEqual(self.field("Depends"), "")

    def test_everything_is_owned_by_root_below_usr(self):
        for line in run("dpkg-deb", "-c", self.package).splitlines():
            words = line.split()
            self.assertEqual(words[1], "root/root", line)
            self.assertRegex(words[5], r"^\./(usr/.*)?$", line)
        self.assertTrue((self.prefix / "share/doc/mimobox-wasm/copyright").is_file())

    def test_unpacked_command_runs(self):
        self.assertIn("hello", run(self.prefix / "bin/mimobox-wasm", "run", HELLO))

    def test_unpacked_library_links_by_cmake(self):
        build = self.folder / "cmake"
        common.configure(HERE / "consumer", build, f"-DCMAKE_PREFIX_PATH={self.prefix}")
        common.build(build, "consumer")
        self.assertIn("hello", run(build / "consumer", HELLO))


if __name__ == "__main__":
    common.main()
