#!/usr/bin/env python3
"""Tests of check_layers.py, on small trees in a temporary folder."""
import pathlib
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import check_layers  # noqa: E402

TREE = {
    "include/mimobox/error.h": "#include <string>\n",
    "include/mimobox/result.h": '#include "mimobox/error.h"\n',
    "include/mimobox/config.h": "",
    "src/base/fd.h": "#include <unistd.h>\n",
    "src/engine/engine.h": '#include <wasmtime.h>\n#include "base/fd.h"\n#include "mimobox/error.h"\n',
    "src/cache/key.h": '#include "engine/engine.h"\n',
    "src/wasi/host.h": '#include "base/fd.h"\n',
    "src/wasm/reader.h": '#include "base/fd.h"\n',
    "src/sandbox/sandbox.h": '#include "wasi/host.h"\n#include "wasm/reader.h"\n#include "cache/key.h"\n#include "mimobox/config.h"\n',
    "src/cli/run.h": '#include <CLI/CLI.hpp>\n#include <fmt/core.h>\n#include "mimobox/config.h"\n',
    "src/cli/main.cc": '#include "cli/run.h"\n',
    "src/CMakeLists.txt": "add_subdirectory(base)\n",
}


class CheckLayers(unittest.TestCase):
    def violations(self, **files):
        """Violations of the good tree with some files added or replaced."""
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder).resolve()
            for name, text in {**TREE, **files.get("files", {})}.items():
                path = root / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, newline="")
            for link, target in files.get("links", {}).items():
                (root / link).symlink_to(root / target)
            return check_layers.Checker(root).run()

    def accepts(self, name, text):
        self.assertEqual(self.violations(files={name: text}), [])

    def refuses(self, name, text, why="", line=1):
        found = self.violations(files={name: text})
        self.assertEqual(len(found), 1, (text, found))
        self.assertTrue(found[0].startswith(f"{name}:{line}: "), found)
        self.assertIn(why, found[0])

    def test_accepts_the_good_tree(self):
        self.assertEqual(self.violations(), [])

    def test_refuses_includes_against_the_direction(self):
        self.refuses("src/base/x.h", '#include "engine/engine.h"\n', "may not include engine/")
        self.refuses("src/wasi/x.h", '#include "engine/engine.h"\n', "may not include engine/")
        self.refuses("src/engine/x.h", '#include "wasi/host.h"\n', "may not include wasi/")
        self.refuses("src/wasm/x.h", '#include "engine/engine.h"\n', "may not include engine/")
        self.refuses("src/wasm/x.h", '#include "wasi/host.h"\n', "may not include wasi/")
        self.refuses("src/engine/x.h", '#include "wasm/reader.h"\n', "may not include wasm/")
        self.refuses("src/cache/x.h", '#include "sandbox/sandbox.h"\n', "may not include sandbox/")
        self.refuses("src/cli/x.h", '#include "sandbox/sandbox.h"\n', "may not include sandbox/")
        self.refuses("include/mimobox/x.h", '#include "sandbox/sandbox.h"\n', "may not include sandbox/")

    def test_refuses_other_spellings(self):
        for text in (
            '#include "../engine/engine.h"',
            '#include "./x.h"',
            '#include "cli/../engine/engine.h"',
            '#include "cli//run.h"',
            '#include "/src/engine/engine.h"',
            '#include "src/engine/engine.h"',
            "#include <engine/engine.h>",
            "#include <src/engine/engine.h>",
            "#include <../engine/engine.h>",
            "#include <mimobox/config.h>",
            '  #  include   "engine/engine.h"',
            '#/**/include/**/"engine/engine.h"',
            '#include "engine/engine.h" // fine, really',
            '%:include "engine/engine.h"',
            '#include_next "engine/engine.h"',
            '#import "engine/engine.h"',
            '#include "cli\\run.h"',
        ):
            self.refuses("src/cli/x.cc", text + "\n")

    def test_refuses_a_quoted_include_without_folder(self):
        self.refuses("src/cli/x.cc", '#include "run.h"\n', "by folder")

    def test_refuses_an_angle_include_of_a_neighbour(self):
        self.refuses("src/cli/x.cc", "#include <run.h>\n", "in quotes")

    def test_joins_continued_lines(self):
        self.refuses("src/base/x.h", '\n#inc\\\nlude \\\n"engine/engine.h"\n', line=2)
        self.refuses("src/base/x.h", '#include /* a\nb */ "engine/engine.h"\n')
        self.refuses("src/base/x.h", '#include \\\r\n"engine/engine.h"\r\n')

    def test_a_continued_line_splits_no_token(self):
        for text in ("/\\\n/ /*", "int a = 1\\\n'0 + '/*';", "// a \\\n /*"):
            self.refuses("src/base/x.cc", text + '\n#include "engine/engine.h"\n', line=3)

    def test_counts_lines_after_comments_and_raw_strings(self):
        text = '/* a\n b */\nauto s = R"x(\n#include "engine/engine.h"\n)x";\n#include "engine/engine.h"\n'
        self.refuses("src/base/x.cc", text, line=6)

    def test_a_comment_opener_inside_a_string_hides_nothing(self):
        self.refuses("src/base/x.cc", 'auto s = "/*";\n#include "engine/engine.h"\n', line=2)

    def test_a_digit_separator_opens_no_literal(self):
        for text in (
            "int a = 1'000; char b[] = \"'/*\";",
            "int a = 1'0 + '/*';",
            "int a = 0x1'f'F, b = 1'000'000; char c = '\"', d = '/*';",
            "double a = .1'5e+1'0; auto b = '/*';",
            "auto a = 1'0u + u8'1' + L'/*';",
        ):
            self.refuses("src/base/x.cc", text + '\n#include "engine/engine.h"\n', "may not include engine/", line=2)
        self.accepts("src/base/x.cc", "int a = 1'000; /* '\n#include \"engine/engine.h\"\n*/\n")

    def test_an_unclosed_quote_ends_with_its_line(self):
        for text in ("#error don't /*", '#error a " /*'):
            self.refuses("src/base/x.cc", text + '\n#include "engine/engine.h"\n', line=2)

    def test_only_a_raw_prefix_opens_a_raw_string(self):
        for text in ('auto s = FOOR"(";', 'auto s = 1R"(";', 'auto s = ""_R"(";'):
            self.refuses("src/base/x.cc", text + '\n#include "engine/engine.h"\n// )"\n', line=2)
        for prefix in ("", "u8", "u", "U", "L"):
            self.accepts("src/base/x.cc", f'auto s = {prefix}R"(\n#include "engine/engine.h"\n)";\n')

    def test_ignores_includes_in_comments(self):
        self.accepts("src/base/x.h", '// #include "engine/engine.h"\n/*\n#include "engine/engine.h"\n*/\n')

    def test_refuses_macros_and_modules(self):
        self.refuses("src/base/x.cc", '#define H "engine/engine.h"\n#include H\n', "literal", line=2)
        self.refuses("src/base/x.cc", "import <vector>;\n", "literal")

    def test_refuses_public_headers_by_layer(self):
        for folder in ("engine", "cache"):
            self.refuses(f"src/{folder}/x.h", '#include "mimobox/config.h"\n', "public header")
            self.accepts(f"src/{folder}/x.h", '#include "mimobox/result.h"\n')
        for folder in ("base", "wasi", "wasm"):
            self.refuses(f"src/{folder}/x.h", '#include "mimobox/error.h"\n', "public header")

    def test_refuses_wasmtime_outside_engine(self):
        for header in ("<wasmtime.h>", "<wasmtime/store.h>", '"wasmtime.hh"', "<wasm.h>", '"wasm.hh"', "<wasi.h>",
                       "<mimobox_engine.h>", '"mimobox_engine.h"', '"engine/include/mimobox_engine.h"'):
            self.refuses("src/sandbox/x.cc", f"#include {header}\n", "may not include Wasmtime")
            self.accepts("src/engine/x.cc", f"#include {header}\n")
        self.refuses("src/engine/x.cc", '#include "sandbox/wasm.h"\n', "may not include sandbox/")

    def test_public_headers_take_the_standard_library_only(self):
        self.accepts("include/mimobox/x.h", "#include <expected>\n#include <stdint.h>\n")
        for header in ("<unistd.h>", "<sys/types.h>", "<fmt/core.h>", "<nlohmann/json.hpp>"):
            self.refuses("include/mimobox/x.h", f"#include {header}\n", "standard library only")

    def test_cli_takes_its_libraries_only(self):
        self.accepts("src/cli/x.cc", "#include <nlohmann/json.hpp>\n#include <sys/stat.h>\n#include <unistd.h>\n")
        self.refuses("src/cli/x.cc", "#include <openssl/sha.h>\n", "may not include openssl/")

    def test_every_folder_takes_its_libraries_only(self):
        headers = {"openssl": "openssl/sha.h", "fmt": "fmt/format.h", "CLI": "CLI/CLI.hpp", "nlohmann": "nlohmann/json.hpp",
                   "gtest": "gtest/gtest.h", "boost": "boost/asio.hpp"}
        allowed = {"base": {"openssl"}, "wasi": set(), "wasm": set(), "engine": set(), "cache": set(), "sandbox": {"fmt"},
                   "cli": {"CLI", "fmt", "nlohmann"}}
        for folder, libraries in allowed.items():
            text = "".join(f"#include <{header}>\n" for header in headers.values())
            found = self.violations(files={f"src/{folder}/x.cc": text})
            self.assertEqual([line.split()[-1] for line in found], [h for top, h in headers.items() if top not in libraries])
            self.assertTrue(all(f"src/{folder} may not include" in line for line in found), found)

    def test_the_libraries_of_every_folder_are_listed(self):
        self.assertEqual(check_layers.LIBRARIES.keys(), check_layers.ALLOWED.keys())
        self.assertEqual(check_layers.PUBLIC.keys(), check_layers.ALLOWED.keys())

    def test_accepts_headers_of_the_system(self):
        text = "#include <vector>\n#include <fcntl.h>\n#include <link.h>\n#include <sys/stat.h>\n#include <linux/fs.h>\n"
        for folder in ("base", "wasi", "wasm", "engine", "sandbox", "cli"):
            self.accepts(f"src/{folder}/x.cc", text)
        for header in ("zlib.h", "curl.h", "vector.h", "sys/no_such_header.h", "linux/x.txt", "bits/stdc++.h"):
            self.refuses("src/wasi/x.cc", f"#include <{header}>\n")
            self.refuses("src/cli/x.cc", f"#include <{header}>\n")

    def test_examples_take_the_public_headers(self):
        self.accepts("examples/a/x.cc", '#include "mimobox/config.h"\n#include <nlohmann/json.hpp>\n#include <string>\n'
                                        "#include <dirent.h>\n#include <stdio.h>\n")
        for header in ('"sandbox/sandbox.h"', '"base/fd.h"', '"cli/run.h"', '"examples/b/y.h"', "<fmt/core.h>",
                       "<openssl/sha.h>", "<wasmtime.h>", "<mimobox_engine.h>", "<CLI/CLI.hpp>", '"../src/base/fd.h"'):
            self.refuses("examples/a/x.cc", f"#include {header}\n")

    def test_refuses_asking_for_a_header(self):
        for ask in ("__has_include", "__has_include_next", "__has_include ", "__has_embed"):
            self.refuses("src/base/x.h", f'#if {ask}("engine/engine.h")\n#endif\n', "may not include engine/")
            self.refuses("src/base/x.h", f"\n#if 1\n#elif FOO && {ask}( <wasmtime.h> )\n#endif\n", "Wasmtime", line=3)
        self.refuses("src/wasi/x.h", "#if defined(__has_include) && __has_include(<openssl/sha.h>)\n#endif\n", "openssl")
        self.refuses("src/wasi/x.h", "#if __has_include(<vector>) && \\\n  __has_include(<fmt/core.h>)\n#endif\n", "fmt")
        self.refuses("src/wasi/x.h", "#if __has_include(HEADER)\n#endif\n", "literal")
        self.refuses("src/wasi/x.h", "#define ASK __has_include\n", "literal")
        self.accepts("src/base/x.h", "#ifdef __has_include\n#if defined __has_include && __has_include(<vector>)\n"
                                     "#endif\n#endif\n// __has_include(<wasmtime.h>)\n")

    def test_includes_headers_only(self):
        for suffix in (".txt", ".md", ".py", ".rs", ".toml", ".inc", ".def", ".cc", ".c", ".hpp", ".ipp", ""):
            found = self.violations(files={f"src/base/y{suffix}": '', "src/base/x.cc": f'#include "base/y{suffix}"\n'})
            self.assertEqual(len(found), 1, (suffix, found))
            self.assertIn("only headers", found[0])
        self.refuses("src/base/x.cc", "#include <openssl/sha.txt>\n", "only headers")
        self.refuses("src/engine/x.cc", '#include "wasmtime.txt"\n', "only headers")

    def test_refuses_folders_that_the_table_lacks(self):
        found = self.violations(files={"src/server/x.cc": ""})
        self.assertEqual(len(found), 1)
        self.assertIn("not in the table", found[0])
        self.refuses("src/x.cc", "", "belong in a folder")
        self.refuses("include/x.h", "", "belong in a folder")

    def test_checks_every_file_kind(self):
        for suffix in (".h", ".hh", ".hpp", ".hxx", ".cc", ".cpp", ".cxx", ".c", ".inc", ".def", ".ipp", ".S", ""):
            self.refuses(f"src/base/x{suffix}", '#include "engine/engine.h"\n', "may not include")

    def test_checks_nested_folders(self):
        self.refuses("src/wasi/fs/x.cc", '#include "engine/engine.h"\n', "may not include")

    def test_refuses_sources_and_missing_headers(self):
        self.refuses("src/base/x.cc", '#include "base/missing.h"\n', "no such header")
        found = self.violations(files={"src/base/a.cc": "", "src/base/b.cc": '#include "base/a.cc"\n'})
        self.assertIn("only headers", found[0])

    def test_refuses_symbolic_links(self):
        found = self.violations(links={"src/cli/engine.h": "src/engine/engine.h"})
        self.assertEqual(len(found), 1)
        self.assertIn("symbolic link", found[0])

    def test_refuses_cycles(self):
        found = self.violations(files={
            "src/base/a.h": '#include "base/b.h"\n',
            "src/base/b.h": '#include "base/c.h"\n',
            "src/base/c.h": '#include "base/a.h"\n',
        })
        self.assertEqual(len(found), 1)
        self.assertIn("cycle: src/base/a.h -> src/base/b.h -> src/base/c.h -> src/base/a.h", found[0])

    def test_the_table_has_no_cycle(self):
        order = ["base", "engine", "wasi", "wasm", "cache", "sandbox", "bench"]
        for folder, allowed in check_layers.ALLOWED.items():
            name = folder.split("/")[-1]
            for other in allowed:
                self.assertLess(order.index(other), order.index(name))

    def test_a_tree_without_sources_is_an_error(self):
        with tempfile.TemporaryDirectory() as folder:
            self.assertEqual(check_layers.main(folder), 2)


if __name__ == "__main__":
    unittest.main()
