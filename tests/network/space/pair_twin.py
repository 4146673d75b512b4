"""Distances, coins and races of all pairs in plain numpy and Python integers, without any cells."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from distsnn.kernels.numbers.threefry import stream_key, threefry_words
from distsnn.network import Network, Projection
from distsnn.network.draw import draw_sources
from distsnn.neurons import LifExp

# A right implementation fails one in a million tests of fixed seed.
P_LIMIT = 1e-6


def connected(
    rule: Any, source: Any, target: Any = None, *, n: tuple[int, int] = (60, 50), seed: int = 1,
    weight: Any = 1.0, delay_ms: Any = None, dt_ms: float = 0.1, **more: Any,
) -> Projection:  # fmt: skip
    """Return a projection between populations at these positions; onto itself without a target."""
    network = Network(dt_ms=dt_ms, seed=seed)
    from_here = network.population("source", n[0], LifExp(), positions=source)
    onto = from_here
    if target is not None:
        onto = network.population("target", n[1], LifExp(), positions=target)
    return network.connect(from_here, onto, rule, weight=weight, delay_ms=delay_ms, **more)


def all_distances(projection: Projection, wrap: bool) -> np.ndarray:
    """Return the distance of every pair, float64 [targets, sources]."""
    source, target = projection.source, projection.target
    difference = target.positions[:, None] - source.positions[None]
    if wrap:
        extent = np.array(source.space.extent)
        difference -= extent * np.round(difference / extent)
    return np.sqrt((difference**2).sum(axis=2))


def matrix(projection: Projection, seed: int = 1) -> np.ndarray:
    """Return the number of synapses of every pair, int64 [targets, sources]."""
    counts, sources = draw_sources(projection, 0, projection.target.size, seed)
    found = np.zeros((projection.target.size, projection.source.size), dtype=np.int64)
    np.add.at(found, (np.repeat(np.arange(counts.size), counts), sources), 1)
    return found


def coins(projection: Projection, seed: int = 1) -> np.ndarray:
    """Return the two words of every pair, float64 [targets, sources, 2]."""
    key = stream_key(seed, "sources", projection.index)
    low, high = key & 0xFFFFFFFF, key >> 32
    return np.array(
        [
            [
                threefry_words((low, high), (target, source))
                for source in range(projection.source.size)
            ]
            for target in range(projection.target.size)
        ],
        dtype=np.float64,
    )


def wanted(
    projection: Projection, wrap: bool, formula: Callable[[np.ndarray], np.ndarray]
) -> tuple[np.ndarray, np.ndarray]:
    """Return which pairs are connected, and which are too near the edge of their coin to tell."""
    probability = formula(all_distances(projection, wrap))
    if projection.source is projection.target:
        np.fill_diagonal(probability, 0.0)
    share = coins(projection)[..., 0] / 2.0**32
    return share < probability, np.abs(share - probability) < 1e-5


def race(projection: Projection, wrap: bool, k: int, formula: Any, seed: int = 1) -> np.ndarray:
    """Return the matrix of the k first arrivals of each target, int64 [targets, sources]."""
    profile = formula(all_distances(projection, wrap))
    words = coins(projection, seed)
    u = (np.floor((words[..., 0] * 2.0**32 + words[..., 1]) / 2.0**12) + 0.5) * 2.0**-52
    with np.errstate(divide="ignore"):
        arrival = -np.log(u) / profile
    if projection.source is projection.target:
        np.fill_diagonal(arrival, np.inf)
    found = np.zeros(arrival.shape, dtype=np.int64)
    np.put_along_axis(found, np.argsort(arrival, axis=1)[:, :k], 1, axis=1)
    return found
