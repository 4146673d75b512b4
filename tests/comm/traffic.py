"""Random traffic that every rank can draw for all ranks, and an independent account of it."""

from __future__ import annotations

import numpy as np


class Traffic:
    """Who sends what to whom. All ranks draw the same from the same seed."""

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

    def draw(self, most: int) -> dict[tuple[int, int], np.ndarray]:
        """Return the packets of one step by (source, destination): up to ``most`` each."""
        packets = {}
        for source, target in np.argwhere(self.reaches):
            n = int(self.rng.integers(0, min(most, self.capacity) + 1))
            words = self.rng.integers(0, 1 << 32, n, dtype=np.uint32)
            packets[int(source), int(target)] = words
        return packets

    def draw_burst(self) -> dict[tuple[int, int], np.ndarray]:
        """As ``draw``, but half of the pairs send all that fits and the others next to nothing."""
        packets = {}
        for source, target in np.argwhere(self.reaches):
            n = self.capacity if self.rng.random() < 0.5 else int(self.rng.integers(0, 3))
            packets[int(source), int(target)] = self.rng.integers(0, 1 << 32, n, dtype=np.uint32)
        return packets


def expected_inbox(packets: dict[tuple[int, int], np.ndarray], rank: int) -> np.ndarray:
    """Return, sorted, what a rank must receive."""
    parts = [words for (_, target), words in packets.items() if target == rank]
    return np.sort(np.concatenate([np.empty(0, np.uint32), *parts]))


def walk(
    packets: dict[tuple[int, int], np.ndarray],
    grid: tuple[int, int],
    rank: int,
    is_torus: bool = False,
    first: str = "x",
) -> np.ndarray:
    """Return [fabric bit, direction] packets that leave ``rank``, hop by hop, along X first or Y."""
    n_x, n_y = grid
    carried = np.zeros((2, 4), dtype=np.int64)
    for (source, target), words in packets.items():
        by_fabric = np.bincount((words >> 25) & 1, minlength=2)
        x, y = source % n_x, source // n_x
        while (x, y) != (target % n_x, target // n_x):
            here = y * n_x + x
            if x != target % n_x and (first == "x" or y == target // n_x):
                way = _way(x, target % n_x, n_x, is_torus)
                direction = 0 if way > 0 else 1
                x = (x + way) % n_x
            else:
                way = _way(y, target // n_x, n_y, is_torus)
                direction = 3 if way > 0 else 2
                y = (y + way) % n_y
            if here == rank:
                carried[:, direction] += by_fabric
    return carried


def _way(here: int, there: int, length: int, is_torus: bool) -> int:
    """Return 1 or -1, the next step on a line or, the shorter way, on a ring."""
    if not is_torus:
        return 1 if there > here else -1
    up = next(k for k in range(1, length) if (here + k) % length == there)
    return 1 if up <= length - up else -1


def grids(n_ranks: int) -> list[tuple[int, int]]:
    """Return every rank grid of that many ranks."""
    return [(x, n_ranks // x) for x in range(1, n_ranks + 1) if n_ranks % x == 0]
