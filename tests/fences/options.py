# SPDX-License-Identifier: Apache-2.0
"""Every option that a command line offers is typed by some story. The options are asked of the programs themselves:
`skiff completion bash` and `skiff-runtime VERB --help` are made from their tables."""
import os
import re
import subprocess

from source import files_below, read

# These are one table: what a story types behind the one is the other's option, too.
SAME_TABLE = {("skiff", "run"): "create", ("skiff-runtime", "run"): "birth", ("skiff-runtime", "create"): "birth"}


class Table:
    """The options of one command: each name, the letters that stand for one, and which of them take a value."""
    def __init__(self, ends_at_argument):
        self.names, self.letters, self.valued, self.ends_at_argument = [], {}, set(), ends_at_argument

    def add(self, name, letter, takes_value):
        if name == "help":
            return
        self.names.append(name)
        if letter:
            self.letters[letter] = name
        if takes_value:
            self.valued.add(name)


def tables_of_completion(text):
    """{("skiff", COMMAND): Table}; the command "" has the global options."""
    def table(options, valued, ends):
        made, takes = Table(ends), set(valued.split("|"))
        words = options.split()
        for word, after in zip(words, words[1:] + [""]):
            if word.startswith("--"):
                letter = after[1] if re.fullmatch(r"-\w", after) else ""
                made.add(word[2:], letter, word in takes)
        return made

    found = {}
    top = re.search(r"''\) .*compgen -W '([^']*)'", text)
    if top:
        options = " ".join(word for word in top[1].split() if word.startswith("-"))
        found["skiff", ""] = table(options, "--root|--runroot|--log-level", True)
    for match in re.finditer(r"^ +'([\w-]+(?: [\w-]+)?)'\) options='([^']*)' valued='([^']*)'", text, re.M):
        if match[1].split()[0] in ("container", "image") or match[1] in ("system events", "system info"):  # other names of commands that have their own line
            continue
        found["skiff", match[1]] = table(match[2], match[3], match[1] in ("run", "create", "exec", "ns exec"))
    return found


def table_of_help(text, ends):
    """The Table in what `skiff-runtime VERB --help` prints."""
    made = Table(ends)
    for match in re.finditer(r"^ +(?:-(\w), |    )--([\w-]+)(?: (\S+))?  ", text, re.M):
        made.add(match[2], match[1], bool(match[3]))
    return made


def ask(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def tables_of_programs(folder):
    tables = tables_of_completion(ask(f"{folder}/skiff", "completion", "bash"))
    text = ask(f"{folder}/skiff-runtime", "--help")
    tables["skiff-runtime", ""] = table_of_help(text, True)
    for verb in re.findall(r"^  (\w+) ", text.split("verbs:")[1], re.M):
        tables["skiff-runtime", verb] = table_of_help(ask(f"{folder}/skiff-runtime", verb, "--help"), verb == "exec")
    return tables


def with_functions_unfolded(text):
    """Stories call the programs through functions such as `rt() { skiff-runtime --root "$STATES" "$@"; }`."""
    for _ in range(3):
        for name, body in re.findall(r'^ *(\w+)\(\) \{[^\n]*?\b((?:skiff|skiff-runtime) [^;|&\n]*?)"\$@"', text, re.M):
            text = re.sub(rf"(?<![\w./-]){name}(?= )(?!\(\))", lambda _: body.strip(), text)
    return text


_token = re.compile(r"""(?:"(?:\\.|[^"\\])*"|'[^']*'|\\.|[^\s;|&()<>"'])+|[;|&()<>]|["']""")


def commands_in(text):
    """(program, words behind it) for each call."""
    text = re.sub(r"^\s*#.*$", "", text, flags=re.M).replace("\\\n", " ")
    for match in re.finditer(r"(?<![\w./-])(skiff|skiff-runtime) +(?=\S)", with_functions_unfolded(text)):
        words = []
        rest = with_line_end(match)
        for token in _token.findall(rest):
            if token in tuple(";|&()<>\"'"):
                break
            words.append(token.strip("\"'"))
        yield match[1], words


def with_line_end(match):
    end = match.string.find("\n", match.end())
    return match.string[match.end():end if end >= 0 else None]


def read_options(table, words):
    """The names of options among the words, and the words behind them."""
    used, rest, i = set(), [], 0
    while i < len(words):
        word = words[i]
        i += 1
        if word.startswith("--") and len(word) > 2:
            name, _, value = word[2:].partition("=")
            used.add(name)
            i += name in table.valued and "=" not in word
        elif re.match(r"-\w", word):
            for place, letter in enumerate(word[1:], 1):
                name = table.letters.get(letter)
                used.add(name)
                if name in table.valued:
                    i += place == len(word) - 1
                    break
        else:
            rest.append(word)
            if table.ends_at_argument:
                return used, rest + words[i:]
    return used, rest


def typed_options(tables, text):
    """{(program, command, option)} of what a story types."""
    typed = set()
    for program, words in commands_in(text):
        used, words = read_options(tables[program, ""], words)
        typed |= {(program, "", name) for name in used}
        if words and words[0] in ("container", "image") and len(words) > 1:
            words = words[1:]
        taken = 2 if (program, " ".join(words[:2])) in tables else 1  # "ns ls"
        command = " ".join(words[:taken])
        if not words or (program, command) not in tables:
            continue
        used, _ = read_options(tables[program, command], words[taken:])
        typed |= {(program, SAME_TABLE.get((program, command), command), name) for name in used}
    return typed


def untyped(tables, text):
    typed = typed_options(tables, text)
    for (program, command), table in sorted(tables.items()):
        for name in table.names:
            key = (program, SAME_TABLE.get((program, command), command), name)
            if key not in typed:
                typed.add(key)  # once
                yield f"{program} {command} --{name}".replace("  ", " ")


def check(top, build=None):
    folder = os.environ.get("SKIFF_BIN", os.path.join(top, "build/bin"))
    if not build:
        return []
    if not os.path.exists(f"{folder}/skiff"):
        return [f"no programs in {folder}: build first"]
    stories = files_below(top, ".bats", ".bash", under="tests/stories") + files_below(top, ".bats", under="tests/interop")
    text = "\n".join(read(top, path) for path in stories)
    return [f"{option}: no story types it: show what it does inside the container or in the kernel" for option in untyped(tables_of_programs(folder), text)]


def self_test():
    completion = ("        '') mapfile -t COMPREPLY < <(compgen -W 'run ps --help --root' -- \"$current\"); return ;;\n"
                  "        'run') options='--help --cpu-shares -c --detach -d --env -e --name' valued='--cpu-shares|-c|--env|-e|--name' kind=images ;;\n"
                  "        'ns ls') options='--help --tree --format' valued='--format' kind=files ;;\n"
                  "        'ps') options='--help --all -a --quiet -q' valued='' kind=files ;;\n")
    tables = tables_of_completion(completion)
    story = ('in_box() { run skiff run "$@"; }\n'
             "@test x {\n    # skiff ps --all\n    in_box -de A=1 busybox sh -c 'echo'\n    skiff --root /x ps | grep -q a\n    skiff ns ls --tree\n    x=$(skiff ps -q)\n}\n")
    expected = ["skiff ns ls --format", "skiff ps --all", "skiff run --cpu-shares", "skiff run --name"]
    found = list(untyped(tables, story))
    wrong = [] if found == expected else [f"expected {expected}, found {found}"]
    told = table_of_help("usage: x\n      --cwd DIR    the directory\n  -d, --detach     go on\n  -h, --help       this\n", True)
    if told.names != ["cwd", "detach"] or told.valued != {"cwd"} or told.letters != {"d": "detach"}:
        wrong.append(f"misreads the help: {vars(told)}")
    return wrong


SAMPLES = []
