"""Counts the traffic of the mesh: per step, gathered in blocks; on large meshes, in total."""

from __future__ import annotations

import numpy as np

from distsnn.chip import Chip
from distsnn.comm import Comm
from distsnn.core.recording.counter_block import CounterBlock, room_for_sum, summed
from distsnn.kernels.mesh.block_sums import sum_links
from distsnn.kernels.mesh.counters import COUNTERS, SENT, CoreCounter
from distsnn.kernels.mesh.link_loads import (
    MAX_PACKETS,
    finish_step,
    finish_steps,
    in_tile_packets,
    new_differences,
)
from distsnn.mesh import Box, Tiling

MAX_BYTES = 3 << 19  # of a block of rows
NODES_PER_STEP = 512  # cores up to which the links are summed in every step at negligible cost


class MeshRecorder:
    """Counters of one rank, and on rank 0 the sums over all ranks.

    A block has one row per step and is gathered when it is full, so that the busiest link and core of
    each step are known. On large meshes there is one row for the whole run, gathered once, and loads
    are summed every ``window`` steps, so that the work per step does not grow with the mesh. Counters
    cover a box of nodes around the cores in use; totals cover all cores.

    loads: packets over each directed link, [rows, fabrics * 4 * nodes], int32, or int64 if a row holds
    many steps. per_core: int64 [rows, N_COUNTERS * nodes], see ``COUNTERS``. extra: counters beside
    ``COUNTERS``, and their rows in the same form, of no size without them. n_steps: 0 counts in total
    on a mesh of any size. most_packets: maximum number of packets that this rank sends in a step.
    """

    def __init__(
        self,
        comm: Comm,
        chip: Chip,
        box: Box,
        n_steps: int,
        batch: int,
        most_packets: int = 0,
        *,
        extra: tuple[CoreCounter, ...] = (),
    ) -> None:
        self.comm, self.box, self.n_steps = comm, box, n_steps
        n_nodes, n_columns = box.inner.n_nodes, chip.n_fabrics * 4 * box.inner.n_nodes
        self.each_step = n_steps > 0 and chip.n_cores <= NODES_PER_STEP
        self.window = 1 if self.each_step else _window(chip.n_cores, batch, most_packets)
        self.rows_per_step = int(self.each_step)
        self.n_block = 1
        if self.each_step:
            row_bytes = 4 * n_columns + 8 * len(COUNTERS) * n_nodes
            self.n_block = batch * max(1, min(n_steps, max(1, MAX_BYTES // row_bytes)) // batch)
        self.block_steps = self.n_block if self.each_step else n_steps
        self.n_done = 0
        n_known = n_steps if self.each_step and comm.rank == 0 else 0
        self._cores = CounterBlock(comm, COUNTERS, self.n_block, n_nodes, n_known)
        more = CounterBlock(comm, extra, self.n_block, n_nodes, n_known)
        self._blocks = [self._cores, more] if extra else [self._cores]
        self.per_core, self.extra = self._cores.rows, more.rows
        self._open_links(chip, n_columns, n_known)

    def _open_links(self, chip: Chip, n_columns: int, n_known: int) -> None:
        """Allocate the counters of link loads. n_known: number of steps that are counted separately."""
        mesh = self.box.inner
        kind = np.int32 if self.each_step else np.int64
        self.loads = np.full((self.n_block, n_columns), 0, dtype=kind)
        self.differences = new_differences(
            chip.n_fabrics, mesh.width, mesh.height,
            wrap=chip.wrap, tile_width=chip.tile_width, tile_height=chip.tile_height,
        )  # fmt: skip
        finish = finish_step if self.each_step else finish_steps
        self.bound_finish = finish.bind(self.differences, self.loads)
        self._sum = room_for_sum(self.comm, self.loads)
        self._link_totals = np.zeros((chip.n_fabrics, 4, mesh.n_nodes), dtype=np.int64)
        self._busiest = np.full((2, n_known), 0, dtype=np.int64)
        if self.each_step:
            tile_link = self._tile_links(chip)
            self._add_up_links = sum_links.bind(
                self.loads if self._sum is None else self._sum, self._cores.of_step[SENT], tile_link,
                *np.zeros((2, tile_link.size), dtype=np.int32), self._link_totals.reshape(-1),
                self._busiest,
            )  # fmt: skip

    def _tile_links(self, chip: Chip) -> np.ndarray:
        """Return the link between tiles that each link of the box belongs to, int32, -1: none.

        Links between tiles are numbered from 0 without gaps.
        """
        tiling = Tiling(self.box.outer, chip.tile_width, chip.tile_height)
        links = tiling.link_of_core_link().reshape(4, -1)[:, self.box.nodes].ravel()
        known = np.unique(links[links >= 0])
        return np.where(links < 0, -1, np.searchsorted(known, links)).astype(np.int32)

    @property
    def link_totals(self) -> np.ndarray:
        """Packets over each directed link of the whole mesh, int64 [fabrics, 4, cores], on rank 0."""
        return self.box.spread(self._link_totals)

    def core_totals(self) -> dict[str, np.ndarray]:
        """Return the totals of each active counter by name, int64 [cores], on rank 0."""
        return {
            counter.name: self.box.spread(total)
            for block in self._blocks
            for counter, total in zip(block.counters, block.totals, strict=True)
        }

    def of_steps(self, n_steps: int) -> dict[str, np.ndarray]:
        """Return the values of the first steps by name, int64 [n_steps]; [0] on large meshes."""
        known = {
            "busiest_link_of_step": self._busiest[0], "busiest_tile_link_of_step": self._busiest[1],
        }  # fmt: skip
        for block in self._blocks:
            for counter, values in zip(block.counters, block.of_step, strict=True):
                if counter.of_step:
                    known[counter.of_step] = values
        return {name: values[:n_steps] for name, values in known.items()}

    def begin_run(self, n_steps: int) -> None:
        """Continue with a run of ``n_steps`` after a completed run; totals and steps accumulate.

        Windows of several steps are not reported; the next run overwrites them.
        """
        self.n_steps = n_steps
        if self.window > 1:
            self.n_done = 0

    def row(self, t: int) -> int:
        """Return the row of the block that counts step ``t``."""
        return (t // self.window) % self.n_block

    def is_block_full(self, t: int) -> bool:
        """Return whether the block is full after step ``t``."""
        return (t + 1) % self.block_steps == 0 or t + 1 == self.n_steps

    def finish_block(self, n: int) -> None:
        """Sum the first ``n`` rows of the block over the ranks and clear it. Collective."""
        if not self.each_step:
            self.bound_finish(0)  # packets counted since the last window
        for block in self._blocks:
            block.finish(n, self.n_done)
        loads = summed(self.comm, self.loads[:n], self._sum)
        if self.comm.rank == 0 and self.each_step:
            self._add_up_links(n, self.n_done)
        elif self.comm.rank == 0:
            self._link_totals += loads.reshape(self._link_totals.shape)
        self.n_done += n
        self.loads[:n] = 0

    def in_tile(self) -> int:
        """Return the number of packets within a tile, over all ranks. Collective."""
        return int(self.comm.sum(in_tile_packets(self.differences)))


def _window(n_cores: int, batch: int, most_packets: int) -> int:
    """Return the steps between two sums, such that 32 bits suffice even if all neurons spike."""
    wanted = batch * -(-n_cores // NODES_PER_STEP)
    return max(1, min(wanted, MAX_PACKETS // max(1, most_packets)))
