"""``distsnn traffic``: loads of the mesh, from a traffic matrix or over firing rates."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from distsnn.cli.checks import (
    on_first_rank,
    require_known_ways,
    require_rates,
    require_unused,
)
from distsnn.cli.run import add_network_arguments, network_settings
from distsnn.cli.values import count, place, positive

if TYPE_CHECKING:
    from distsnn.comm import Comm
    from distsnn.outputs import Delivery

HELP = "Account for a traffic matrix, or sweep the firing rate of a network."


# Options that describe a network, and their defaults.
OF_NETWORK: dict[str, Any] = {
    "network": "loihi", "set": [], "scale": None, "dt": None, "seed": None, "placement": "rows",
    "neurons_per_core": None, "cut": "neurons", "rates": None,
}  # fmt: skip


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``traffic``."""
    add_network_arguments(parser)
    parser.add_argument(
        "--matrix", type=Path, metavar="FILE.csv",
        help="lines 'source core, destination core, packets' instead of a network",
    )  # fmt: skip
    parser.add_argument(
        "--rates",
        type=positive,
        nargs="+",
        metavar="HZ",
        help="firing rates (default 0.1 ... 100 Hz)",
    )
    parser.add_argument("--ranks", type=count, metavar="N", help="use only the first N ranks")
    parser.add_argument("--json", type=place, metavar="FILE", help="write the account as JSON")
    parser.add_argument("--plot", type=place, metavar="FILE.png", help="draw the account")
    parser.add_argument("--quiet", action="store_true", help="print nothing")


def run(options: argparse.Namespace) -> int:
    """Account or sweep; return the exit code. Collective."""
    from distsnn.comm import start

    comm = start(options.ranks)
    from distsnn.outputs import Inputs, delivered
    from distsnn.outputs.content import require_picture_format

    require_known_ways(options)
    if options.matrix:
        require_unused(options, OF_NETWORK, "with a network instead of --matrix")
    if options.plot:
        require_picture_format(options.plot)
    inputs = Inputs([options.matrix, options.network, options.chip])
    with delivered(comm, [options.json, options.plot], inputs=inputs) as delivery:
        (_matrix if options.matrix else _sweep)(options, comm, delivery)
    comm.barrier()
    return 0


def _matrix(options: argparse.Namespace, comm: Comm, delivery: Delivery) -> None:
    from distsnn.chip import load_chip
    from distsnn.traffic import account_matrix_file, matrix_report

    chip = load_chip(options.chip).array(*options.chips)
    traffic = account_matrix_file(options.matrix, chip)

    def finish() -> None:
        report = matrix_report(traffic)
        if not options.quiet:
            from distsnn.report.traffic_text import print_matrix

            print_matrix(report)
        if options.plot:
            from distsnn.traffic.pictures import draw_mesh

            draw_mesh(traffic, delivery.place(options.plot))
        _store(report, options, delivery)

    on_first_rank(comm, finish)


def _sweep(options: argparse.Namespace, comm: Comm, delivery: Delivery) -> None:
    from distsnn.chip import load_chip
    from distsnn.core.memory_estimate import require_memory
    from distsnn.networks import build_network
    from distsnn.rate_sweep import SWEEP_RATES_HZ, sweep
    from distsnn.running.display.terminal import say
    from distsnn.simulation import Settings
    from distsnn.traffic.sweep import sweep_report

    network = build_network(options.network, network_settings(options))
    require_memory(network, 0.0, comm)
    chip, per_core = load_chip(options.chip).array(*options.chips), options.neurons_per_core
    settings = Settings(chip, options.placement, None, per_core, cut=options.cut)
    rates = options.rates or SWEEP_RATES_HZ
    require_rates(options.rates or (), network)
    swept = sweep(network, settings, comm, rates, None if options.quiet else say)

    def finish() -> None:
        report = {
            "network": swept.network,
            "n_neurons": network.n_neurons,
            "n_ranks": comm.n_ranks,
            "placement": options.placement,
            **sweep_report(
                swept.chip, swept.dt_ms, swept.expected, swept.measured, swept.saturation
            ),
        }
        if not options.quiet:
            from distsnn.report.traffic_text import print_sweep

            print_sweep(report)
        if options.plot:
            from distsnn.traffic.pictures import draw_sweep

            path, title = delivery.place(options.plot), f"{swept.network} on {swept.chip.title}"
            draw_sweep(swept.measured, swept.expected, path, title=title, dt_ms=swept.dt_ms)
        _store(report, options, delivery)

    on_first_rank(comm, finish)


def _store(report: dict[str, Any], options: argparse.Namespace, delivery: Delivery) -> None:
    """Write the report, and put all files in place."""
    if options.json:
        from distsnn.report.document import write_json

        write_json(report, delivery.place(options.json))
    delivery.commit()
