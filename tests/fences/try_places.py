# SPDX-License-Identifier: Apache-2.0
"""TRY stands on its own, as an argument or a returned value: never inside the braces of an object under construction
(there a return from the middle leaks the members already built), and nowhere between clone and execve."""
import re

from source import code_only, files_below, line_of, read

CLOSING = {")": "(", "]": "[", "}": "{"}
STATEMENT = re.compile(r"\s*(if|for|while|do|switch|try|case|default|else|return)\b")
DECLARES = re.compile(r"(^|\s)(namespace|struct|class|union|enum|extern)\b")


def brackets_of(code):
    """(for each offset of TRY: the offsets of the brackets around it, outermost first; for each bracket its end)"""
    stack, around, ends = [], {}, {}
    wanted = {match.start() for match in re.finditer(r"\bTRY(?:_\w+)?\s*\(", code)}
    for offset, char in enumerate(code):
        if offset in wanted:
            around[offset] = list(stack)
        if char in "([{":
            stack.append(offset)
        elif char in ")]}" and stack and code[stack[-1]] == CLOSING[char]:
            ends[stack.pop()] = offset
    return around, ends


def is_block(code, start, ends):
    """Whether the `{` at `start` opens statements or declarations rather than an object's members."""
    end, depth_one, offset = ends.get(start, len(code)), [], start + 1
    while offset < end:
        if code[offset] in "([{" and offset in ends:
            depth_one.append(" ")
            offset = ends[offset] + 1
        else:
            depth_one.append(code[offset])
            offset += 1
    inside = "".join(depth_one)
    if ";" in inside or STATEMENT.match(inside):
        return True
    before = re.split(r"[;{}]", code[:start])[-1]
    return bool(DECLARES.search(before)) or not re.sub(r"\s", "", inside + before)


def stands_in_an_object(code, brackets, ends):
    """Outwards to the first block: what a lambda itself stands in does not matter, its return ends only the lambda."""
    for start in reversed(brackets):
        if code[start] == "{":
            return not is_block(code, start, ends)
    return False


def check(top, build=None):
    problems = []
    for path in files_below(top, ".cpp", ".hpp"):
        if path == "src/base/result.hpp":
            continue  # where it is defined
        code = code_only(read(top, path))
        around, ends = brackets_of(code)
        for offset, brackets in around.items():
            if path.startswith("src/runtime/child/"):
                problems.append(f"{path}:{line_of(code, offset)}: no TRY between clone and execve")
            elif stands_in_an_object(code, brackets, ends):
                problems.append(f"{path}:{line_of(code, offset)}: TRY inside the braces of an object: bind it to a name first")
    return problems


SAMPLES = [
    ({"src/base/a.cpp": "Result<X> f() {\n    return X{TRY(g())};\n}\n"}, "src/base/a.cpp:2"),
    ({"src/base/a.cpp": "Result<X> f() {\n    X x{.a = 1, .b = h(TRY(g()))};\n    return x;\n}\n"}, "src/base/a.cpp:2"),
    ({"src/base/a.cpp": "Result<X> f() {\n    take({1, TRY(g())});\n    return {};\n}\n"}, "src/base/a.cpp:2"),
    ({"src/runtime/child/a.cpp": "Result<> f() { TRY(g()); return {}; }\n"}, "between clone and execve"),
    ({"src/base/a.cpp": "namespace a {\nstruct S : B {\n    Result<> f() const {\n        if (x) {\n            for (auto c : TRY(l())) { TRY(g(c)); }\n"
                        "        }\n        else { return g(h(TRY(k()))); }\n    }\n};\n}  // TRY(x) in {TRY(y)}\n"
                        "auto l = [&] { return TRY(x()); };\nconst F table[] = {{\"a\", [](A a) { return X(TRY(g(a))); }}};\n"}, None),
]
