"""What the mesh carries of a batch of images, counted on this rank, summed over ranks when asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from distsnn.chip import Chip
from distsnn.convnet.engine.plan import ConvPlan
from distsnn.kernels.conv.route import EVENTS, RECEIVED, SENT, SPIKES
from distsnn.kernels.mesh.link_loads import finish_steps, in_tile_packets, new_differences
from distsnn.traffic import MeshCounters


class Counts:
    """Counters of one rank.

    per_core: int64 [4, cores]: spikes, packets sent and received, synaptic events. per_image: int64
    [links, images of a batch, 3]: spikes, packets, synaptic events. digest: uint64 [1], of spikes.
    """

    def __init__(self, chip: Chip, n_links: int, batch: int) -> None:
        self.chip = chip
        self.differences = new_differences(
            chip.n_fabrics, chip.width, chip.height,
            wrap=chip.wrap, tile_width=chip.tile_width, tile_height=chip.tile_height,
        )  # fmt: skip
        self.per_core = np.zeros((4, chip.n_cores), dtype=np.int64)
        self.per_image = np.zeros((n_links, batch, 3), dtype=np.int64)
        self.digest = np.zeros(1, dtype=np.uint64)
        self.link_totals = np.zeros((chip.n_fabrics, 4, chip.n_cores), dtype=np.int64)
        self.learning_updates = 0
        self._finish = finish_steps.bind(self.differences, self.link_totals.reshape(1, -1))
        self._in_tile_before = 0

    def finish_batch(self) -> np.ndarray:
        """Add up the links of the batch; return its counts per link and image and forget them."""
        self._finish(0)
        found = self.per_image.copy()
        self.per_image.fill(0)
        return found

    def take(self) -> RankCounts:
        """Return the sums since the last call and begin anew."""
        in_tile = in_tile_packets(self.differences)
        found = RankCounts(
            self.link_totals.copy(), self.per_core.copy(), in_tile - self._in_tile_before,
            self.learning_updates, int(self.digest[0]),
        )  # fmt: skip
        self._in_tile_before = in_tile
        for array in (self.link_totals, self.per_core, self.digest):
            array.fill(0)
        self.learning_updates = 0
        return found


@dataclass
class RankCounts:
    """Sums of one rank, which can be added up over pieces of work, stored, and over ranks."""

    links: np.ndarray
    per_core: np.ndarray
    in_tile: int
    learning_updates: int
    digest: int

    def __add__(self, other: RankCounts) -> RankCounts:
        return RankCounts(
            self.links + other.links, self.per_core + other.per_core,
            self.in_tile + other.in_tile, self.learning_updates + other.learning_updates,
            (self.digest + other.digest) % 2**64,
        )  # fmt: skip

    def arrays(self) -> dict[str, np.ndarray]:
        """Return plain arrays to store."""
        numbers = np.array([self.in_tile, self.learning_updates], dtype=np.int64)
        digest = np.array([self.digest], dtype=np.uint64)
        return {
            "links": self.links,
            "per_core": self.per_core,
            "numbers": numbers,
            "spikes": digest,
        }

    @classmethod
    def from_arrays(cls, arrays: Any) -> RankCounts:
        """Read what ``arrays`` gave."""
        in_tile, updates = (int(number) for number in arrays["numbers"])
        return cls(arrays["links"], arrays["per_core"], in_tile, updates, int(arrays["spikes"][0]))


def sum_over_ranks(counts: RankCounts, comm: Any) -> RankCounts:
    """Return the sums over all ranks on rank 0, something else elsewhere. Collective."""
    numbers = np.array([counts.in_tile, counts.learning_updates], dtype=np.int64)
    numbers = comm.reduce_sum(numbers)
    digest = comm.reduce_sum(np.array([counts.digest], dtype=np.uint64))
    return RankCounts(
        comm.reduce_sum(counts.links), comm.reduce_sum(counts.per_core),
        int(numbers[0]), int(numbers[1]), int(digest[0]),
    )  # fmt: skip


def mesh_counters(counts: RankCounts, plan: ConvPlan, n_steps: int) -> MeshCounters:
    """Return the counters of the whole mesh over ``n_steps`` steps of the chip."""
    return MeshCounters(
        width=plan.chip.width,
        height=plan.chip.height,
        n_steps=max(1, n_steps),
        link_packets=counts.links,
        packets_sent=counts.per_core[SENT],
        packets_received=counts.per_core[RECEIVED],
        in_tile_packets=counts.in_tile,
        synaptic_events=counts.per_core[EVENTS],
        neurons=plan.neurons_of_core(),
        spikes=counts.per_core[SPIKES],
        learning_updates=counts.learning_updates,
    )
