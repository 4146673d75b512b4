"""``distsnn traffic``: what a mesh carries, from a traffic matrix or over firing rates."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from distsnn.cli.run import add_network_arguments, settings_of
from distsnn.cli.values import positive

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
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the account as JSON")
    parser.add_argument("--plot", type=Path, metavar="FILE.png", help="draw the account")
    parser.add_argument("--quiet", action="store_true", help="nothing on screen")


def run(options: argparse.Namespace) -> int:
    """Account or sweep; return the exit code. Collective."""
    from distsnn.comm import start

    comm = start()
    from distsnn.report.targets import require_writable

    error = None
    try:
        if comm.rank == 0:
            require_writable([options.json, options.plot], [])
    except Exception as caught:
        error = caught
    comm.agree(error)
    return _matrix(options, comm) if options.matrix else _sweep(options, comm)


def _matrix(options: argparse.Namespace, comm: Any) -> int:
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
        from distsnn.traffic.pictures import draw_mesh

        draw_mesh(traffic, options.plot)
    return 0


def _sweep(options: argparse.Namespace, comm: Any) -> int:
    from dataclasses import asdict

    from distsnn.networks import build_network
    from distsnn.rate_sweep import SWEEP_RATES_HZ, sweep
    from distsnn.simulation import Settings

    network = build_network(options.network, settings_of(options))
    settings = Settings(
        chip=options.chip, placement=options.placement, neurons_per_core=options.neurons_per_core
    )
    say = None if options.quiet else lambda text: print(text, flush=True)
    found = sweep(network, settings, comm, options.rates or SWEEP_RATES_HZ, say)
    if comm.rank != 0:
        return 0
    report = {
        "network": found.network,
        "chip": found.chip,
        "measured": [asdict(point) for point in found.measured],
        "expected": [asdict(point) for point in found.expected],
    }
    if not options.quiet:
        from distsnn.report.traffic_text import print_sweep

        print_sweep(report)
    _store(report, options)
    if options.plot:
        from distsnn.traffic.pictures import draw_sweep

        title = f"{found.network} on {found.chip}"
        draw_sweep(
            found.measured, found.expected, options.plot, title=title, dt_ms=network.dt_ms
        )
    return 0


def _store(report: dict[str, Any], options: argparse.Namespace) -> None:
    if options.json:
        from distsnn.report.document import write_json

        write_json(report, options.json)
