"""Random traffic, which every rank draws for all ranks, and an independent account of it."""

from __future__ import annotations

import numpy as np


class Traffic:
    """Random packets between pairs of ranks; the same seed gives the same packets on every rank."""

    def __init__(
        self, n_ranks: int, seed: int, density: float, capacity: int, with_self: bool
    ) -> None:
        self.n_ranks, self.capacity = n_ranks, capacity
        self.rng = np.random.default_rng(seed)
        reaches = self.rng.random((n_ranks, n_ranks)) < density
        np.fill_diagonal(reaches, with_self)
        self.reaches = reaches

    def destinations(self, rank: int) -> np.ndarray:
        return np.flatnonzero(self.reaches[rank])

    def draw(self, max_packets: int) -> dict[tuple[int, int], np.ndarray]:
        """Return the packets of one step by (source, destination): up to ``max_packets`` each."""
        packets = {}
        for source, target in np.argwhere(self.reaches):
            n = int(self.rng.integers(0, min(max_packets, self.capacity) + 1))
            words = self.rng.integers(0, 1 << 32, n, dtype=np.uint32)
            packets[int(source), int(target)] = words
        return packets

    def draw_burst(self) -> dict[tuple[int, int], np.ndarray]:
        """As ``draw``, but about half of the pairs send full rows and the others at most 2 packets."""
        packets = {}
        for source, target in np.argwhere(self.reaches):
            n = self.capacity if self.rng.random() < 0.5 else int(self.rng.integers(0, 3))
            packets[int(source), int(target)] = self.rng.integers(0, 1 << 32, n, dtype=np.uint32)
        return packets


def expected_inbox(packets: dict[tuple[int, int], np.ndarray], rank: int) -> np.ndarray:
    """Return the packets that a rank must receive, sorted."""
    parts = [words for (_, target), words in packets.items() if target == rank]
    return np.sort(np.concatenate([np.empty(0, np.uint32), *parts]))


def walk(
    packets: dict[tuple[int, int], np.ndarray],
    grid: tuple[int, int],
    rank: int,
    is_torus: bool = False,
    first: str = "x",
) -> np.ndarray:
    """Return the packets that leave ``rank`` by hops, int64 [fabric bit, direction].

    first: the axis that packets take first.
    """
    n_x, n_y = grid
    carried = np.zeros((2, 4), dtype=np.int64)
    for (source, target), words in packets.items():
        by_fabric = np.bincount((words >> 25) & 1, minlength=2)
        x, y = source % n_x, source // n_x
        while (x, y) != (target % n_x, target // n_x):
            node = y * n_x + x
            if x != target % n_x and (first == "x" or y == target // n_x):
                step = _step(x, target % n_x, n_x, is_torus)
                direction = 0 if step > 0 else 1
                x = (x + step) % n_x
            else:
                step = _step(y, target // n_x, n_y, is_torus)
                direction = 3 if step > 0 else 2
                y = (y + step) % n_y
            if node == rank:
                carried[:, direction] += by_fabric
    return carried


def _step(start: int, end: int, length: int, is_torus: bool) -> int:
    """Return the next step, 1 or -1, from ``start`` to ``end`` on a line or ring, the shorter way."""
    if not is_torus:
        return 1 if end > start else -1
    up = next(k for k in range(1, length) if (start + k) % length == end)
    return 1 if up <= length - up else -1


def grids(n_ranks: int) -> list[tuple[int, int]]:
    """Return every grid of n_ranks ranks."""
    return [(x, n_ranks // x) for x in range(1, n_ranks + 1) if n_ranks % x == 0]
