"""What the mesh carried: step by step, gathered over the ranks in blocks; on large meshes in all."""

from __future__ import annotations

from typing import Any

import numpy as np

from distsnn.chip import Chip
from distsnn.kernels.mesh.block_sums import sum_steps
from distsnn.kernels.mesh.link_loads import (
    MAX_PACKETS,
    finish_step,
    finish_steps,
    in_tile_packets,
    new_differences,
)
from distsnn.mesh import Box, Tiling

MAX_BYTES = 3 << 19  # of a block of rows
NODES_PER_STEP = 512  # cores of a chip whose links are summed in every step without being felt


class MeshRecorder:
    """Counters of one rank, and on rank 0 the sums over all ranks.

    A block has one row per step, which is gathered when it is full, so that the busiest link and
    core of each step are known. On large meshes there is one row for the whole run, gathered once,
    and loads are summed every ``window`` steps, so that the work of a step does not grow with the
    mesh. Counted is in a box of nodes around the cores that are used; totals are of all cores.

    loads: packets over each directed link, [rows, fabrics * 4 * nodes], int32; int64 of many steps.
    per_core: int64 [rows, 3 * nodes]: packets sent, packets received, synaptic events. learning:
    int64 [rows, nodes], updates of plastic synapses, no rows where none learn. most_packets: the
    most that this rank can send in a step.
    """

    def __init__(
        self,
        comm: Any,
        chip: Chip,
        box: Box,
        n_steps: int,
        batch: int,
        most_packets: int = 0,
        *,
        is_learning: bool = False,
    ) -> None:
        self.comm, self.box, self.n_steps = comm, box, n_steps
        n_nodes, n_columns = box.inner.n_nodes, chip.n_fabrics * 4 * box.inner.n_nodes
        self.each_step = chip.n_cores <= NODES_PER_STEP
        self.window = 1 if self.each_step else _window(chip.n_cores, batch, most_packets)
        self.rows_per_step = int(self.each_step)
        self.n_block = 1
        if self.each_step:
            fitting = min(n_steps, max(1, MAX_BYTES // (4 * n_columns + 8 * 3 * n_nodes)))
            self.n_block = batch * max(1, fitting // batch)
        self.block_steps = self.n_block if self.each_step else n_steps
        kind = np.int32 if self.each_step else np.int64
        self.loads = np.zeros((self.n_block, n_columns), dtype=kind)
        self.per_core = np.zeros((self.n_block, 3 * n_nodes), dtype=np.int64)
        self.learning = np.zeros((self.n_block * is_learning, n_nodes), dtype=np.int64)
        self.differences = new_differences(
            chip.n_fabrics,
            box.inner.width,
            box.inner.height,
            wrap=chip.wrap,
            tile_width=chip.tile_width,
            tile_height=chip.tile_height,
        )
        finish = finish_step if self.each_step else finish_steps
        self.bound_finish = finish.bind(self.differences, self.loads)
        self._link_totals = np.zeros((chip.n_fabrics, 4, n_nodes), dtype=np.int64)
        self._core_totals = np.zeros((3, n_nodes), dtype=np.int64)
        self._learning_totals = np.zeros(n_nodes, dtype=np.int64)
        self._open_steps(chip, n_steps, is_learning)
        self.n_done = 0

    def _open_steps(self, chip: Chip, n_steps: int, is_learning: bool) -> None:
        """Make what is known of each step, on rank 0 alone: int64 [steps]."""
        is_root = self.comm.rank == 0
        n_known = n_steps * (self.each_step and is_root)
        self.packets, self.busiest_link, self.busiest_tile_link = (
            np.zeros(n_known, dtype=np.int64) for _ in range(3)
        )
        self.most_events, self.most_received = (np.zeros(n_known, dtype=np.int64) for _ in range(2))
        self.most_learning = np.zeros(n_known * is_learning, dtype=np.int64)
        tile_link = self._tile_links(chip)
        links = (tile_link, *np.zeros((2, tile_link.size), dtype=np.int32))
        self._sums = (
            *links, self._link_totals.ravel(), self._core_totals.ravel(), self.packets,
            self.busiest_link, self.busiest_tile_link, self.most_received, self.most_events,
        )  # fmt: skip
        own = (self.loads, self.per_core)
        self._totals = [np.empty_like(a) if is_root and self.comm.n_ranks > 1 else None for a in own]

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

    def is_block_full(self, t: int) -> bool:
        """Return whether step ``t`` is the last one that the block has room for."""
        return (t + 1) % self.block_steps == 0 or t + 1 == self.n_steps

    def finish_block(self, n: int) -> None:
        """Add the first ``n`` rows of the block up over the ranks and empty it. Collective."""
        if not self.each_step:
            self.bound_finish(0)  # what was counted since the last window
        loads, per_core = self.loads[:n], self.per_core[:n]
        if self.comm.n_ranks > 1:
            loads, per_core = (
                self.comm.reduce_sum(own, out=None if total is None else total[:n])
                for own, total in zip((loads, per_core), self._totals, strict=True)
            )
        if self.comm.rank == 0 and self.each_step:
            sum_steps(n, self.n_done, loads, per_core, *self._sums)
        elif self.comm.rank == 0:
            self._link_totals += loads.reshape(self._link_totals.shape)
            self._core_totals += per_core.reshape(self._core_totals.shape)
        if self.learning.size:
            self._finish_learning(n)
        self.n_done += n
        self.loads[:n] = 0
        self.per_core[:n] = 0

    def _finish_learning(self, n: int) -> None:
        learning = self.comm.reduce_sum(self.learning[:n])
        if self.comm.rank == 0:
            self._learning_totals += learning.sum(axis=0)
            if self.each_step:
                self.most_learning[self.n_done : self.n_done + n] = learning.max(axis=1)
        self.learning[:n] = 0

    def in_tile(self) -> int:
        """Return the packets that stayed in their tile, over all ranks. Collective."""
        return int(self.comm.sum(in_tile_packets(self.differences)))


def _window(n_cores: int, batch: int, most_packets: int) -> int:
    """Return the steps between two summings: no more than 32 bits hold if all neurons spike."""
    wanted = batch * -(-n_cores // NODES_PER_STEP)
    return max(1, min(wanted, MAX_PACKETS // max(1, most_packets)))
