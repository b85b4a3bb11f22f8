#!/usr/bin/env python3
"""Names the Rust crates that are linked into the engine, with version, licence and licence texts.

    tools/third_party_notices.py OUTPUT

Reads what cargo knows of engine/Cargo.lock, without network: the packages have been fetched when the engine was
built. A crate counts as linked when normal dependencies lead to it on this target; build scripts and procedural macros run
while compiling and leave nothing of theirs in the library. Texts are those in the packages, each once.
"""
import html
import json
import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
TEXT_NAMES = re.compile(r"(licen[cs]e|copying|copyright|notice|unlicense)", re.IGNORECASE)
LINE = "-" * 100
# Crates that Rust's standard library links for its backtraces and that its own notice leaves out.
OF_THE_STANDARD_LIBRARY = {"adler2": "0BSD OR MIT OR Apache-2.0", "miniz_oxide": "MIT OR Zlib OR Apache-2.0"}


def output_of(*command):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


def metadata(manifest):
    target = re.search(r"^host: (.*)$", output_of("rustc", "-vV"), re.MULTILINE).group(1)
    return json.loads(output_of("cargo", "metadata", "--format-version", "1", "--offline", "--locked",
                                "--filter-platform", target, "--manifest-path", str(manifest)))


def linked_packages(known):
    """The packages that normal dependencies lead to from the root, which is ours and left out."""
    packages = {package["id"]: package for package in known["packages"]}
    nodes = {node["id"]: node for node in known["resolve"]["nodes"]}
    found = set()
    waiting = [known["resolve"]["root"]]
    while waiting:
        name = waiting.pop()
        if name in found or any("proc-macro" in target["kind"] for target in packages[name]["targets"]):
            continue
        found.add(name)
        waiting += [dependency["pkg"] for dependency in nodes[name]["deps"]
                    if any(kind["kind"] is None for kind in dependency["dep_kinds"])]
    found.discard(known["resolve"]["root"])
    return sorted((packages[name] for name in found), key=lambda package: (package["name"], package["version"]))


def licence_texts(package):
    """The files of a package that are licences or notices, by name."""
    folder = pathlib.Path(package["manifest_path"]).parent
    names = sorted(name for name in os.listdir(folder) if TEXT_NAMES.match(name) and (folder / name).is_file())
    named = package.get("license_file")
    if named and named not in names:
        names.append(named)
    return {name: (folder / name).read_text(encoding="utf-8", errors="replace").strip() for name in names}


def title(package):
    """Name and version, and what its library is called where that is something else."""
    for target in package["targets"]:
        name = target["name"].replace("-", "_")
        if "lib" in target["kind"] and name != package["name"].replace("-", "_"):
            return f"{package['name']} {package['version']} ({name})"
    return f"{package['name']} {package['version']}"


def text_of_html(page):
    """What a page says, without its tags and empty lines."""
    plain = html.unescape(re.sub(r"<[^>]*>", "", re.sub(r"<(style|title)>.*?</\1>", "", page, flags=re.DOTALL)))
    lines = [line.rstrip() for line in plain.splitlines()]
    return "\n".join(line for line in lines if line.strip())


def standard_library():
    """What Rust's own installation says about its standard library, which is linked, too."""
    folder = pathlib.Path(output_of("rustc", "--print", "sysroot").strip()) / "share/doc/rust"
    page = folder / "COPYRIGHT-library.html"
    return text_of_html(page.read_text(encoding="utf-8")) if page.is_file() else ""


def notices(packages, rust_version, rust_text):
    lines = ["Third-party software in the engine of mimobox-wasm",
             "",
             "The command and the library contain these Rust crates, linked statically. Texts follow below.",
             ""]
    users = {}  # a text's words to whose it is: many differ in their line breaks only
    text_of = {}
    for package in packages:
        texts = licence_texts(package)
        lines.append(f"{title(package)}: {package['license'] or 'see its text'}"
                     + ("" if texts else " (its package holds no text)"))
        for name, text in texts.items():
            words = " ".join(text.split())
            text_of.setdefault(words, text)
            users.setdefault(words, []).append(f"{package['name']} {package['version']} ({name})")
    lines.append(f"Rust standard library, {rust_version}: MIT OR Apache-2.0, and what its own notice says")
    lines += [f"{name}, of the Rust standard library: {licence}" for name, licence in OF_THE_STANDARD_LIBRARY.items()]
    for words, names in users.items():
        lines += ["", LINE, *names, LINE, text_of[words]]
    if rust_text:
        lines += ["", LINE, f"Rust standard library, {rust_version}", LINE, rust_text]
    return "\n".join(lines) + "\n"


def main(arguments):
    if len(arguments) != 1:
        sys.exit(__doc__)
    packages = linked_packages(metadata(ROOT / "engine/Cargo.toml"))
    version = output_of("rustc", "--version").strip()
    pathlib.Path(arguments[0]).write_text(notices(packages, version, standard_library()), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
