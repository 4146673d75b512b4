"""``distsnn models``: the parts from which a network can be built."""

from __future__ import annotations

import argparse
from pathlib import Path

from distsnn.cli.values import place

HELP = "List neuron models, synapses, stimuli and learning rules with parameters and sources."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``models``."""
    parser.add_argument(
        "names", nargs="*", metavar="NAME",
        help="show all details of NAME (izhikevich, PairStdp), or of a FILE.py of your own, "
        "which is executed",
    )  # fmt: skip
    parser.add_argument("--json", type=place, metavar="FILE", help="write the list as JSON")
    parser.add_argument("--quiet", action="store_true", help="print nothing")


def run(options: argparse.Namespace) -> int:
    """List or show; return the exit code. Needs no MPI, since only the first rank prints."""
    from distsnn.comm.launch.environment import find_launcher

    if find_launcher().rank != 0:
        return 0
    from distsnn import __version__
    from distsnn.report.catalogue import catalogue
    from distsnn.report.catalogue_text import print_entry, print_overview

    if options.json:
        from distsnn.outputs import Inputs, require_file_place

        files = (f"{text}.py" for text in (name.partition(".py")[0] for name in options.names))
        require_file_place(options.json, Inputs(files))
    entries = [entry for name in options.names for entry in _entries(name)]
    if not options.names:
        entries = catalogue()
    if options.json:
        from distsnn.report.document import write_json

        write_json({"distsnn": __version__, "entries": entries}, options.json)
    if options.quiet:
        return 0
    if not options.names:
        print_overview(entries)
    for entry in entries if options.names else ():
        print_entry(entry)
    return 0


def _entries(name: str) -> list[dict[str, object]]:
    """Return the entries of a name, or of the file of that path."""
    from distsnn.report.catalogue import entries_of_file, named

    text, _, wanted = name.partition(".py:")
    path = Path(f"{text}.py" if wanted else name)
    if path.suffix != ".py":
        return named(name)
    from distsnn.kernels.compile.file_modules import import_file

    return entries_of_file(import_file(path, "distsnn_shown"), str(path), wanted)
