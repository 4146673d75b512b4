"""``distsnn plan``: time and memory of a run on N ranks, forecast on one."""

from __future__ import annotations

import argparse

from distsnn.cli.checks import require_rates
from distsnn.cli.run import add_network_arguments, network_settings
from distsnn.cli.values import count, place, positive, whole

HELP = "Forecast memory, traffic, limits and time per step of a run on N ranks."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``plan``."""
    add_network_arguments(parser)
    parser.add_argument(
        "-n", "--ranks", type=count, required=True, metavar="N", help="number of ranks"
    )
    parser.add_argument(
        "--rank", type=whole, metavar="K", help="forecast for this rank instead of the fullest"
    )
    parser.add_argument(
        "--rate", type=positive, default=10.0, metavar="HZ", help="mean firing rate (10)"
    )
    parser.add_argument(
        "--latency", type=positive, default=2.0, metavar="US", help="latency of a message (2)"
    )
    parser.add_argument(
        "--bandwidth", type=positive, default=10.0, metavar="GB/S", help="bandwidth of a rank (10)"
    )
    parser.add_argument("--json", type=place, metavar="FILE", help="write the forecast as JSON")
    parser.add_argument("--quiet", action="store_true", help="print nothing")


def run(options: argparse.Namespace) -> int:
    """Forecast; return the exit code."""
    from distsnn.chip import load_chip
    from distsnn.forecast import Machine, forecast
    from distsnn.networks import build_network
    from distsnn.outputs import Inputs, require_file_place

    if options.json:
        require_file_place(options.json, Inputs([options.network, options.chip]))
    chip = load_chip(options.chip).array(*options.chips)
    settings = network_settings(options)
    if options.network == "loihi":
        settings.setdefault("patches", chip.n_cores)
    network = build_network(options.network, settings)
    require_rates([options.rate], network)
    estimate = forecast(
        network,
        chip,
        options.ranks,
        rank=options.rank,
        rate_hz=options.rate,
        placement=options.placement,
        neurons_per_core=options.neurons_per_core,
        cut=options.cut,
        machine=Machine(options.latency, options.bandwidth),
    )
    report = estimate.as_dict()
    if not options.quiet:
        from distsnn.report.forecast_text import print_forecast

        print_forecast(report)
    if options.json:
        from distsnn.report.document import write_json

        write_json(report, options.json)
    return 0
