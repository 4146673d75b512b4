"""``distsnn gallery``: the pictures of a lecture, each from real runs."""

from __future__ import annotations

import argparse
from pathlib import Path

from distsnn.cli.checks import on_first_rank
from distsnn.cli.values import place

HELP = "Draw the pictures of a lecture on spiking neurons from real runs."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``gallery``."""
    parser.add_argument(
        "names",
        nargs="*",
        metavar="NAME",
        help="draw only these pictures (--list prints all names)",
    )
    parser.add_argument(
        "--out",
        type=place,
        default=Path("gallery"),
        metavar="FOLDER",
        help="folder for the pictures (gallery)",
    )
    parser.add_argument(
        "--format", default="png", choices=("png", "pdf", "svg"), help="file format (png)"
    )
    parser.add_argument(
        "--list", action="store_true", help="print the names of the pictures, draw nothing"
    )


def run(options: argparse.Namespace) -> int:
    """Draw; return the exit code. Collective: all ranks simulate, the first one draws."""
    from time import perf_counter

    from distsnn.comm import start
    from distsnn.gallery import NAMES, make_picture, module_of
    from distsnn.outputs import PICTURES, delivered
    from distsnn.running.display.terminal import say

    names = list(dict.fromkeys(options.names or NAMES))
    pictures = {name: module_of(name) for name in names}
    comm = start()
    if options.list:
        if comm.rank == 0:
            say("\n".join(f"{name:22}{picture.TITLE}" for name, picture in pictures.items()))
        return 0
    paths = {name: options.out / f"{name}.{options.format}" for name in names}
    with delivered(comm, pictures=paths.values(), folder=options.out, kind=PICTURES) as delivery:
        for name, path in paths.items():
            began = perf_counter()
            make_picture(name, delivery.place(path) if comm.rank == 0 else path, comm)
            on_first_rank(comm, delivery.commit)
            if comm.rank == 0:
                say(f"{path}  ({perf_counter() - began:.1f} s)")
    return 0
