#!/usr/bin/env python3
"""Looks whether what README.md, Protocol.md and Tests/README.md link to within the package is there, headings included.

docc does the same for the articles.
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


found = [line for page in ("README.md", "Protocol.md", "Tests/README.md") for line in broken(ROOT / page)]
print("\n".join(found) or "every link leads somewhere")
sys.exit(bool(found))
