"""Floors: the least that a program in Python pays for the files of a corpus.

`python bench/floor.py read FOLDER` reads every file, `parse` parses each one as well with the C
parser of PyYAML, with no check and no position. It imports nothing of plancast.
"""

from __future__ import annotations

import sys
from pathlib import Path

import yaml


def main(arguments: list[str]) -> int:
    """Read or parse all YAML files below a folder; print their number and bytes."""
    mode, folder = arguments
    files = size = 0
    for path in sorted(Path(folder).rglob("*.yaml")):
        content = path.read_bytes()
        files, size = files + 1, size + len(content)
        if mode == "parse":
            yaml.load(content, yaml.CSafeLoader)  # a safe loader, in C
    print(files, size)
    return 0 if files else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
