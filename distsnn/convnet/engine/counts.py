"""What the mesh carries for batches of images: per rank, summed over the ranks on request."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from distsnn.chip import Chip
from distsnn.comm import Comm
from distsnn.core.recording.mesh_recorder import IN_TOTAL, MeshRecorder
from distsnn.kernels.mesh import N_COUNTERS, SPIKE_COUNTERS
from distsnn.mesh import Box, Mesh
from distsnn.traffic import MeshCounters


@dataclass(frozen=True)
class Counted:
    """Counters of a part of the work, and a digest of its spikes, uint64 [1]; both add up.

    mesh: without steps and neurons, which a part does not know.
    """

    mesh: MeshCounters
    digest: np.ndarray

    def __add__(self, other: Counted) -> Counted:
        return Counted(self.mesh + other.mesh, self.digest + other.digest)

    def arrays(self) -> dict[str, np.ndarray]:
        """Return plain arrays to store."""
        mesh = self.mesh
        of_cores = (mesh.packets_sent, mesh.packets_received, mesh.synaptic_events, mesh.spikes)
        return {
            "links": mesh.link_packets, "per_core": np.stack(of_cores),  # type: ignore[arg-type]
            "numbers": np.array([mesh.in_tile_packets, mesh.learning_updates]),
            "spikes": self.digest,
        }  # fmt: skip

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, np.ndarray], chip: Chip) -> Counted:
        """Read arrays as ``arrays`` returns them."""
        sent, received, events, spikes = arrays["per_core"]
        in_tile, updates = arrays["numbers"].tolist()
        mesh = MeshCounters(
            chip.width, chip.height, 0, arrays["links"], sent, received, in_tile, events,
            spikes=spikes, learning_updates=updates,
        )  # fmt: skip
        return cls(mesh, arrays["spikes"])


class Counts:
    """Counters of one rank.

    per_core: int64 [N_COUNTERS, cores]; spikes_of_core: int64 [cores]. per_image: int64
    [connections, images of a batch, 3]: spikes, packets, synaptic events. differences: int32, see
    ``kernels/mesh/link_loads.py``. digest: uint64 [1], of spikes. learning_updates: synapses that
    have changed; counted on rank 0 alone.
    """

    def __init__(self, comm: Comm, chip: Chip, n_connections: int, batch: int) -> None:
        self._comm, self._chip, mesh = comm, chip, Mesh.of_chip(chip)
        # One row for all steps: images follow each other as fast as the chip can run.
        self._recorder = MeshRecorder(
            comm, chip, Box(mesh, mesh, 0, 0), IN_TOTAL, 1, extra=SPIKE_COUNTERS
        )
        self.differences = self._recorder.differences
        self.per_core = self._recorder.per_core.reshape(N_COUNTERS, -1)
        self.spikes_of_core = self._recorder.extra.reshape(-1)
        self.per_image = np.zeros((n_connections, batch, 3), dtype=np.int64)
        self.digest = np.zeros(1, dtype=np.uint64)
        self.learning_updates = 0
        self._taken: MeshCounters | None = None

    def finish_batch(self) -> np.ndarray:
        """Add up the links of the batch; return per_image and set it to 0."""
        self._recorder.bound_finish(0)
        finished = self.per_image.copy()
        # The array is bound to compiled code: it is cleared in place.
        self.per_image.fill(0)
        return finished

    def take(self) -> Counted | None:
        """Return what was counted since the last call on rank 0, None elsewhere. Collective."""
        recorder = self._recorder
        recorder.finish_block(1)
        in_tile, digest = recorder.in_tile(), self._comm.reduce_sum(self.digest.copy())
        self.digest.fill(0)
        if self._comm.rank != 0:
            return None
        now = MeshCounters(
            self._chip.width, self._chip.height, 0, recorder.link_totals, in_tile_packets=in_tile,
            learning_updates=self.learning_updates, **recorder.core_totals(),
        )  # fmt: skip
        # The recorder's totals go on growing.
        taken = now if self._taken is None else now.since(self._taken)
        self._taken = now
        return Counted(taken, digest)
