"""Measures how the package is built: sizes of folders, files and functions, feelers, circles, words.

Only the source is read. As a program::

    python tests/structure/measure.py           print a table of what is beyond the limits
    python tests/structure/measure.py --shrink  lower known.json to what is there today

``test_structure.py`` holds the limits. ``known.json`` has what is still beyond them; it only shrinks.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

if not __package__:  # run as a program
    sys.path.insert(0, str(Path(__file__).parents[1]))

from structure.circles import import_circles
from structure.package_sources import PACKAGE, Finding, Source, sources
from structure.sizes import full_folders, long_files, long_functions, wide_constructors
from structure.words import (
    code_in_faces,
    comments_of_rooms,
    feelers,
    few_comments,
    old_constant_names,
    old_messages,
    positional_constants,
)

KNOWN = Path(__file__).with_name("known.json")

Measure = Callable[[tuple[Source, ...]], Iterator[Finding]]
FEW_COMMENTS = "rooms with few comments"
MEASURES: dict[str, Measure] = {
    "folders with too many files": full_folders,
    "files with too many lines": long_files,
    "functions with too many lines": long_functions,
    "constructors with too many parameters": wide_constructors,
    "code in __init__ files": code_in_faces,
    FEW_COMMENTS: few_comments,
    "feelers": feelers,
    "constants read by number": positional_constants,
    "old names of constants": old_constant_names,
    "old messages": old_messages,
    "import circles": import_circles,
}


def measure(root: Path = PACKAGE) -> dict[str, dict[str, float]]:
    """Return, for each measure, key -> value of what is beyond its limit."""
    files = sources(root)
    return {name: _summed(of(files)) for name, of in MEASURES.items()}


def _summed(findings: Iterator[Finding]) -> dict[str, float]:
    values: Counter[str] = Counter()
    for finding in findings:
        values[finding.key] += finding.value  # type: ignore[assignment]
    return dict(sorted(values.items()))


def known() -> dict[str, dict[str, float]]:
    """Return the exceptions: what is beyond a limit and may be for now, with its value."""
    return json.loads(KNOWN.read_text())


def shrink() -> None:
    """Lower the exceptions to what is there, and drop those that are needed no longer."""
    today = measure()
    kept = {
        name: {key: today[name][key] for key in exceptions if key in today[name]}
        for name, exceptions in known().items()
    }
    lowered = {
        name: {key: better(name, value, known()[name][key]) for key, value in found.items()}
        for name, found in kept.items()
    }
    KNOWN.write_text(json.dumps(lowered, indent=1) + "\n")


def better(name: str, value: float, limit: float) -> float:
    """Return the value nearer to the limit of the measure: of comments more, of all else less."""
    return max(value, limit) if name == FEW_COMMENTS else min(value, limit)


def main() -> None:
    if "--shrink" in sys.argv[1:]:
        shrink()
    files = sources()
    lengths = sorted(file.n_lines for file in files)
    print(f"{len(files)} files, {sum(lengths)} lines, median {lengths[len(lengths) // 2]}")
    for room, (n_comments, n_lines) in comments_of_rooms(files).items():
        print(f"  {room:16} {n_lines:6} lines, comments {100 * n_comments / n_lines:4.1f} %")
    for name, found in measure().items():
        print(f"\n{name}: {len(found)}")
        for key, value in sorted(found.items(), key=lambda item: -item[1]):
            print(f"  {value:6g}  {key}")


if __name__ == "__main__":
    main()
