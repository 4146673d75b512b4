"""Positions of the neurons of a liquid: one on each point of a grid, some of them inhibitory."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from distsnn import checks
from distsnn.checks import must_be
from distsnn.errors import NetworkError
from distsnn.liquid.limits import MAX_NEURONS
from distsnn.random_streams import generator

PUBLISHED = (15, 3, 3)


@dataclass(frozen=True)
class Points:
    """Grid points of the excitatory and the inhibitory neurons, int32 [n, 3], in order of x, y, z."""

    shape: tuple[int, int, int]
    excitatory: np.ndarray
    inhibitory: np.ndarray

    @property
    def n(self) -> int:
        """Number of neurons."""
        return self.excitatory.shape[0] + self.inhibitory.shape[0]

    def all(self) -> np.ndarray:
        """Return all points, excitatory first, int32 [n, 3]."""
        return np.concatenate([self.excitatory, self.inhibitory])


def place_neurons(shape: tuple[int, int, int], inhibitory_share: float, seed: int) -> Points:
    """Return a neuron on every grid point, ``inhibitory_share`` of them inhibitory, at random."""
    if len(shape) != 3 or min(shape) < 1:
        raise NetworkError(must_be("liquid: grid", "3 sizes of at least 1", shape, "Change it."))
    if not 0.0 <= inhibitory_share < 1.0:
        limit = "of at least 0 and below 1"
        raise NetworkError(
            must_be("liquid: inhibitory_share", limit, inhibitory_share, "Change it.")
        )
    n = int(np.prod(shape))
    n_inhibitory = round(n * inhibitory_share)
    if n - n_inhibitory < 1:
        limit, got = "of at least 1 excitatory neuron", f"{n} neurons, all inhibitory"
        raise NetworkError(f"liquid: must be {limit}, got {got}. Make it larger.")
    # x is the slowest index, z the fastest.
    points = np.stack(np.unravel_index(np.arange(n), shape), axis=1).astype(np.int32)
    random = generator(seed, "liquid types")
    is_inhibitory = np.zeros(n, dtype=bool)
    # Exactly n_inhibitory of them, at random points.
    is_inhibitory[random.permutation(n)[:n_inhibitory]] = True
    return Points(shape, points[~is_inhibitory], points[is_inhibitory])


def grid_of(n_neurons: int) -> tuple[int, int, int]:
    """Return the most cube-like grid of ``n_neurons`` points; 135 gives the published column.

    Raises NetworkError if every such grid is a thin rod (more than 16 times as long as wide).
    """
    checks.whole("liquid: neurons", n_neurons, 1, MAX_NEURONS, remedy="Choose another number.")
    if n_neurons == int(np.prod(PUBLISHED)):
        return PUBLISHED
    best: tuple[int, int, int] | None = None
    # Among the grids x >= y >= z the one with the smallest x - z.
    for z in _divisors(n_neurons):
        for y in _divisors(n_neurons // z):
            x = n_neurons // z // y
            if x >= y >= z and (best is None or x - z < best[0] - best[2]):
                best = (x, y, z)
    if best is None or (best[0] > 16 * best[2] and n_neurons > 16):
        near = next(k for k in range(n_neurons + 1, 2 * n_neurons + 32) if k % 20 == 0)
        raise NetworkError(
            f"liquid: neurons must be a number that fills a compact grid (x at most 16 z), got "
            f"{n_neurons}. Take {near}, or give the grid."
        )
    return best


def _divisors(n: int) -> list[int]:
    return [k for k in range(1, n + 1) if n % k == 0] if n < 4096 else _large_divisors(n)


def _large_divisors(n: int) -> list[int]:
    # Divisors come in pairs k, n / k with k <= sqrt(n).
    low = [k for k in range(1, int(n**0.5) + 1) if n % k == 0]
    return sorted({*low, *(n // k for k in low)})
