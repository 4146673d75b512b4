"""Draws the synapses of a projection for any range of targets; splitting the range changes nothing.

A draw depends only on the seed, the projection, the target and the number of the draw. Synapses are
grouped by target, in ascending order of the targets. The ``fill`` functions write into arrays of the
caller, the ``draw`` functions return new arrays.

``start`` is the first target and ``counts`` (int32) the number of synapses of each target from there
on, as returned by ``count_sources``.
"""

from __future__ import annotations

import numpy as np

from distsnn.kernels import Kernel
from distsnn.kernels.draw.alias import fill_delays as alias_delays
from distsnn.kernels.draw.alias import fill_quanta as alias_quanta
from distsnn.kernels.draw.sources import fill_doubles
from distsnn.kernels.formats import MAX_QUANTA
from distsnn.network.description import Projection
from distsnn.network.distributions.distributions import Constant, Distribution
from distsnn.network.distributions.listed import Listed
from distsnn.network.rules.listing import Listing
from distsnn.network.space.by_distance import PairValues
from distsnn.network.weights.lanes import LaneOutcomes, WeightCode, lane_outcomes
from distsnn.network.weights.outcomes import SHORTEST_DELAY, Outcomes, nearest, outcomes

# Modules with the kernels that are used here or by a rule; they are compiled before a run.
KERNEL_FILES = (
    "sources", "alias", "distinct", "near", "out_degree", "total", "neighbours", "distance"
)  # fmt: skip
KERNEL_MODULES = tuple(f"distsnn.kernels.draw.{name}" for name in KERNEL_FILES)
N_SCRATCH_WORDS = 1024  # random words drawn at a time, in chunks of 32


def count_sources(projection: Projection, start: int, stop: int, seed: int) -> np.ndarray:
    """Return the number of synapses onto each target start .. stop - 1, int32."""
    return projection.rule.counts(projection.ends, projection.streams(seed), start, stop)


def fill_sources(
    projection: Projection, start: int, counts: np.ndarray, seed: int, out: np.ndarray
) -> None:
    """Write the sources (uint32 [sum of counts]) of ``counts.size`` targets to ``out``."""
    projection.rule.fill(projection.ends, projection.streams(seed), start, counts, out)


def draw_sources(
    projection: Projection, start: int, stop: int, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return counts (int32 [stop - start]) and sources (uint32 [sum of counts])."""
    counts = count_sources(projection, start, stop, seed)
    sources = np.empty(int(counts.sum(dtype=np.int64)), dtype=np.uint32)
    fill_sources(projection, start, counts, seed, sources)
    return counts, sources


def fill_quanta(
    projection: Projection,
    start: int,
    counts: np.ndarray,
    seed: int,
    quantum: float,
    out: np.ndarray,
    *,
    keeps_zero: bool = False,
) -> None:
    """Write the weights of these synapses as multiples of ``quantum`` (int16).

    keeps_zero: see ``outcomes``.
    """
    values = projection.weight
    key = projection.streams(seed).key("weights")
    if isinstance(values, Listed | PairValues):
        out[:] = nearest(given_values(projection, values, start, counts, seed) / quantum)
    elif isinstance(values, Constant):
        out[:] = nearest(values.value / quantum)
    else:
        # Alias method: one random word per synapse.
        lookup = outcomes(values, quantum, None, keeps_zero=keeps_zero)
        _look_up(alias_quanta, lookup, key, start, counts, out)


def draw_quanta(
    projection: Projection, start: int, counts: np.ndarray, seed: int, quantum: float
) -> np.ndarray:
    """Return the weights of these synapses as multiples of ``quantum``, int16."""
    out = np.empty(int(counts.sum(dtype=np.int64)), dtype=np.int16)
    fill_quanta(projection, start, counts, seed, quantum, out)
    return out


def draw_weights(
    projection: Projection,
    start: int,
    counts: np.ndarray,
    seed: int,
    code: WeightCode,
    sources: np.ndarray | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Return quanta (int16) and lanes (uint8) of these synapses; one lane where all are on it.

    sources: of each synapse, as drawn; weights that depend on the pair draw them where it is None.
    """
    values = projection.weight
    single = code.single_lane(*values.bounds())
    if single is not None and not isinstance(values, Listed | Constant | PairValues):
        out = np.empty(int(counts.sum(dtype=np.int64)), dtype=np.int16)
        keeps_zero = code.positive.is_prescribed
        fill_quanta(projection, start, counts, seed, single[1], out, keeps_zero=keeps_zero)
        return out, np.array([single[0]], dtype=np.uint8)
    if isinstance(values, Listed | PairValues):
        # Values that are known for each synapse are encoded one by one.
        given = given_values(projection, values, start, counts, seed, sources)
        quanta, lanes = code.encode(given)
        return quanta, lanes if single is None else np.array([single[0]], dtype=np.uint8)
    if isinstance(values, Constant):
        quanta, lanes = code.encode(np.array([values.value]))
        return np.full(int(counts.sum(dtype=np.int64)), quanta[0]), lanes
    return _draw_onto_lanes(projection, values, start, counts, seed, code)


def _draw_onto_lanes(
    projection: Projection,
    values: Distribution,
    start: int,
    counts: np.ndarray,
    seed: int,
    code: WeightCode,
) -> tuple[np.ndarray, np.ndarray]:
    """Return quanta and lanes of weights that a distribution spreads over several lanes."""
    # Outcomes are indices into the weights that the lanes can hold.
    # One word chooses weight and lane together, from the alias table of all that can be stored.
    lookup = lane_outcomes(values, code)
    drawn = np.empty(int(counts.sum(dtype=np.int64)), dtype=np.uint16)
    key = projection.streams(seed).key("weights")
    _look_up(alias_delays, lookup, key, start, counts, drawn)
    return lookup.quanta[drawn], lookup.lanes[drawn]


def fill_delays(
    projection: Projection,
    start: int,
    counts: np.ndarray,
    seed: int,
    out: np.ndarray,
    sources: np.ndarray | None = None,
) -> None:
    """Write the delays of these synapses in steps (uint16), at least 1. sources: see draw_weights."""
    values, dt_ms = projection.delay, projection.dt_ms
    key = projection.streams(seed).key("delays")
    if isinstance(values, Listed | PairValues):
        steps = nearest(given_values(projection, values, start, counts, seed, sources) / dt_ms)
        out[:] = np.maximum(steps, SHORTEST_DELAY)
    elif isinstance(values, Constant):
        out[:] = projection.delay_steps[0]
    else:
        lookup = outcomes(values, dt_ms, SHORTEST_DELAY)
        _look_up(alias_delays, lookup, key, start, counts, out)


def draw_delays(
    projection: Projection,
    start: int,
    counts: np.ndarray,
    seed: int,
    sources: np.ndarray | None = None,
) -> np.ndarray:
    """Return the delays of these synapses in steps, uint16, at least 1. sources: see draw_weights."""
    out = np.empty(int(counts.sum(dtype=np.int64)), dtype=np.uint16)
    fill_delays(projection, start, counts, seed, out, sources)
    return out


def draw_values(
    projection: Projection,
    purpose: str,
    distribution: Distribution,
    start: int,
    counts: np.ndarray,
    seed: int,
) -> np.ndarray:
    """Return a number from a distribution for each of these synapses, float64.

    The numbers are multiples of max |bound| / 32,767. purpose: name of the random stream; numbers for
    different purposes are independent.
    """
    low, high = distribution.bounds()
    unit = max(abs(low), abs(high)) / MAX_QUANTA
    n = int(counts.sum(dtype=np.int64))
    if unit == 0.0 or low == high:
        return np.full(n, low)
    out = np.empty(n, dtype=np.int16)
    key = projection.streams(seed).key(purpose)
    _look_up(alias_quanta, outcomes(distribution, unit, None), key, start, counts, out)
    return out * unit


def draw_uniform(key: int, start: int, stop: int) -> np.ndarray:
    """Return a float64 in (0, 1) for each neuron start .. stop - 1; key: from ``stream_key``."""
    # The 64-bit key goes to the kernel as its low and high word.
    out = np.empty(stop - start, dtype=np.float64)
    fill_doubles(key & 0xFFFFFFFF, key >> 32, start, out)
    return out


def given_values(
    projection: Projection,
    values: Listed | PairValues,
    start: int,
    counts: np.ndarray,
    seed: int,
    sources: np.ndarray | None = None,
) -> np.ndarray:
    """Return the weights or delays of these synapses that are not drawn, float64.

    They are those of an explicit list, or follow from the pair of neurons; sources: see draw_weights.
    """
    if isinstance(values, PairValues):
        if sources is None:
            sources = np.empty(int(counts.sum(dtype=np.int64)), dtype=np.uint32)
            fill_sources(projection, start, counts, seed, sources)
        return values.of(start, counts, sources)
    rule = projection.rule
    if not isinstance(rule, Listing):
        raise TypeError(f"{projection.name}: only a list of synapses has values one by one")
    return rule.values_onto(values, start, start + counts.size)


def _look_up(
    fill: Kernel,
    lookup: Outcomes | LaneOutcomes,
    key: tuple[int, int],
    start: int,
    counts: np.ndarray,
    out: np.ndarray,
) -> None:
    """Draw an outcome for each synapse by the alias method and write it to ``out``."""
    words = np.empty(N_SCRATCH_WORDS, dtype=np.uint32)
    fill(*key, start, lookup.bits, lookup.first, counts, lookup.table, words, out)
