"""``distsnn traffic``: what a mesh carries, from a traffic matrix or over firing rates."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from distsnn.cli.checks import on_first_rank, require_known_ways
from distsnn.cli.run import add_network_arguments, settings_of
from distsnn.cli.values import count, positive

if TYPE_CHECKING:
    from distsnn.comm import Comm

HELP = "Account for a traffic matrix, or sweep the firing rate of a network."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``traffic``."""
    add_network_arguments(parser)
    parser.add_argument(
        "--matrix", type=Path, metavar="FILE.csv",
        help="lines 'source core, destination core, packets' instead of a network",
    )  # fmt: skip
    parser.add_argument(
        "--rates", type=positive, nargs="+", metavar="HZ", help="rates (default 0.1 ... 100 Hz)"
    )
    parser.add_argument("--ranks", type=count, metavar="N", help="use only the first N ranks")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the account as JSON")
    parser.add_argument("--plot", type=Path, metavar="FILE.png", help="draw the account")
    parser.add_argument("--quiet", action="store_true", help="nothing on screen")


def run(options: argparse.Namespace) -> int:
    """Account or sweep; return the exit code. Collective."""
    from distsnn.comm import start

    comm = start(options.ranks)
    from distsnn.report.pictures import require_format
    from distsnn.report.targets import require_writable

    require_known_ways(options)
    require_format(options.plot)
    on_first_rank(comm, lambda: require_writable([options.json, options.plot], []))
    return _matrix(options, comm) if options.matrix else _sweep(options, comm)


def _matrix(options: argparse.Namespace, comm: Comm) -> int:
    from distsnn.traffic import account_matrix_file, matrix_report

    traffic = account_matrix_file(options.matrix, options.chip)
    if comm.rank != 0:
        return 0
    report = matrix_report(traffic)
    if not options.quiet:
        from distsnn.report.traffic_text import print_matrix

        print_matrix(report)
    _store(report, options)
    if options.plot:
        from distsnn.storage.files import replacing
        from distsnn.traffic.pictures import draw_mesh

        with replacing(options.plot) as temporary:
            draw_mesh(traffic, temporary)
    return 0


def _sweep(options: argparse.Namespace, comm: Comm) -> int:
    from distsnn.core.foresight import require_memory
    from distsnn.networks import build_network
    from distsnn.rate_sweep import SWEEP_RATES_HZ, sweep
    from distsnn.report.screen import say
    from distsnn.simulation import Settings
    from distsnn.traffic.sweep import sweep_report

    network = build_network(options.network, settings_of(options))
    require_memory(network, 0.0, comm)
    settings = Settings(
        chip=options.chip, placement=options.placement, neurons_per_core=options.neurons_per_core
    )
    rates = options.rates or SWEEP_RATES_HZ
    found = sweep(network, settings, comm, rates, None if options.quiet else say)
    if comm.rank != 0:
        return 0
    report = {
        "network": found.network,
        "n_neurons": network.n_neurons,
        "n_ranks": comm.n_ranks,
        "placement": options.placement,
        **sweep_report(found.chip, found.dt_ms, found.expected, found.measured, found.saturation),
    }
    if not options.quiet:
        from distsnn.report.traffic_text import print_sweep

        print_sweep(report)
    _store(report, options)
    if options.plot:
        from distsnn.storage.files import replacing
        from distsnn.traffic.pictures import draw_sweep

        title = f"{found.network} on {found.chip.title}"
        with replacing(options.plot) as temporary:
            draw_sweep(found.measured, found.expected, temporary, title=title, dt_ms=found.dt_ms)
    return 0


def _store(report: dict[str, Any], options: argparse.Namespace) -> None:
    if options.json:
        from distsnn.report.document import write_json

        write_json(report, options.json)
