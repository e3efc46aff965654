#!/usr/bin/env python3
"""Compiles the Swift code of README.md, of the articles and of the doc comments, so that it cannot drift.

    Tests/Documentation/snippets.py MODULES SCRATCH [PART OF A PATH]…

MODULES is the folder with the built modules, as `.build/debug/Modules`. A snippet that imports something is a program: it
compiles alone, as `main.swift` (or without one where it has `@main` or tests, which have the document's declarations too).
All other snippets of a document are one module:
declarations at their margin are the module's, the rest becomes a function each. What such snippets need not say is in
Given/. In the last column of a table below `<!-- swift table -->` each piece of code is a statement. `…` stands for what
is left out. A comment before a snippet says more: `<!-- client -->` or `<!-- redis -->`: that side's Given goes with it in a
document of the server; `<!-- not compiled: REASON -->`.
"""

import collections
import concurrent.futures
import pathlib
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
IMPORTS = {
    "Server": ["SocketIO", "GivenServer", "Foundation", "Synchronization"],
    "Client": ["SocketIOClient", "GivenClient", "Foundation", "Observation"],
    "Testing": ["SocketIOTesting", "GivenTesting", "Testing"],
    "Redis": ["SocketIORedis", "SocketIO", "GivenRedis"],
}
SETTINGS = ["-swift-version", "6", "-enable-upcoming-feature", "MemberImportVisibility", "-Onone"]

# The snippets of a side's comments are one document, whatever file they are in.
Snippet = collections.namedtuple("Snippet", "side document path line code is_cell")

DECLARATION = re.compile(
    r"(@\w+(\([^)]*\))? )*((public|private|fileprivate|nonisolated|final|indirect) )*"
    r"(extension|struct|class|actor|enum|protocol|func|typealias)\b|@(main|MainActor|Suite|Test)\b[^{]*$"
)

# What a snippet makes of its values is the reader's.
EXPECTED = re.compile("never (used|mutated|read)|is unused|never be executed")


def side_of(path):
    return next((side for side in ("Client", "Testing", "Redis") if f"SocketIO{side}" in str(path)), "Server")


def markdown_snippets(path, text):
    side = side_of(path)
    lines = text.split("\n")
    note, is_table = "", False
    number = 0
    while number < len(lines):
        line = lines[number].strip()
        number += 1
        if line.startswith("<!--"):
            note = line
        elif line.startswith("|"):
            is_table = is_table or "swift table" in note
            note = ""
            if is_table:
                cell = line.replace(r"\|", "\0").rstrip("|").split("|")[-1].replace("\0", "|")
                for code in re.findall(r"(?<!`)`([^`]+)`(?!`)", cell):
                    yield Snippet(side, path, path, number, code, True)
        elif line.startswith("```"):
            end = next(n for n in range(number, len(lines)) if lines[n].strip() == "```")
            if line == "```swift" and "not compiled" not in note:
                whose = next((side for side in ("Client", "Redis") if side.lower() in note), side)
                yield Snippet(whose, path, path, number + 1, "\n".join(lines[number:end]), False)
            note, is_table, number = "", False, end + 1
        elif line:
            note, is_table = "", False


def comment_snippets(path, text):
    side = side_of(path)
    for found in re.finditer(r"^ *///? ```swift\n((?: *///.*\n)*?) */// ```$", text, re.M):
        code = re.sub(r"^ */// ?", "", found[1], flags=re.M)
        line = text.count("\n", 0, found.start(1)) + 1
        yield Snippet(side, "doc comments", path, line, code, False)


def snippets():
    for path in [ROOT / "README.md", *sorted(ROOT.glob("Sources/*/*.docc/**/*.md"))]:
        yield from markdown_snippets(path.relative_to(ROOT), path.read_text())
    for module in ("SocketIO", "SocketIOClient", "SocketIOTesting", "SocketIORedis", "SocketIOEvents", "EngineIO", "SocketIOWire"):
        for path in sorted(ROOT.glob(f"Sources/{module}/**/*.swift")):
            yield from comment_snippets(path.relative_to(ROOT), path.read_text())


def split(code):
    """The declarations at the margin, and the rest, each with as many lines as `code`, so that lines keep their numbers."""
    declarations, statements = [], []
    depth, is_declaration = 0, False
    for line in code.split("\n"):
        if depth == 0 and not is_declaration:
            is_declaration = bool(DECLARATION.match(line))
        depth += line.count("{") - line.count("}")
        declarations.append(line if is_declaration else "")
        statements.append("" if is_declaration else line)
        # `@main` and its kind stand alone on a line, before what they belong to.
        if depth == 0 and "}" in line:
            is_declaration = False
    return "\n".join(declarations), "\n".join(statements)


def located(snippet, code):
    return f'#sourceLocation(file: "{snippet.path}", line: {snippet.line})\n{code}\n#sourceLocation()\n'


def readied(code):
    """Without what stands for something else: an ellipsis, and the reader's own module."""
    code = re.sub(r"^@testable import .*$", "", code, flags=re.M)
    return re.sub(r"^( *)…$", r"\1", code, flags=re.M).replace("{ … }", "{}").replace(" … }", " }").replace(" …", "")


def declarations_before(number, found):
    """What the same document has declared above."""
    above = [s for s in found[:number] if s.document == found[number].document and not s.is_cell]
    code = [split(readied(s.code))[0] for s in above if "@Test" not in s.code]
    return "".join(f"import {module}\n" for module in IMPORTS[found[number].side]) + "\n".join(code)


def units(found):
    """Each module to compile: its name and its files, by name."""
    documents = collections.defaultdict(list)
    for number, snippet in enumerate(found):
        snippet = snippet._replace(code=readied(snippet.code))
        if re.search(r"^import ", snippet.code, re.M):
            is_script = "@main" not in snippet.code and "@Test" not in snippet.code
            files = {"main.swift" if is_script else "Program.swift": located(snippet, snippet.code)}
            if "@Test" in snippet.code:
                files["Declarations.swift"] = declarations_before(number, found)
            yield f"Program{number}", files
        else:
            documents[snippet.side, snippet.document].append(snippet)
    for number, ((side, document), parts) in enumerate(documents.items()):
        files, seen = {}, set()
        for index, snippet in enumerate(parts):
            declarations, statements = ("", cell(snippet.code)) if snippet.is_cell else split(snippet.code)
            # What a document repeats for its reader is declared once.
            if declarations.strip() in seen:
                declarations = ""
            seen.add(declarations.strip())
            if statements.strip():
                statements = f"func snippet{index}() async throws {{\n{located(snippet, statements)}}}\n"
            imports = "".join(f"import {module}\n" for module in IMPORTS[side])
            files[f"Snippet{index}.swift"] = imports + located(snippet, declarations) + statements
        yield f"Document{number}", files


def cell(code):
    """A piece of code in a table as a statement; nothing if it is a name, or a part of what the sentence is about."""
    if code[0] in ".{" or re.fullmatch(r"\w+", code):
        return ""
    return f"_ = {code}" if re.fullmatch(r"[\w.]+", code) else code


class Compiler:
    def __init__(self, modules, scratch):
        self.modules, self.scratch = modules, scratch
        scratch.mkdir(parents=True, exist_ok=True)
        self.flags = [*SETTINGS, "-I", str(modules), "-I", str(scratch), "-I", str(ROOT / "Sources/CLinux")]

    def give(self):
        """Builds the modules of what is given."""
        given = {f"Given{side}": HERE / f"Given/{side}.swift" for side in IMPORTS}
        given |= {path.stem: path for path in (HERE / "Given/Packages").glob("*.swift")}
        for name, path in given.items():
            yield from self.run(
                "-emit-module", "-parse-as-library", "-module-name", name, "-o", str(self.scratch / f"{name}.swiftmodule"),
                str(path))

    def compile(self, name, files):
        folder = self.scratch / name
        folder.mkdir(exist_ok=True)
        for old in folder.iterdir():
            old.unlink()
        for file, text in files.items():
            (folder / file).write_text(text)
        library = [] if "main.swift" in files else ["-parse-as-library"]
        paths = [str(folder / file) for file in files]
        return self.run("-emit-sil", "-wmo", "-o", "/dev/null", *library, "-module-name", name, *paths)

    def run(self, *arguments):
        done = subprocess.run(
            ["swiftc", *self.flags, *arguments], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        complaints = [line for line in done.stdout.split("\n") if re.search(r": (error|warning): ", line)]
        complaints = [line for line in complaints if ": error: " in line or not EXPECTED.search(line)]
        return complaints or ([] if done.returncode == 0 else [done.stdout])


def main(modules, scratch, *parts):
    found = [s for s in snippets() if not parts or any(part in str(s.path) for part in parts)]
    compiler = Compiler(pathlib.Path(modules), pathlib.Path(scratch))
    complaints = list(compiler.give())
    if not complaints:
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            results = pool.map(lambda unit: compiler.compile(*unit), list(units(found)))
            complaints = [line for result in results for line in result]
    print("\n".join(complaints) if complaints else f"{len(found)} snippets compile")
    return bool(complaints)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
