"""Drives a network by a recording of an event camera: one line per pixel and polarity."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from distsnn.checks import must_be
from distsnn.errors import NetworkError, UsageError
from distsnn.events import Events, read_events
from distsnn.network import FixedOutDegree, Network, Population
from distsnn.stimuli import SpikeSource
from distsnn.time_grid import rounded_ms

CAMERA = "camera"
MAX_CHANNELS = 3072  # what a recording is made coarser for, if nothing else is said
FAN = 16
DELAY_MS = 4.0
MARGIN = 1.25  # of one event over what a neuron at rest needs to spike


def read_for_network(path: Path, space: int | None = None, polarity: str = "both") -> Events:
    """Return a recording, on coarser pixels of ``space``; None: as few as give ``MAX_CHANNELS``."""
    events = read_events(path).of_polarity(polarity)
    kept = "both" if polarity == "both" else "merged"
    chosen = space or 1
    n_kinds = 2 if kept == "both" else 1
    # Found from the sides alone: a large, sparse recording has thousands of spaces to try.
    while space is None and _n_pixels(events, chosen) * n_kinds > MAX_CHANNELS:
        chosen += 1
    return events.thinned(chosen)


def _n_pixels(events: Events, space: int) -> int:
    """Return the number of coarse pixels of ``space`` x ``space``."""
    return -(-events.width // space) * -(-events.height // space)


def cores_of_camera(events: Events, polarity: str, neurons_per_core: int) -> int:
    """Return how many cores the lines of a recording take."""
    kept = "both" if polarity == "both" else "merged"
    return -(-events.n_channels(kept) // neurons_per_core)


def play_events(
    network: Network,
    events: Events,
    onto: str | None = None,
    *,
    weight: float | None = None,
    fan: int = FAN,
    polarity: str = "both",
) -> Population:
    """Add a population ``camera`` that plays the recording from time 0 on; return it.

    An event goes to the nearest step, those before the end of the first step to the first.

    Each line reaches ``fan`` neurons of ``onto`` (None: the first population), chosen at random.
    weight: None is as much as one event needs to make a neuron at rest spike, and a quarter more.
    """
    target = network.find(onto) if onto else _first(network)
    chosen = enough_to_spike(target) if weight is None else weight
    kept = "both" if polarity == "both" else "merged"
    size = events.n_channels(kept)
    times_ms = (events.t_us - events.t_us[0]) * 1e-3 if len(events) else np.empty(0)
    source = SpikeSource(times_ms, events.channels(kept), n_sources=size, measured=True)
    camera = network.population(CAMERA, size, source)
    delay_ms = rounded_ms(DELAY_MS, network.dt_ms, 1)
    network.connect(camera, target, FixedOutDegree(fan), weight=chosen, delay_ms=delay_ms)
    return camera


def _first(network: Network) -> Population:
    for population in network.populations:
        if not population.model.is_source:
            return population
    raise NetworkError(
        f"network {network.name}: must have a population that takes input, got none. Add one."
    )


def enough_to_spike(target: Population) -> float:
    """Return the weight with which one event makes a neuron at rest spike, with a margin.

    Known for current-based integrate-and-fire neurons; UsageError for other models.
    """
    weight = target.model.weight_to_spike(MARGIN)
    if weight is not None and weight > 0:
        return weight
    raise UsageError(
        must_be(
            f"events onto {target.name}: model",
            "one whose weight to spike is known (currents or jumps)",
            type(target.model).__name__,
            "Give --events-weight.",
        )
    )
