"""Counts the traffic of the mesh: for each step, or, on large meshes, for the run as a whole."""

from __future__ import annotations

import numpy as np

from distsnn.chip import Chip
from distsnn.comm import Comm
from distsnn.core.recording.counter_block import CounterBlock, extended, room_for_sum, summed
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
IN_TOTAL = -1  # for a number of steps: they are not counted one by one
NODES_PER_STEP = 512  # largest mesh whose links can be summed in every step at negligible cost


class MeshRecorder:
    """The mesh counters of one rank and, on rank 0, their sums over all ranks.

    A block of counters has one row per step and is gathered when it is full, so that the busiest link
    and core of each step are known. On large meshes, a single row counts the whole run and is gathered
    once, and link loads are summed only every ``window`` steps, so that the work per step does not grow
    with the mesh. Counters cover a box of nodes around the cores in use; totals cover all cores.

    loads: packets over each directed link, [rows, fabrics * 4 * nodes], int32, or int64 if a row counts
    many steps. per_core: int64 [rows, N_COUNTERS * nodes], see ``COUNTERS``. extra: counters beside
    ``COUNTERS``, and their rows in the same form, of no size without them. n_steps: 0 if the length of
    the run is not known yet, see ``extend``; IN_TOTAL for a single row on a mesh of any size.
    most_packets: maximum number of packets that this rank sends in a step.
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
        self.each_step = chip.n_cores <= NODES_PER_STEP and n_steps != IN_TOTAL
        self.window = 1 if self.each_step else _window(chip.n_cores, batch, most_packets)
        self.rows_per_step = int(self.each_step)
        self.n_block = 1
        if self.each_step:
            row_bytes = 4 * n_columns + 8 * len(COUNTERS) * n_nodes
            # Whole batches, since a block can be gathered only after an exchange.
            fitting = max(1, MAX_BYTES // row_bytes)
            self.n_block = batch * max(1, min(n_steps or fitting, fitting) // batch)
        self.block_steps = self.n_block if self.each_step else n_steps
        self.n_done = 0  # rows gathered so far
        self.origin = 0  # the step from which rows are counted
        self._n_rows_done = 0  # of the current block
        n_known = n_steps if self.each_step and comm.rank == 0 else 0
        self._cores = CounterBlock(comm, COUNTERS, self.n_block, n_nodes, n_known)
        more = CounterBlock(comm, extra, self.n_block, n_nodes, n_known)
        self._blocks = [self._cores, more] if extra else [self._cores]
        self.per_core, self.extra = self._cores.rows, more.rows
        self._open_links(chip, n_columns, n_known)

    def _open_links(self, chip: Chip, n_columns: int, n_known: int) -> None:
        """Allocate the counters of link loads for ``n_known`` steps that are counted separately."""
        mesh = self.box.inner
        kind = np.int32 if self.each_step else np.int64
        self.loads = np.full((self.n_block, n_columns), 0, dtype=kind)
        # A packet marks where it enters and leaves a straight line of links; the sums of these marks
        # along the line are the loads.
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
            self._tile_link = self._tile_links(chip)
            self._bind_links()

    def _bind_links(self) -> None:
        self._add_up_links = sum_links.bind(
            self.loads if self._sum is None else self._sum, self._cores.of_step[SENT],
            self._tile_link, *np.zeros((2, self._tile_link.size), dtype=np.int32),
            self._link_totals.reshape(-1), self._busiest,
        )  # fmt: skip

    def _tile_links(self, chip: Chip) -> np.ndarray:
        """Return which link between tiles each link of the box is part of, int32, -1 if of none.

        The links between tiles that occur are numbered from 0 without gaps.
        """
        tiling = Tiling(self.box.outer, chip.tile_width, chip.tile_height)
        links = tiling.link_of_core_link().reshape(4, -1)[:, self.box.nodes].ravel()
        occurring = np.unique(links[links >= 0])
        return np.where(links < 0, -1, np.searchsorted(occurring, links)).astype(np.int32)

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
        """Return the values of the first ``n_steps`` steps by name, int64; none on large meshes."""
        series = {
            "busiest_link_of_step": self._busiest[0], "busiest_tile_link_of_step": self._busiest[1],
        }  # fmt: skip
        for block in self._blocks:
            for counter, values in zip(block.counters, block.of_step, strict=True):
                if counter.of_step:
                    series[counter.of_step] = values
        return {name: values[:n_steps] for name, values in series.items()}

    def begin_run(self, n_steps: int) -> None:
        """Begin a run of ``n_steps`` after a completed one; totals and steps continue.

        On large meshes, which report no single steps, the number of gathered rows restarts at 0.
        """
        self.n_steps = n_steps
        self._n_rows_done = 0
        if self.window > 1:
            self.n_done = 0

    def extend(self, n_steps: int) -> None:
        """Let a completed run go on until step ``n_steps``."""
        self.n_steps = n_steps
        if not self.each_step:
            self.block_steps = n_steps
        elif self.comm.rank == 0:
            n_known = n_steps - self.origin
            for block in self._blocks:
                block.extend(n_known)
            self._busiest = extended(self._busiest, n_known, axis=1)
            self._bind_links()

    def forget(self) -> None:
        """Set all counters to 0, for a run that begins again at step 0."""
        self.n_done = self._n_rows_done = 0
        self.origin = 0
        self._forget_totals()

    def clear(self, t: int) -> None:
        """Set all counters to 0 between two pieces of a run; steps count from ``t``."""
        self.n_done, self.origin = 0, t
        self._forget_totals()

    def _forget_totals(self) -> None:
        for block in self._blocks:
            block.forget()
        self._link_totals.fill(0)
        self._busiest.fill(0)
        self.differences.fill(0)  # which also count the packets within tiles

    def row(self, t: int) -> int:
        """Return the row of the block that counts step ``t``."""
        return (t // self.window) % self.n_block

    def is_block_full(self, t: int) -> bool:
        """Return whether the block is full after step ``t``."""
        return (t + 1) % self.block_steps == 0 or t + 1 == self.n_steps

    def finish_block(self, n: int) -> None:
        """Sum the first ``n`` rows of the block over the ranks and clear them. Collective.

        Rows that were summed at the end of an earlier piece of the run are not counted again.
        """
        if not self.each_step:
            self.bound_finish(0)  # packets counted since the last window
        # Row r of the block is step first + r; those before ``start`` are zero and stay uncounted.
        start = self._n_rows_done if self.each_step else 0
        first = self.n_done - start
        for block in self._blocks:
            block.finish(start, n, first)
        loads = summed(self.comm, self.loads[:n], self._sum)
        if self.comm.rank == 0 and self.each_step:
            self._add_up_links(start, n, first)
        elif self.comm.rank == 0:
            self._link_totals += loads.reshape(self._link_totals.shape)
        self.n_done = first + n
        self._n_rows_done = n % self.n_block
        self.loads[:n] = 0

    def in_tile(self) -> int:
        """Return the number of packets within a tile, over all ranks. Collective."""
        return int(self.comm.sum(in_tile_packets(self.differences)))


def _window(n_cores: int, batch: int, most_packets: int) -> int:
    """Return the steps between two sums of the loads; 32 bits suffice even if all neurons spike."""
    # Proportional to the number of cores, which keeps the work per step constant.
    for_constant_work = batch * -(-n_cores // NODES_PER_STEP)
    return max(1, min(for_constant_work, MAX_PACKETS // max(1, most_packets)))
