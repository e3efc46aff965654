#!/usr/bin/env python3
"""Lists the public symbols of a symbol graph that have no comment, and fails if there are any.

Left out is what the compiler made, and what takes its comment from the protocol or class that it comes from.
"""

import json
import sys

with open(sys.argv[1]) as file:
    graph = json.load(file)
inherited = {relation["source"] for relation in graph["relationships"] if "sourceOrigin" in relation}
bare = [
    symbol for symbol in graph["symbols"]
    if "docComment" not in symbol and "::SYNTHESIZED::" not in symbol["identifier"]["precise"]
    and symbol["identifier"]["precise"] not in inherited
]
for symbol in bare:
    where = symbol.get("location", {})
    path = where.get("uri", "?").split("/Sources/")[-1]
    line = where.get("position", {}).get("line", -1) + 1
    print(f"Sources/{path}:{line}: error: no comment on {'.'.join(symbol['pathComponents'])}")
sys.exit(bool(bare))
