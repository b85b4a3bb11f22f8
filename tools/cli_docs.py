#!/usr/bin/env python3
"""Makes the man page and the completions for bash, zsh and fish out of the command's own --help texts.

Usage: cli_docs.py --version V --output DIR -- COMMAND...

Asks COMMAND --help, then each command that its "Commands:" section names, and theirs. Writes DIR/man/NAME.1 and
DIR/completions/NAME.{bash,zsh,fish}. A help text is paragraphs and sections; a section begins with a line
"Title:" or "Title: some words" at the left edge, and its lines are indented:

    Options:                                       Commands:
      -v, --verbose        What it does              run   What it does
      --timeout TIME       What it does, and more
                           of it on the next line

"Usage:" gives the synopsis; a section of any title whose first line is an option holds options; the others, as
"Examples:" and "Exit status:", are shown as they are. What an option takes is told by its placeholder: FILE
or PATH or MODULE a file, DIR or HOST a folder, a|b|c one of these.
"""
import argparse
import dataclasses
import pathlib
import re
import subprocess
import sys

HEADING = re.compile(r"^([A-Z][A-Za-z ]*):(?:\s+(.*))?$")
OPTION = re.compile(r"^(?:(-[A-Za-z0-9]), )?(--?[A-Za-z0-9][A-Za-z0-9-]*)(?:(?:[ =]|(?=\[))(\S.*))?$")
VERBATIM = {"Examples", "Exit status"}
FILES = {"FILE", "PATH", "MODULE"}
FOLDERS = {"DIR", "FOLDER", "HOST"}


@dataclasses.dataclass
class Option:
    short: str  # "-v" or ""
    long: str  # "--verbose" or ""
    value: str  # "TIME" or ""
    text: str

    def names(self):
        return [name for name in (self.short, self.long) if name]

    def kind(self):
        """What completes the value: "", "none", "file", "folder" or the list of choices."""
        if not self.value or self.value.startswith("["):  # --json[=FILE]: never the next word
            return ""
        if re.fullmatch(r"[\w.-]+(\|[\w.-]+)+", self.value):
            return self.value.split("|")
        word = re.match(r"[A-Za-z]*", self.value).group(0).upper()
        return "file" if word in FILES else "folder" if word in FOLDERS else "none"


@dataclasses.dataclass
class Section:
    title: str
    lead: str
    lines: list  # without the common indentation


@dataclasses.dataclass
class Help:
    path: list  # of commands: [] for the command itself
    text: str
    usage: list
    paragraphs: list
    sections: list
    options: list
    commands: list  # (name, text)
    children: list = dataclasses.field(default_factory=list)

    def name(self):
        return " ".join(self.path)


def dedent(lines):
    while lines and not lines[-1].strip():
        lines.pop()
    indents = [len(line) - len(line.lstrip()) for line in lines if line.strip()]
    return [line[min(indents, default=0):] for line in lines]


def entries(lines, starts):
    """(head, text) of each entry: two columns with two or more spaces between, later lines deeper."""
    found = []
    for line in lines:
        if not line.strip():
            continue
        head, text = (re.split(r"\s{2,}", line.strip(), maxsplit=1) + [""])[:2]
        if starts(line, head):
            found.append([head, text])
        elif found:
            found[-1][1] = f"{found[-1][1]} {line.strip()}".strip()
    return found


def parse(text, path=()):
    """A help text, taken apart. Nothing is refused: what is not understood is shown as it is."""
    usage, paragraphs, sections = [], [[]], []
    section = None
    for line in text.splitlines():
        line = line.rstrip()
        heading = HEADING.match(line)
        if heading and not (heading[1] == "Usage" and usage):
            section = Section(heading[1], heading[2] or "", [])
            sections.append(section)
        elif section is not None and (not line or line[0] == " "):
            section.lines.append(line)
        else:
            section = None
            if line:
                paragraphs[-1].append(line)
            elif paragraphs[-1]:
                paragraphs.append([])
        if section is None and not line and paragraphs[-1]:
            paragraphs.append([])
        if section is not None and not line and section.title == "Usage":
            section = None
    options, commands, others = [], [], []
    for section in sections:
        section.lines = dedent(section.lines)
        if section.title == "Usage":
            usage += [section.lead.strip()] * bool(section.lead) + [line.strip() for line in section.lines]
        elif section.title == "Commands":
            commands += entries(section.lines, lambda line, _: not line.startswith(" "))
        else:
            # "-v, --verbose", or "    --verbose" below such; what is further right belongs to the text above.
            heads = entries(section.lines, lambda line, head: bool(OPTION.match(head)) and line[:5].strip() != "")
            if heads and section.title not in VERBATIM and section.lines[0].startswith("-"):
                for head, words in heads:
                    short, name, value = OPTION.match(head).groups(default="")
                    if not short and not name.startswith("--"):
                        short, name = name, ""
                    options.append(Option(short, name, value, words))
            else:
                others.append(section)
    return Help(list(path), text, usage, [p for p in paragraphs if p], others, options,
                [(head.split()[0], words) for head, words in commands])


def ask(command, path=()):
    """The help of COMMAND PATH and of what is below it; None when there is none of its own."""
    run = subprocess.run([*command, *path, "--help"], stdin=subprocess.DEVNULL, capture_output=True, timeout=60)
    if run.returncode != 0:
        return None
    return parse(run.stdout.decode(), path)


def collect(command, path=(), above=None):
    """The tree of helps; a command that prints the help of the one above has no options of its own."""
    found = ask(command, path)
    if found is None or (above is not None and found.text == above.text):
        return parse("", path) if path else None
    if len(path) < 3:
        found.children = [collect(command, [*path, name], found) for name, _ in found.commands]
    return found


def flatten(tree):
    return [tree] + [below for child in tree.children for below in flatten(child)]


# ---- man page ----

def roff(text):
    text = text.replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq").replace("`", "\\(ga")
    return re.sub(r"^(?=\.)", r"\\&", text, flags=re.MULTILINE)


def roff_option(option):
    names = ", ".join(f"\\fB{roff(name)}\\fR" for name in option.names())
    gap = "" if option.value.startswith("[") else " "
    return names + (f"{gap}\\fI{roff(option.value)}\\fR" if option.value else "")


def roff_paragraphs(paragraphs):
    return [line for words in paragraphs for line in (".PP", *(roff(word) for word in words))]


def roff_verbatim(section):
    out = [".PP", roff(section.lead)] if section.lead else []
    return out + [".PP", ".nf", ".RS 4", *(roff(line) for line in section.lines), ".RE", ".fi"]


def roff_options(options):
    return [line for option in options for line in (".TP", roff_option(option), roff(option.text))]


def man_page(name, version, tree):
    summary = " ".join(tree.paragraphs[0]).rstrip(".") if tree.paragraphs else name
    out = [f'.TH {roff(name.upper())} 1 "" "{roff(name)} {roff(version)}" "User Commands"', ".SH NAME",
           f"{roff(name)} \\- {roff(summary[0].lower() + summary[1:])}", ".SH SYNOPSIS"]
    for i, line in enumerate(tree.usage):
        out += [".br"] * bool(i) + [f"\\fB{roff(name)}\\fR{roff(line.removeprefix(name))}"]
    out += [".SH DESCRIPTION", *roff_paragraphs(tree.paragraphs)]
    if tree.options:
        out += [".SH OPTIONS", *roff_options(tree.options)]
    if tree.commands:
        out.append(".SH COMMANDS")
    about = {" ".join([*node.path, command]): text for node in flatten(tree) for command, text in node.commands}
    for node in flatten(tree)[1:]:
        out.append(f".SS {roff(node.name())}")
        if node.usage:
            out += [".PP", *(f"\\fB{roff(name)}\\fR{roff(line.removeprefix(name))}" for line in node.usage)]
        if node.paragraphs:
            out += roff_paragraphs(node.paragraphs)
        elif about.get(node.name()):
            out += [".PP", roff(about[node.name()])]
        out += roff_options(node.options)
    shared = {}
    for node in flatten(tree):
        for section in node.sections:
            shared.setdefault(section.title, []).append((node, section))
    order = {"Exit status": 0, "Examples": 2}
    for title, parts in sorted(shared.items(), key=lambda item: order.get(item[0], 1)):
        out.append(f".SH {roff(title.upper())}")
        for node, section in parts:
            if len(parts) > 1 and node.path:
                out.append(f".SS {roff(node.name())}")
            out += roff_verbatim(section)
    # A paragraph begins with its heading anyway.
    kept = [line for i, line in enumerate(out) if line != ".PP" or not out[i - 1].startswith((".SH", ".SS"))]
    return "\n".join(kept) + "\n"


# ---- completions ----

def sh_quote(text):
    return "'" + text.replace("'", "'\\''") + "'"


def identifier(name):
    return "_" + re.sub(r"\W", "_", name)


def bash(name, tree):
    nodes = flatten(tree)
    words, values, paths = [], [], []
    for node in nodes:
        key = sh_quote(node.name())
        listed = [n for option in node.options for n in option.names()]
        below = " ".join(command for command, _ in node.commands)
        words.append(f"    {key}) options={sh_quote(' '.join(listed))} commands={sh_quote(below)} ;;")
        if node.path:
            paths.append(key)
        for option in node.options:
            kind = option.kind()
            if kind:
                action = kind if isinstance(kind, str) else " ".join(kind)
                pattern = "|".join(sh_quote(f"{node.name()} {n}".strip()) for n in option.names())
                values.append(f"    {pattern}) printf '%s' {sh_quote(action)} ;;")
    function = identifier(name)
    return f"""# bash completion for {name}; made by tools/cli_docs.py
{function}_value() {{  # what the option $2 of the command $1 takes
  case "${{1:+$1 }}$2" in
{chr(10).join(values) or "    *) ;;"}
  esac
}}

{function}() {{
  local current=${{COMP_WORDS[COMP_CWORD]}} command="" options commands takes="" positional="" i word
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; ++i)); do
    word=${{COMP_WORDS[i]}}
    if [[ -n $takes ]]; then
      takes=""
    elif [[ $word = -* ]]; then
      takes=$({function}_value "$command" "$word")
    else
      case "${{command:+$command }}$word" in
        {"|".join(paths) or "''"}) command="${{command:+$command }}$word" ;;
        *) positional=1; break ;;
      esac
    fi
  done
  [[ -z $positional ]] || return 0  # the guest's: file names, by -o default
  case "$command" in
{chr(10).join(words)}
  esac
  case "$takes" in
    "") ;;
    none) compopt +o default 2>/dev/null; return 0 ;;
    file) return 0 ;;
    folder) compopt -o dirnames +o default 2>/dev/null; return 0 ;;
    *) COMPREPLY=($(compgen -W "$takes" -- "$current")); return 0 ;;
  esac
  if [[ $current = -* ]]; then
    COMPREPLY=($(compgen -W "$options" -- "$current"))
  else
    COMPREPLY=($(compgen -W "$commands" -- "$current"))
  fi
}}
complete -o default -F {function} {name}
"""


def zsh_text(text):
    return re.sub(r"([\\\[\]:])", r"\\\1", text)


def zsh_specs(options):
    for option in options:
        kind = option.kind()
        action = ""
        if kind:
            if isinstance(kind, list):
                completer = "(" + " ".join(kind) + ")"
            else:
                completer = {"none": " ", "file": "_files", "folder": "_files -/"}[kind]
            action = f":{zsh_text(option.value)}:{completer}"
        for name in option.names():
            others = "(" + " ".join(option.names()) + ")" if len(option.names()) > 1 else ""
            repeatable = "*" if re.search(r"\brepeated\b|\bagain\b", option.text) else ""
            others = "" if repeatable else others
            yield sh_quote(f"{others}{repeatable}{name}[{zsh_text(option.text)}]{action}")


def zsh(name, tree):
    function = identifier(name)
    out = [f"#compdef {name}", "# zsh completion; made by tools/cli_docs.py", ""]
    for node in reversed(flatten(tree)):
        here = identifier(" ".join([name, *node.path]))
        specs = list(zsh_specs(node.options))
        out.append(f"{here}() {{")
        if node.commands:
            listed = " ".join(sh_quote(f"{c}:{t}") for c, t in node.commands)
            out += ["  local curcontext=$curcontext state line", "  local -a commands",
                    f"  commands=({listed})",
                    "  " + " \\\n    ".join(["_arguments -C", *specs, "'1: :->first'", "'*:: :->rest'"]),
                    "  case $state in", "    first)", "      _describe -t commands command commands",
                    "      _files ;;", "    rest)", "      case $line[1] in"]
            for command, _ in node.commands:
                out.append(f"        {command}) {identifier(' '.join([name, *node.path, command]))} ;;")
            out += ["        *) _files ;;", "      esac ;;", "  esac"]
        else:
            out.append("  " + " \\\n    ".join(["_arguments -A '-*'", *specs, "'*: :_files'"]))
        out += ["}", ""]
    out.append(f'{function} "$@"')
    return "\n".join(out) + "\n"


def fish(name, tree):
    out = [f"# fish completion for {name}; made by tools/cli_docs.py"]
    for node in flatten(tree):
        if node.path:
            seen = "; and ".join(f"__fish_seen_subcommand_from {word}" for word in node.path)
        else:
            seen = "__fish_use_subcommand"
        for command, text in node.commands:
            condition = seen
            if node.path:
                names = " ".join(c for c, _ in node.commands)
                condition = f"{seen}; and not __fish_seen_subcommand_from {names}"
            out.append(f"complete -c {name} -n {sh_quote(condition)} -a {command} -d {fish_quote(text)}")
        for option in node.options:
            line = f"complete -c {name} -n {sh_quote(seen)}"
            for n in option.names():
                line += f" -l {n[2:]}" if n.startswith("--") else f" -s {n[1:]}"
            kind = option.kind()
            if isinstance(kind, list):
                line += f" -x -a {fish_quote(' '.join(kind))}"
            elif kind:
                line += {"none": " -x", "file": " -r -F", "folder": " -x -a '(__fish_complete_directories)'"}[kind]
            out.append(f"{line} -d {fish_quote(option.text)}")
    return "\n".join(out) + "\n"


def fish_quote(text):
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--version", required=True)
    parser.add_argument("--output", required=True, type=pathlib.Path)
    parser.add_argument("command", nargs="+")
    arguments = parser.parse_args()
    name = pathlib.PurePath(arguments.command[-1]).name

    tree = collect(arguments.command)
    if tree is None or not tree.commands:
        sys.exit(f"cli_docs: {name} --help lists no commands")
    if not any(node.options for node in flatten(tree)):
        sys.exit(f"cli_docs: the help texts of {name} list no options")
    files = {f"man/{name}.1": man_page(name, arguments.version, tree),
             f"completions/{name}.bash": bash(name, tree),
             f"completions/{name}.zsh": zsh(name, tree),
             f"completions/{name}.fish": fish(name, tree)}
    for path, text in files.items():
        path = arguments.output / path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


if __name__ == "__main__":
    main()
