"""One rank's cores, running."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter
from typing import Any

import numpy as np

from distsnn.chip import Chip
from distsnn.comm import Fabric, Outbox, open_fabric
from distsnn.core.axons import AxonsOut, exchange_axons
from distsnn.core.layout import RING_SIZE, RingLayout
from distsnn.core.mesh_recorder import MeshRecorder
from distsnn.core.neuron_state import NeuronState
from distsnn.core.plastic import PlasticSynapses
from distsnn.core.recorder import SpikeRecorder, TraceRecorder
from distsnn.core.source_spikes import SourceSpikes
from distsnn.core.step_program import FIRST_LINE, StepProgram
from distsnn.core.synapse_table import SynapseTable, TableBuilder
from distsnn.kernels.deliver import deliver
from distsnn.kernels.send import arrive, collect_spikes, send
from distsnn.mapping.plan import NeuronPlaces, Plan, Slice
from distsnn.network import Network
from distsnn.network.quanta import Quanta

MOST_EXPECTED_SPIKES = 1 << 27  # room that is taken at once; more is taken when it is needed
PHASES = ("deliver", "update", "send", "exchange", "wait")


class Rank:
    """State, tables and the tick of one rank. Building it is collective.

    most_input: the most spikes that sources may give in one step, where they are exchanged later.
    """

    def __init__(
        self,
        network: Network,
        plan: Plan,
        rank_of_core: np.ndarray,
        grid: tuple[int, int],
        comm: Any,
        fabric: str,
        chip: Chip,
        n_steps: int,
        batch: int,
        most_input: int = 0,
    ) -> None:
        self.network, self.plan, self.chip, self.comm = network, plan, chip, comm
        self.n_steps, self.batch = n_steps, batch
        self._seconds = dict.fromkeys(PHASES, 0.0)
        by_core = plan.slices_of_core()
        own = [c for c in np.flatnonzero(rank_of_core == comm.rank) if int(c) in by_core]
        self.core_ids = np.array(own, dtype=np.int32)
        comm.cores = self.core_ids
        cores: list[list[Slice]] = [by_core[int(c)] for c in own]
        n_receptors = max((len(p.model.receptors) for p in network.populations), default=1)
        self.layout = RingLayout.choose(plan.lid_bits, max(1, n_receptors), max(1, len(cores)))
        quanta = Quanta(network)
        n_groups = self.layout.n_groups(len(cores))
        self.ring = np.zeros(n_groups * RING_SIZE, dtype=np.int32)
        self.state = NeuronState(network, cores, self.layout, quanta, self.ring)
        self.table: SynapseTable = TableBuilder(network, cores, self.layout, quanta).build()
        self.plastic = PlasticSynapses(
            network, cores, self.layout, quanta, self.table, self.state, self.ring, n_steps, batch
        )
        self.axons_out = self._exchange_axons(rank_of_core)
        self.sources = SourceSpikes(network, self.state, n_steps)
        self.spikes = SpikeRecorder(n_steps, self._expected_spikes())
        self.traces = TraceRecorder(network, self.state, n_steps)
        self.mesh = MeshRecorder(comm, chip, n_steps, batch, is_learning=self.plastic.is_learning)
        most_spikes = self.state.n_flat + max(most_input, self.sources.most_in_a_step)
        self.outbox = Outbox(self.axons_out.ranks, most_spikes * batch)
        self.fabric = self._open_fabric(fabric, grid)
        self._allocate(n_groups, most_spikes)

    def _exchange_axons(self, rank_of_core: np.ndarray) -> AxonsOut:
        network, plan = self.network, self.plan
        gid_starts = [population.gid_start for population in network.populations]
        places = NeuronPlaces(plan, gid_starts)
        return exchange_axons(
            self.comm,
            self.table,
            rank_of_core[places.core_of(self.table.axon_gids)],
            self.core_ids,
            self.state.flat_of_gid,
            self.state.n_flat,
        )

    def _open_fabric(self, name: str, grid: tuple[int, int]) -> Fabric:
        return open_fabric(name, self.comm, grid, self.outbox)

    def _expected_spikes(self) -> int:
        n = sum(piece.size for piece, _, _ in self.state.slices)
        expected = n * self.n_steps * self.network.dt_ms * 1e-3 * 20
        return int(min(expected, MOST_EXPECTED_SPIKES))

    def _allocate(self, n_groups: int, most_spikes: int) -> None:
        """Make every array that the loop uses, and bind the kernels to them."""
        longest = 2
        for projection in self.network.projections:
            longest = max(longest, projection.delay_steps[1] + self.batch + 1)
        n_buckets = 1 << (longest - 1).bit_length()
        self.n_waiting = np.zeros((n_groups, n_buckets), dtype=np.int64)
        self.step_spikes = np.empty(most_spikes + 8, dtype=np.uint32)
        self.own_axons = np.empty(most_spikes + 8, dtype=np.uint32)
        self.turn = np.zeros(max(1, self.core_ids.size), dtype=np.int64)
        self.bound_collect = collect_spikes.bind(self.state.spiked, self.step_spikes)
        out, table = self.axons_out, self.table
        self.bound_send = send.bind(
            self.step_spikes, out.target_start, out.target_slot, out.target_axon, out.target_fan,
            out.fan_start, out.fan_core, self.core_ids, self.turn, self.own_axons,
            self.outbox.counts, self.outbox.packets, self.mesh.differences, self.mesh.per_core,
        )  # fmt: skip
        self.bound_arrive = arrive.bind(
            self.own_axons, self.fabric.inbox, table.core_start, table.core, table.n_onto_core,
            self.core_ids, self.mesh.per_core,
        )  # fmt: skip
        self.calendar = np.empty((n_groups * n_buckets, 0), dtype=np.uint32)
        self.plastic.bind(
            self.own_axons, self.fabric.inbox, self.step_spikes, table, self.core_ids, self.mesh
        )
        self.n_own = self.n_received = self.received_from = self.n_spikes = 0
        self._bind_deliver(max(256, min(table.axon_gids.size, 1 << 14)))
        self.step = StepProgram(self)

    def _bind_deliver(self, room: int) -> None:
        """(Re)make the calendar with room for that many rows in each bucket."""
        n_groups, n_buckets = self.n_waiting.shape
        calendar = np.empty((n_groups * n_buckets, room), dtype=np.uint32)
        calendar[:, : self.calendar.shape[1]] = self.calendar
        self.calendar = calendar
        self.bound_deliver: Callable[..., int] = deliver.bind(
            self.own_axons, self.fabric.inbox, self.table.row_pointers, self.table.words,
            self.ring, self.calendar, self.n_waiting,
        )  # fmt: skip

    def _grow_calendar(self, room: int) -> None:
        self.step.take_seconds(self._seconds)
        self._bind_deliver(room)
        self.step = StepProgram(self)

    def tick(self, t: int) -> None:
        """Advance all cores of the rank by one step. Collective."""
        for slots, change_pa in self.state.current_changes.get(t, ()):
            self.state.current[slots] += np.float32(change_pa)
        self._run_step(t)
        self.record(t)
        if (t + 1) % self.batch == 0 or t + 1 == self.n_steps:
            sent = perf_counter()
            self.exchange(t)
            self._seconds["exchange"] += perf_counter() - sent

    def _run_step(self, t: int) -> None:
        """Deliver, integrate, learn and send, as the lines of ``StepProgram``."""
        line = self._begin_step(t)
        while line == self.step.full:
            self._grow_calendar(2 * self.step.room)
            line = self._begin_step(t)
        step, plastic = self.step, self.plastic
        if line == step.delivered:
            plastic.deliver(t, self.received_from, self.n_own, self.n_received)
            line = step.run(line + 1)
        if line == step.spiked:
            step.n_spikes = self.sources.append(t, self.step_spikes, step.n_spikes)
            plastic.learn(t, step.n_spikes, self.mesh.row(t))
            step.run(line + 1)
        self.n_spikes, self.n_own, self.n_received = step.n_spikes, step.n_own, 0
        if self.n_own:
            plastic.count_arrived(self.mesh.row(t), 0, 0, self.n_own, 0)

    def _begin_step(self, t: int) -> int:
        has_more = bool(self.plastic.parts) or not self.sources.is_empty
        self.step.begin(self, t, has_more=has_more)
        return self.step.run(FIRST_LINE)

    @property
    def seconds(self) -> dict[str, float]:
        """Seconds spent in each phase so far."""
        self.step.take_seconds(self._seconds)
        return self._seconds

    def forget_seconds(self) -> None:
        """Count the time of the phases from now on."""
        self.seconds.update(dict.fromkeys(PHASES, 0.0))

    def record(self, t: int) -> None:
        """Write down spikes and traces."""
        if self.n_spikes:
            self.spikes.add(t, self.step_spikes, self.n_spikes)
        if self.traces.traces:
            self.traces.sample(t)

    def exchange(self, t: int) -> None:
        """Packets of the batch -> the ranks that own their targets. Collective."""
        first = self.received_from = t - t % self.batch
        self.n_received = self.fabric.exchange()
        mesh = self.mesh
        if self.n_received:
            arrived = (mesh.row(t), mesh.row(first), mesh.rows_per_step, 0, self.n_received)
            self.bound_arrive(*arrived)
            self.plastic.count_arrived(*arrived)
        if mesh.is_block_full(t):
            mesh.finish_block(mesh.row(t) + 1)
