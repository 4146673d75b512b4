"""Finds what is kept one a file, by the names of the files: placements, fabrics, routing orders."""

from __future__ import annotations

from pathlib import Path

PACKAGE = Path(__file__).parent


def named_files(folder: str, suffix: str = ".py") -> dict[str, str]:
    """Return the things of a folder of the package, name -> stem of the file, sorted by name.

    A name has - for _; a final _ of a file, which avoids a name of the standard library, is dropped.
    Nothing is imported, so that help texts can use it.
    """
    stems = [path.stem for path in (PACKAGE / folder).glob(f"*{suffix}")]
    named = {stem.rstrip("_").replace("_", "-"): stem for stem in stems if stem != "__init__"}
    return dict(sorted(named.items()))
