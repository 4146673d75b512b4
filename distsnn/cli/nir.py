"""``distsnn nir``: a trained network from a NIR file, evaluated on a chip."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from distsnn.cli.chip_options import add_chip_arguments
from distsnn.cli.named import FABRICS
from distsnn.cli.values import count, place, positive, refused

if TYPE_CHECKING:
    from distsnn.comm import Comm
    from distsnn.nir import NirNetwork
    from distsnn.outputs import Delivery

HELP = "Evaluate a trained network from a NIR file on a chip."
AS_CHIP, AS_FILE = "chip", "file"


def weight_bits(text: str) -> int | str:
    """Return a number of bits, or ``chip`` or ``file``."""
    from distsnn.nir.loading import MAX_BITS, MIN_BITS

    if text in (AS_CHIP, AS_FILE):
        return text
    if text.isascii() and text.isdigit() and len(text) < 3 and MIN_BITS <= int(text) <= MAX_BITS:
        return int(text)
    raise refused(f"a whole number from {MIN_BITS} to {MAX_BITS}, chip or file", text)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``nir``."""
    parser.add_argument("graph", type=Path, metavar="GRAPH.nir", help="the trained network")
    parser.add_argument(
        "--data", type=Path, required=True, metavar="FOLDER",
        help="recordings of an event camera, a sub-folder for each class",
    )  # fmt: skip
    # A trained network is placed within the limits of the chip.
    add_chip_arguments(parser, cut="limits")
    parser.add_argument(
        "--weight-bits", type=weight_bits, default=AS_CHIP, metavar="N",
        help="bits of a weight with its sign; chip (default), or file for unrounded weights",
    )  # fmt: skip
    parser.add_argument("--dt", type=positive, default=1.0, metavar="MS", help="time step (1)")
    parser.add_argument(
        "--steps", type=count, metavar="N", help="steps of each recording (until its last event)"
    )
    parser.add_argument(
        "--recordings", type=count, metavar="N", help="at most N, the same number of each class"
    )
    parser.add_argument(
        "--method", choices=("exact", "euler"), default="exact",
        help="how equations become steps: exact (default), or euler as in snnTorch and Norse",
    )  # fmt: skip
    parser.add_argument(
        "--reset", choices=("value", "subtract"), default="value",
        help="after a spike: to v_reset (default), or subtract the threshold",
    )  # fmt: skip
    parser.add_argument("--fabric", metavar="NAME", help=FABRICS)
    parser.add_argument("--ranks", type=count, metavar="N", help="use only the first N ranks")
    parser.add_argument("--json", type=place, metavar="FILE", help="write the report as JSON")
    parser.add_argument("--quiet", action="store_true", help="print nothing")


def run(options: argparse.Namespace) -> int:
    """Evaluate a graph; return the exit code. Collective."""
    from distsnn.comm import start

    comm = start(options.ranks)
    from distsnn.cli.checks import require_known_ways
    from distsnn.outputs import Inputs, delivered

    require_known_ways(options)
    inputs = Inputs([options.graph, options.chip], [options.data])
    with delivered(comm, [options.json], inputs=inputs) as delivery:
        _evaluate(options, comm, delivery)
    comm.barrier()
    return 0


def _evaluate(options: argparse.Namespace, comm: Comm, delivery: Delivery) -> None:
    from distsnn.chip import load_chip
    from distsnn.cli.checks import on_first_rank
    from distsnn.nir import evaluate, read_folder
    from distsnn.simulation import Settings

    # Read by every rank; what fails on one ends all.
    settings = Settings(
        chip=load_chip(options.chip).array(*options.chips), placement=options.placement,
        fabric=options.fabric, neurons_per_core=options.neurons_per_core, cut=options.cut,
    )  # fmt: skip
    with comm.together("nir"):
        loaded = _loaded(options, settings)
        data = read_folder(
            options.data, loaded.input_shape, dt_ms=options.dt, n_steps=options.steps,
            limit=options.recordings,
        )  # fmt: skip
    report = evaluate(loaded, data, settings=settings, comm=comm)
    on_first_rank(comm, lambda: _finish(report, options, delivery))


def _loaded(options: argparse.Namespace, settings: Any) -> NirNetwork:
    from distsnn.nir import load
    from distsnn.nir.loading import MAX_BITS, MIN_BITS

    bits = options.weight_bits
    # Chips that say nothing of their weights get those of the file.
    if bits == AS_CHIP:
        synapse = settings.loaded_chip().synapse
        bits = None if synapse is None else min(max(synapse.weight_bits, MIN_BITS), MAX_BITS)
    return load(
        options.graph, dt_ms=options.dt, method=options.method, reset=options.reset,
        weight_bits=None if bits == AS_FILE else bits,
    )  # fmt: skip


def _finish(report: dict[str, Any], options: argparse.Namespace, delivery: Delivery) -> None:
    """Print and store the report. Rank 0 only."""
    if not options.quiet:
        from distsnn.nir.text import print_report

        print_report(report)
    if options.json:
        from distsnn.report.document import write_json

        write_json(report, delivery.place(options.json))
    delivery.commit()
