"""Drives a network with a recording of an event camera: one input line per pixel and polarity."""

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
MAX_CHANNELS = 3072  # recordings with more input lines are made coarser by default
FAN = 16  # synapses from each input line
DELAY_MS = 4.0
MARGIN = 1.25  # default weight over the smallest that makes a neuron at rest spike


def read_for_network(path: Path, space: int | None = None, polarity: str = "both") -> Events:
    """Return a recording on coarser pixels, each of ``space`` x ``space`` pixels of the camera.

    space: None for the smallest one that leaves at most ``MAX_CHANNELS`` input lines. polarity:
    "both", "on", "off" or "merged", as in ``Events.of_polarity``.
    """
    events = read_events(path).of_polarity(polarity)
    kept = "both" if polarity == "both" else "merged"
    side = space or 1
    n_polarities = 2 if kept == "both" else 1
    # Computed from width and height alone: a large recording has thousands of sides to try.
    while space is None and _n_pixels(events, side) * n_polarities > MAX_CHANNELS:
        side += 1
    return events.thinned(side)


def _n_pixels(events: Events, space: int) -> int:
    """Return the number of coarse pixels of ``space`` x ``space`` pixels; those at the edge count."""
    # ceil(width / space) x ceil(height / space)
    return -(-events.width // space) * -(-events.height // space)


def cores_of_camera(events: Events, polarity: str, neurons_per_core: int) -> int:
    """Return the number of cores that the input lines of a recording occupy."""
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
    """Add a population ``camera`` that plays a recording from time 0 on, and return it.

    Each event is played in the nearest step, but in the first step at the earliest. Each input line
    has ``fan`` synapses onto random neurons of ``onto`` (None: the first population that takes input).
    weight: None for 1.25 times the weight with which one event makes a neuron at rest spike.
    """
    target = network.find(onto) if onto else _first(network)
    synapse_weight = enough_to_spike(target) if weight is None else weight
    kept = "both" if polarity == "both" else "merged"
    size = events.n_channels(kept)
    # Timestamps are in microseconds; the first event is at time 0.
    times_ms = (events.t_us - events.t_us[0]) * 1e-3 if len(events) else np.empty(0)
    source = SpikeSource(times_ms, events.channels(kept), n_sources=size, measured=True)
    camera = network.population(CAMERA, size, source)
    delay_ms = rounded_ms(DELAY_MS, network.dt_ms, 1)
    network.connect(camera, target, FixedOutDegree(fan), weight=synapse_weight, delay_ms=delay_ms)
    return camera


def _first(network: Network) -> Population:
    """Return the first population that takes input; NetworkError if there is none."""
    for population in network.populations:
        if not population.model.is_source:
            return population
    raise NetworkError(
        f"network {network.name}: must have a population that takes input, got none. Add one."
    )


def enough_to_spike(target: Population) -> float:
    """Return ``MARGIN`` times the smallest weight with which one event makes a neuron at rest spike.

    Raises UsageError unless the model knows that weight, as current-based integrate-and-fire models do.
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
