"""The MPIs that tests find: that of this environment, and those of the site (``launch/site_mpi``)."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[3]


@dataclass(frozen=True)
class LauncherOf:
    """An mpirun and a Python whose mpi4py belongs to it."""

    name: str
    mpirun: Path
    python: Path


def found_launchers() -> list[LauncherOf]:
    """Return all launchers, that of this environment first.

    Folders in DISTSNN_SITE_MPI, or ``.venv-site-*`` in the checkout, are environments of a site's MPI;
    their file ``mpirun`` names the launcher.
    """
    own = Path(sys.executable).parent / "mpirun"
    found = [LauncherOf("environment", own, Path(sys.executable))] if own.exists() else []
    named = os.environ.get("DISTSNN_SITE_MPI")
    folders = [Path(f) for f in named.split(os.pathsep)] if named else ROOT.glob(".venv-site-*")
    for folder in sorted(folders):
        text = folder / "mpirun"
        if text.is_file():
            python = folder / "bin" / "python"
            name = folder.name.removeprefix(".venv-site-")
            found.append(LauncherOf(name, Path(text.read_text().strip()), python))
    return found
