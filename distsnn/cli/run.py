"""``distsnn run``: simulate a network on a chip and report the results."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from distsnn.cli.checks import on_first_rank, require_duration, require_known_ways
from distsnn.cli.chip_options import add_chip_arguments
from distsnn.cli.events_option import (
    add_events_arguments,
    drive,
    events_of,
    report_events,
    with_room,
)
from distsnn.cli.named import FABRICS, NETWORKS
from distsnn.cli.values import count, not_negative, place, positive, seed, text_setting
from distsnn.errors import UsageError

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from distsnn.comm import Comm
    from distsnn.events import Events
    from distsnn.network import Network
    from distsnn.outputs import Delivery
    from distsnn.simulation import Result, Settings
    from distsnn.sonata import SonataNetwork

DURATION_MS = 1000.0
HELP = "Run a network and report spikes, mesh traffic, energy and speed."


def add_network_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options that select a network, a chip and a placement."""
    add_network_choice(parser)
    add_chip_arguments(parser)


def add_network_choice(parser: argparse.ArgumentParser) -> None:
    """Add the options that select a network."""
    parser.add_argument(
        "network",
        nargs="?",
        default="loihi",
        metavar="NETWORK",
        help=f"{NETWORKS} (default: loihi), a Python file, which is executed, or a table of edges"
        " (.csv, .parquet)",
    )
    parser.add_argument(
        "--set", action="append", type=text_setting, default=[], metavar="NAME=VALUE",
        help="a parameter of the network's build function; may be given several times",
    )  # fmt: skip
    parser.add_argument("--scale", type=positive, help="size relative to the full network")
    parser.add_argument("--dt", type=positive, metavar="MS", help="time step")
    parser.add_argument("--seed", type=seed, help="seed of every random draw (default 1)")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``run``."""
    add_network_arguments(parser)
    parser.add_argument(
        "--duration",
        type=positive,
        metavar="MS",
        help="model time (default 1000, or that of a SONATA configuration)",
    )
    parser.add_argument(
        "--discard", type=not_negative, default=0.0, metavar="MS",
        help="leave the first MS out of the statistics of populations",
    )  # fmt: skip
    parser.add_argument(
        "--fabric", metavar="NAME", help=f"how packets travel between ranks: {FABRICS}"
    )
    parser.add_argument("--ranks", type=count, metavar="N", help="use only the first N ranks")
    parser.add_argument(
        "--strict", action="store_true", help="treat an exceeded limit of the chip as an error"
    )
    parser.add_argument(
        "--out", type=place, metavar="DIR", help="write spikes and counters as HDF5"
    )
    parser.add_argument("--json", type=place, metavar="FILE", help="write the report as JSON")
    parser.add_argument(
        "--plot", nargs="?", const="", metavar="FILE|DIR",
        help="draw raster and mesh load (default: into --out, or the current folder)",
    )  # fmt: skip
    parser.add_argument("--quiet", action="store_true", help="no progress, no report on screen")
    add_events_arguments(parser)


def network_settings(options: argparse.Namespace) -> dict[str, object]:
    """Return the network's settings: --set, and the options that are short forms of a setting.

    Raises UsageError if a setting is given in both ways.
    """
    settings: dict[str, object] = dict(options.set)
    for name, option in (("scale", "scale"), ("dt_ms", "dt"), ("seed", "seed")):
        value = getattr(options, option)
        if value is None:
            continue
        if name in settings:
            raise UsageError(
                f"--{option}: must be given once, got it and --set {name}. Leave one out."
            )
        settings[name] = value
    return settings


def run(options: argparse.Namespace) -> int:
    """Run the network; return the exit code. Collective."""
    from distsnn.comm import start

    comm = start(options.ranks)
    events = events_of(options)
    circuit = _circuit(options)
    if options.duration is None:
        options.duration = circuit.config.duration_ms if circuit else DURATION_MS
    network, described, settings = _prepare(options, comm, events, circuit)
    with _outputs_of(options, comm) as delivery:
        from distsnn.running.display.progress import reporter
        from distsnn.simulation import simulate

        shown = None if options.quiet else reporter(comm)
        if shown is not None:
            shown.begin(network, comm.n_ranks)
        result = simulate(
            network, duration_ms=options.duration, settings=settings, comm=comm, progress=shown
        )
        on_first_rank(comm, lambda: _write(result, described, options, events, delivery))
        if circuit is not None:
            on_first_rank(comm, lambda: _write_circuit(circuit, result, options.quiet))
    comm.barrier()
    return 0


def _outputs_of(options: argparse.Namespace, comm: Comm) -> AbstractContextManager[Delivery]:
    """Test all outputs that the run will write. Collective."""
    from distsnn.outputs import RUN, Inputs, delivered
    from distsnn.report.pictures import picture_paths

    plots = picture_paths(options.plot, options.out)
    named = [Path(options.plot)] if options.plot and plots[0] == Path(options.plot) else []
    return delivered(
        comm, [options.json, *named], pictures=plots[len(named) :], folder=options.out, kind=RUN,
        inputs=Inputs([options.network, options.chip, options.events]),
    )  # fmt: skip


def _circuit(options: argparse.Namespace) -> SonataNetwork | None:
    """Return the circuit of a SONATA configuration, None for any other network. Collective."""
    from distsnn.checks import must_be

    if not options.network.lower().endswith(".json"):
        return None
    from distsnn.sonata import load_circuit

    for name in ("set", "scale"):
        if getattr(options, name):
            limit = "left out with a SONATA configuration"
            got = getattr(options, name)
            raise UsageError(must_be(f"--{name}", limit, got, "Change the configuration."))
    return load_circuit(options.network, options.dt, options.seed)


def _write_circuit(circuit: SonataNetwork, result: Result, is_quiet: bool) -> None:
    from distsnn.running.display.terminal import say
    from distsnn.sonata import write_outputs

    written = write_outputs(circuit, result)
    if not is_quiet:
        say(f"written: {', '.join(map(str, written))}")


def _prepare(
    options: argparse.Namespace,
    comm: Comm,
    events: Events | None,
    circuit: SonataNetwork | None,
) -> tuple[Network, dict[str, object], Settings]:
    """Return the network, its parameters, and how to run it. Collective.

    All invalid input is refused here, before anything is built.
    """
    from distsnn.chip import load_chip
    from distsnn.networks import build_described
    from distsnn.simulation import Settings

    require_known_ways(options)
    chip = load_chip(options.chip).array(*options.chips)
    if circuit is None:
        wanted = with_room(
            network_settings(options), options.network, chip, options.neurons_per_core, events
        )
        network, described = build_described(options.network, wanted)
    else:
        network, described = circuit.network, {"dt_ms": circuit.network.dt_ms}
    drive(network, events, options)
    require_duration(options, network)
    settings = Settings(
        chip=chip,
        placement=options.placement,
        fabric=options.fabric,
        neurons_per_core=options.neurons_per_core,
        strict=options.strict,
        cut=options.cut,
    )
    return network, described, settings


def _write(
    result: Result,
    described: dict[str, object],
    options: argparse.Namespace,
    events: Events | None,
    delivery: Delivery,
) -> None:
    """Print and write all requested results. Ranks other than 0 do nothing."""
    if not result.is_root:
        return
    from distsnn.report.document import document, write_json
    from distsnn.running.display.terminal import say

    report = document(result, options.discard, described)
    if not options.quiet:
        from distsnn.report.text import print_report

        print_report(report)
    report_events(result, events, report, options.quiet)
    written: list[Path] = []
    if options.json:
        write_json(report, delivery.place(options.json))
        written.append(options.json)
    if options.out:
        from distsnn.storage import fill_run_folder

        folder: Path = options.out
        names = fill_run_folder(result, report, lambda name: delivery.place(folder / name))
        written += [folder / name for name in names]
    if options.plot is not None:
        from distsnn.report.pictures import draw_run, picture_paths

        raster, mesh = picture_paths(options.plot, options.out)
        draw_run(result, delivery.place(raster), delivery.place(mesh), options.discard)
        written += [raster, mesh]
    delivery.commit()
    if written and not options.quiet:
        say(f"written: {', '.join(str(path) for path in written)}")
