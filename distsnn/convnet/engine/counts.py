"""Counters of the mesh for a batch of images: per rank, summed over ranks on request."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from distsnn.chip import Chip
from distsnn.comm import Comm
from distsnn.convnet.engine.plan import ConvPlan
from distsnn.kernels.conv.send import EVENTS, N_PER_CORE, RECEIVED, SENT, SPIKES
from distsnn.kernels.mesh import finish_steps, in_tile_packets, new_differences
from distsnn.traffic import MeshCounters


class Counts:
    """Counters of one rank.

    per_core: int64 [4, cores]: packets sent and received, synaptic events, spikes. per_image: int64
    [connections, images of a batch, 3]: spikes, packets, synaptic events. differences: int32, see
    ``kernels/mesh/link_loads.py``. digest: uint64 [1], of spikes.
    """

    def __init__(self, chip: Chip, n_connections: int, batch: int) -> None:
        self.differences = new_differences(
            chip.n_fabrics, chip.width, chip.height,
            wrap=chip.wrap, tile_width=chip.tile_width, tile_height=chip.tile_height,
        )  # fmt: skip
        self._sums = Sums.zero(chip.n_fabrics, chip.n_cores)
        self.per_core, self.digest = self._sums.per_core, self._sums.digest
        self.per_image = np.zeros((n_connections, batch, 3), dtype=np.int64)
        self._finish = finish_steps.bind(self.differences, self._sums.links.reshape(1, -1))
        self._in_tile_before = 0

    def add_learning_updates(self, n: int) -> None:
        """Count n synapses that have changed."""
        self._sums.learning_updates[0] += n

    def finish_batch(self) -> np.ndarray:
        """Add the links of the batch to the sums; return per_image and set it to 0."""
        self._finish(0)
        finished = self.per_image.copy()
        # The array is bound to compiled code: it is cleared in place.
        self.per_image.fill(0)
        return finished

    def take(self) -> Sums:
        """Return the sums since the last call and set them to 0."""
        # The differences keep a running total; the sum since the last call is wanted.
        in_tile = in_tile_packets(self.differences)
        self._sums.in_tile[0] = in_tile - self._in_tile_before
        self._in_tile_before = in_tile
        taken = Sums(self._sums.words.copy(), *self._sums.shape)
        self._sums.words.fill(0)
        return taken

    @property
    def shape(self) -> tuple[int, int]:
        """Physical fabrics and cores."""
        return self._sums.shape


@dataclass(frozen=True)
class Sums:
    """Whole numbers that add up: over pieces of work, in files, and over ranks.

    words: int64, packets over links [fabrics, 4, cores] | numbers of cores [4, cores] | packets
    within a tile | learning updates | digest of spikes, a sum modulo 2^64.
    """

    words: np.ndarray
    n_fabrics: int
    n_cores: int

    @classmethod
    def zero(cls, n_fabrics: int, n_cores: int) -> Sums:
        """Return sums of zero."""
        # Links, four numbers per core, three single numbers.
        n = 4 * n_fabrics * n_cores + N_PER_CORE * n_cores + 3
        return cls(np.zeros(n, dtype=np.int64), n_fabrics, n_cores)

    @property
    def shape(self) -> tuple[int, int]:
        """Physical fabrics and cores."""
        return self.n_fabrics, self.n_cores

    @property
    def links(self) -> np.ndarray:
        """Packets over each directed link, int64 [fabrics, 4, cores]."""
        n = 4 * self.n_fabrics * self.n_cores
        return self.words[:n].reshape(self.n_fabrics, 4, self.n_cores)

    @property
    def per_core(self) -> np.ndarray:
        """Packets sent and received, synaptic events, spikes of each core, int64 [4, cores]."""
        return self.words[4 * self.n_fabrics * self.n_cores : -3].reshape(N_PER_CORE, -1)

    @property
    def in_tile(self) -> np.ndarray:
        """Packets between cores of one tile, or to the own core, int64 [1]."""
        return self.words[-3:-2]

    @property
    def learning_updates(self) -> np.ndarray:
        """Changes of synapses by learning, int64 [1]."""
        return self.words[-2:-1]

    @property
    def digest(self) -> np.ndarray:
        """Digest of spikes, uint64 [1]."""
        return self.words[-1:].view(np.uint64)

    def __add__(self, other: Sums) -> Sums:
        return Sums(self.words + other.words, *self.shape)

    def over_ranks(self, comm: Comm) -> Sums:
        """Return the sums over all ranks; valid on rank 0 only. Collective."""
        return Sums(comm.reduce_sum(self.words), *self.shape)

    def arrays(self) -> dict[str, np.ndarray]:
        """Return plain arrays to store."""
        return {
            "links": self.links, "per_core": self.per_core, "numbers": self.words[-3:-1],
            "spikes": self.digest,
        }  # fmt: skip

    @classmethod
    def from_arrays(cls, arrays: Any) -> Sums:
        """Read arrays as ``arrays`` returns them."""
        links = arrays["links"]
        parts = (links, arrays["per_core"], arrays["numbers"], arrays["spikes"].view(np.int64))
        return cls(np.concatenate([p.ravel() for p in parts]), len(links), links.shape[2])

    def mesh_counters(self, plan: ConvPlan, n_steps: int) -> MeshCounters:
        """Return the counters of the whole mesh over ``n_steps`` steps of the chip."""
        per_core = self.per_core
        return MeshCounters(
            width=plan.chip.width,
            height=plan.chip.height,
            n_steps=max(1, n_steps),
            link_packets=self.links,
            packets_sent=per_core[SENT],
            packets_received=per_core[RECEIVED],
            in_tile_packets=int(self.in_tile[0]),
            synaptic_events=per_core[EVENTS],
            neurons=plan.neurons_of_core(),
            spikes=per_core[SPIKES],
            learning_updates=int(self.learning_updates[0]),
        )
