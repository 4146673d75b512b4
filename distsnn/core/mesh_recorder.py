"""What the mesh carried, step by step, gathered over the ranks in blocks of steps."""

from __future__ import annotations

from typing import Any

import numpy as np

from distsnn.chip import Chip
from distsnn.kernels.link_loads import finish_step, in_tile_packets, new_differences
from distsnn.kernels.mesh_sums import sum_windows
from distsnn.mesh import Box, Tiling

MOST_BYTES = 1 << 20
NODES_PER_STEP = 512  # cores of a chip whose links are summed in every step without being felt


class MeshRecorder:
    """Counters of one rank for a block of windows, and on rank 0 the sums over all ranks.

    A window is one step, on large meshes several, so that the work of a step does not grow with the
    mesh. Counted is in a box of nodes around the cores that are used; totals are of all cores. loads:
    int32 [windows, fabrics * 4 * nodes], packets over each directed link. per_core: int32 [windows,
    3 * nodes]: packets sent, packets received, synaptic events. learning: int32 [windows, nodes],
    updates of plastic synapses, no windows where none learn.
    """

    def __init__(
        self,
        comm: Any,
        chip: Chip,
        box: Box,
        n_steps: int,
        batch: int,
        *,
        is_learning: bool = False,
    ) -> None:
        self.comm, self.box = comm, box
        n_fabrics, n_nodes, n_cores = chip.n_fabrics, box.inner.n_nodes, chip.n_cores
        self.window = 1 if n_cores <= NODES_PER_STEP else batch * -(-n_cores // NODES_PER_STEP)
        self.rows_per_step = int(self.window == 1)
        self.n_steps = n_steps
        n_windows = -(-n_steps // self.window)
        n_columns = n_fabrics * 4 * n_nodes
        fitting = min(n_windows, max(1, MOST_BYTES // (4 * (n_columns + 3 * n_nodes))))
        self.n_block = batch * max(1, fitting // batch) if self.window == 1 else fitting
        self.loads = np.zeros((self.n_block, n_columns), dtype=np.int32)
        self.per_core = np.zeros((self.n_block, 3 * n_nodes), dtype=np.int32)
        self.learning = np.zeros((self.n_block * is_learning, n_nodes), dtype=np.int32)
        self.differences = new_differences(
            n_fabrics,
            box.inner.width,
            box.inner.height,
            wrap=chip.wrap,
            tile_width=chip.tile_width,
            tile_height=chip.tile_height,
        )
        self.bound_finish = finish_step.bind(self.differences, self.loads)
        self._link_totals = np.zeros((n_fabrics, 4, n_nodes), dtype=np.int64)
        self._core_totals = np.zeros((3, n_nodes), dtype=np.int64)
        self.packets = np.zeros(n_windows, dtype=np.int64)
        self.busiest_link = np.zeros(n_windows, dtype=np.int64)
        self.busiest_tile_link = np.zeros(n_windows, dtype=np.int64)
        self.most_events = np.zeros(n_windows, dtype=np.int64)
        self.most_received = np.zeros(n_windows, dtype=np.int64)
        tile_link = self._tile_links(chip)
        links = (tile_link, *np.zeros((2, tile_link.size), dtype=np.int32))
        self._sums = (
            *links, self._link_totals.ravel(), self._core_totals.ravel(), self.packets,
            self.busiest_link, self.busiest_tile_link, self.most_received, self.most_events,
        )  # fmt: skip
        is_sum = comm.rank == 0 and comm.n_ranks > 1
        self._totals = [
            np.empty_like(own) if is_sum else None for own in (self.loads, self.per_core)
        ]
        self._sum_windows = sum_windows.bind(self.loads, self.per_core, *self._sums)
        self.most_learning = np.zeros(n_windows * is_learning, dtype=np.int64)
        self._learning_totals = np.zeros(n_nodes, dtype=np.int64)
        self.n_done = 0

    def _tile_links(self, chip: Chip) -> np.ndarray:
        """Return which link between tiles each link of the box is part of, int32, -1: of none.

        Links between tiles are numbered from 0 without gaps.
        """
        tiling = Tiling(self.box.outer, chip.tile_width, chip.tile_height)
        links = tiling.link_of_core_link().reshape(4, -1)[:, self.box.nodes].ravel()
        known = np.unique(links[links >= 0])
        return np.where(links < 0, -1, np.searchsorted(known, links)).astype(np.int32)

    @property
    def link_totals(self) -> np.ndarray:
        """Packets over each directed link of the whole mesh, int64 [fabrics, 4, cores]; rank 0."""
        return self.box.spread(self._link_totals)

    @property
    def core_totals(self) -> np.ndarray:
        """Packets sent, packets received, synaptic events of each core, int64 [3, cores]; rank 0."""
        return self.box.spread(self._core_totals)

    @property
    def learning_totals(self) -> np.ndarray:
        """Updates of plastic synapses of each core, int64 [cores]; rank 0."""
        return self.box.spread(self._learning_totals)

    def begin_run(self, n_steps: int) -> None:
        """Count another run, of ``n_steps``, after the end of one; totals go on, and steps, too.

        Windows of several steps are told by nobody: those of the next run take their place.
        """
        self.n_steps = n_steps
        if self.window > 1:
            self.n_done = 0

    def row(self, t: int) -> int:
        """Return the row of the block that counts step ``t``."""
        return (t // self.window) % self.n_block

    def closes(self, t: int) -> bool:
        """Return whether step ``t`` is the last one of a window, after which its loads are summed."""
        return (t + 1) % self.window == 0 or t + 1 == self.n_steps

    def is_block_full(self, t: int) -> bool:
        """Return whether step ``t`` is the last one that the block has room for."""
        return (t + 1) % (self.window * self.n_block) == 0 or t + 1 == self.n_steps

    def finish_block(self, n: int) -> None:
        """Add the first ``n`` windows of the block up over the ranks and empty it. Collective."""
        if self.comm.n_ranks == 1:
            self._sum_windows(n, self.n_done)
        else:
            loads, per_core = (
                self.comm.reduce_sum(own[:n], out=None if total is None else total[:n])
                for own, total in zip((self.loads, self.per_core), self._totals, strict=True)
            )
            if self.comm.rank == 0:
                sum_windows(n, self.n_done, loads, per_core, *self._sums)
        if self.learning.size:
            self._finish_learning(n)
        self.n_done += n
        self.loads[:n] = 0
        self.per_core[:n] = 0

    def _finish_learning(self, n: int) -> None:
        learning = self.comm.reduce_sum(self.learning[:n])
        if self.comm.rank == 0:
            self._learning_totals += learning.sum(axis=0, dtype=np.int64)
            self.most_learning[self.n_done : self.n_done + n] = learning.max(axis=1)
        self.learning[:n] = 0

    def in_tile(self) -> int:
        """Return the packets that stayed in their tile, over all ranks. Collective."""
        return int(self.comm.sum(in_tile_packets(self.differences)))
