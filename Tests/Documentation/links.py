#!/usr/bin/env python3
"""Looks whether what README.md, Protocol.md and Tests/README.md link to within the package is there, headings included,
and whether the tests are that the article Features names.

docc does the first for the articles.
"""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent


def anchors(path):
    """The names that GitHub gives to a page's headings."""
    found = re.findall(r"^#+ (.*)$", path.read_text(), re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in found}


def broken(page):
    for number, line in enumerate(page.read_text().split("\n"), 1):
        for link in re.findall(r"\]\(([^)\s]+)\)", line):
            if re.match(r"[a-z]+:", link):
                continue
            path, _, anchor = link.partition("#")
            target = page.parent / path if path else page
            if not target.exists() or (anchor and anchor not in anchors(target)):
                yield f"{page.relative_to(ROOT)}:{number}: error: {link} is not there"


def unseen():
    """The rows of the article Features whose test is not there."""
    page = ROOT / "Sources/SocketIO/SocketIO.docc/Features.md"
    files = [path for path in (ROOT / "Tests").rglob("*") if path.suffix in (".py", ".swift")]
    for number, line in enumerate(page.read_text().split("\n"), 1):
        cells = [cell.strip() for cell in line.split("|")]
        if not line.startswith("|") or len(cells) == 5 and (cells[2] in ("here", "---") or cells[2].startswith("no")):
            continue
        if len(cells) != 5:
            yield f"{page.relative_to(ROOT)}:{number}: error: a row has three columns"
            continue
        named = re.fullmatch(r"`(\w+)`: (.*)", cells[3])
        text = "".join(path.read_text() for path in files if named and path.stem == named[1])
        if not named or f"func `{named[2]}`" not in text and f"def {named[2]}(" not in text:
            yield f"{page.relative_to(ROOT)}:{number}: error: there is no test {cells[3] or 'named'}"


found = list(unseen())
found += [line for page in ("README.md", "Protocol.md", "Tests/README.md") for line in broken(ROOT / page)]
print("\n".join(found) or "every link leads somewhere")
sys.exit(bool(found))
