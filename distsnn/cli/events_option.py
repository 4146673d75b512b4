"""The option ``--events`` of ``distsnn run``: an event-camera recording drives the network."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from distsnn.cli.checks import require_unused
from distsnn.cli.values import count, positive

if TYPE_CHECKING:
    from distsnn.chip import Chip
    from distsnn.events import Events
    from distsnn.network import Network
    from distsnn.simulation import Result


NOT_GIVEN: dict[str, Any] = {
    "events_space": None, "events_onto": None, "events_fan": 16, "events_weight": None,
}  # fmt: skip


def add_events_arguments(parser: argparse.ArgumentParser) -> None:
    """Add --events and the options that depend on it."""
    group = parser.add_argument_group("an event-camera recording as the only input")
    group.add_argument(
        "--events", type=Path, metavar="FILE",
        help="play a recording (.bin .dat .raw .aedat .aedat4) into the network instead of its own "
        "stimuli; the report compares the run with the idle chip",
    )  # fmt: skip
    group.add_argument(
        "--events-space", type=count, metavar="N",
        help="merge N x N pixels into one (default: so that the camera fits 3 cores)",
    )  # fmt: skip
    group.add_argument(
        "--events-onto", metavar="NAME", help="target population (default: the first)"
    )
    group.add_argument("--events-fan", type=count, metavar="K", help="neurons for each pixel (16)")
    group.add_argument(
        "--events-weight", type=positive, metavar="W",
        help="in the model's unit (default: one event makes a neuron at rest spike)",
    )  # fmt: skip
    group.set_defaults(**NOT_GIVEN)


def events_of(options: argparse.Namespace) -> Events | None:
    """Return the recording, None without --events. Raises InputFileError."""
    if options.events is None:
        require_unused(options, NOT_GIVEN, "with a recording, --events FILE")
        return None
    from distsnn.networks.recorded_events import read_for_network

    return read_for_network(options.events, options.events_space)


def with_room(
    settings: dict[str, Any], name: str, chip: Chip, per_core: int | None, events: Events | None
) -> dict[str, Any]:
    """Reduce the ready network ``loihi`` by the cores that the input lines of the camera take."""
    if events is None or name != "loihi":
        return settings
    from distsnn.networks.recorded_events import cores_of_camera

    taken = cores_of_camera(events, "both", min(per_core or 1024, chip.neurons_per_core))
    free = min(chip.n_cores, 128) - taken
    return {"patches": max(1, free), **settings} if "patches" not in settings else settings


def drive(network: Network, events: Events | None, options: argparse.Namespace) -> None:
    """Replace all stimuli of the network by the recording."""
    if events is None:
        return
    from distsnn.networks.recorded_events import play_events

    network.stimuli.clear()
    play_events(
        network, events, options.events_onto, weight=options.events_weight, fan=options.events_fan
    )


def report_events(
    result: Result, events: Events | None, report: dict[str, Any], is_quiet: bool
) -> None:
    """Add ``recording`` to a report, the run compared with the idle chip. Rank 0 only."""
    if events is None:
        return
    from distsnn.report.idle_baseline import beside_silent_chip, print_beside_silent_chip

    played = events.between(0.0, max(result.duration_ms, 1e-3))
    report["recording"] = beside_silent_chip(result, len(played))
    if not is_quiet:
        print_beside_silent_chip(report["recording"])
