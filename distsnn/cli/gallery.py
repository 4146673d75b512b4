"""``distsnn gallery``: the pictures of a lecture, each from real runs."""

from __future__ import annotations

import argparse
from pathlib import Path

HELP = "Draw the pictures of a lecture on spiking neurons from real runs."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``gallery``."""
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help="draw only these (--list names all)"
    )
    parser.add_argument(
        "--out", type=Path, default=Path("gallery"), metavar="FOLDER", help="where (gallery)"
    )
    parser.add_argument(
        "--format", default="png", choices=("png", "pdf", "svg"), help="of the files (png)"
    )
    parser.add_argument("--list", action="store_true", help="name the pictures, draw nothing")


def run(options: argparse.Namespace) -> int:
    """Draw; return the exit code. Collective: all ranks simulate, the first one draws."""
    from time import perf_counter

    from distsnn.comm import start
    from distsnn.gallery import NAMES, make_picture, module_of
    from distsnn.report.screen import say

    names = list(dict.fromkeys(options.names or NAMES))
    pictures = {name: module_of(name) for name in names}
    comm = start()
    if options.list:
        if comm.rank == 0:
            say("\n".join(f"{name:22}{one.TITLE}" for name, one in pictures.items()))
        return 0
    _require_folder(options.out, comm)
    for name in names:
        began = perf_counter()
        path = options.out / f"{name}.{options.format}"
        make_picture(name, path, comm)
        if comm.rank == 0:
            say(f"{path}  ({perf_counter() - began:.1f} s)")
    return 0


def _require_folder(folder: Path, comm: object) -> None:
    from distsnn.cli.checks import on_first_rank
    from distsnn.report.targets import require_writable

    on_first_rank(comm, lambda: require_writable([], [folder]))
