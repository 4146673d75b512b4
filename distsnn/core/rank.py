"""The cores of one rank: how they are built and how they run."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from distsnn.checks import must_be
from distsnn.comm import Comm, Fabric, Outbox, open_fabric
from distsnn.core.delivery.axons import AxonsOut, exchange_axons
from distsnn.core.delivery.computed.synapses import ComputedSynapses
from distsnn.core.delivery.layout import RingLayout, longest_delay
from distsnn.core.delivery.own_edges import hold_own_edges
from distsnn.core.delivery.synapse_table import SynapseTable, TableBuilder
from distsnn.core.finite import FiniteCheck
from distsnn.core.neurons.aligned import aligned_zeros
from distsnn.core.neurons.slots import gid_of_slot
from distsnn.core.neurons.source_spikes import SourceSpikes
from distsnn.core.neurons.state import NeuronState
from distsnn.core.partition import Partition
from distsnn.core.plastic.context import RankContext
from distsnn.core.plastic.synapses import PlasticSynapses
from distsnn.core.recording.mesh_recorder import MeshRecorder
from distsnn.core.recording.recorder import SpikeRecorder, TraceRecorder
from distsnn.core.recording.unrecorded import UnrecordedSpikes
from distsnn.core.step_program import StepProgram
from distsnn.errors import CapacityError
from distsnn.kernels.delivery.deliver import deliver
from distsnn.kernels.formats import MAX_WAIT
from distsnn.kernels.loop.arrive import arrive
from distsnn.kernels.loop.send import collect_spikes, send
from distsnn.kernels.mesh.counters import LEARNING_COUNTERS
from distsnn.kernels.mesh.link_loads import MAX_PACKETS
from distsnn.kernels.mesh.routing import routed
from distsnn.mapping.plan import NeuronPlaces, Slice
from distsnn.mesh import Box, Mesh
from distsnn.network.fingerprint import derived
from distsnn.network.weights.quanta import Quanta
from distsnn.time_grid import MAX_RUN_STEPS

EXPECTED_RATE_HZ = 20.0  # per neuron, for the memory that is reserved for the spike record
MAX_EXPECTED_SPIKES = 1 << 27  # most spikes to reserve memory for; more is allocated on demand


class Rank:
    """State, tables and time loop of the cores of one rank. The constructor is collective.

    compile_s: time spent compiling kernels, in seconds. box: the part of the mesh that packets never
    leave. nodes: int32 [cores], index of each of the rank's cores in the box. ring: int32 [groups *
    ring size], the input rings of all groups, one after another.

    n_steps: of the run; 0 if it is not known yet, and set by ``extend``. most_input: maximum number of
    spikes per step that ``play`` may inject, in addition to those of the network's own sources.
    """

    compile_s = 0.0
    origin = 0  # the step at which the recordings begin; see ``clear``

    def __init__(
        self, partition: Partition, comm: Comm, fabric: str, n_steps: int, most_input: int = 0
    ) -> None:
        self.partition, self.comm, self.n_steps = partition, comm, n_steps
        self.network, self.chip, self.plan = partition.network, partition.chip, partition.plan
        self.batch = partition.batch
        # local core: index into core_ids
        self.core_ids, cores = partition.cores_of(comm.rank)
        comm.cores = self.core_ids
        # Stage 1: what arrives here, the neurons and the synapses onto them.
        self._build_tables(cores)
        self.box = Box.around(
            Mesh.of_chip(self.chip), np.array(sorted(self.plan.slices_of_core()), dtype=np.int64),
            self.chip.tile_width, self.chip.tile_height,
        )  # fmt: skip
        # Stage 2: what leaves here, known once the ranks have exchanged their axon tables.
        self.nodes = self.box.number_of(self.core_ids)
        self.axons_out = self._exchange_axons()
        self._open_recorders(most_input)
        # Stage 3: buffers, which hold a batch in which every neuron spikes in every step.
        most_spikes = self.state.n_flat + most_input + self.sources.most_in_a_step
        self.outbox = Outbox(self.axons_out.ranks, most_spikes * self.batch)
        self.fabric = self._open_fabric(fabric)
        try:
            self._allocate(most_spikes)
        except BaseException:
            self.fabric.close()  # otherwise the other ranks would wait for this one forever
            raise

    def _build_tables(self, cores: list[list[Slice]]) -> None:
        """Build the neurons' state and the tables of the synapses onto them. Collective."""
        network, partition = self.network, self.partition
        quanta = self.quanta = Quanta(network)
        # All populations share one ring layout, so the one with the most lanes determines it.
        n_lanes = max((quanta.n_lanes(p.index) for p in network.populations), default=1)
        self.layout = RingLayout.choose(
            self.plan.lid_bits, max(1, n_lanes), max(1, len(cores)), longest_delay(network)
        )
        self.comm.require_same(
            f"plan of network {network.name}",
            lambda: derived(
                network, plan=self.plan, rank_of_core=partition.rank_of_core, batch=self.batch,
                quanta=quanta,
            ),
        )  # fmt: skip
        self.n_groups = self.layout.n_groups(len(cores))
        self.ring = aligned_zeros(self.n_groups * self.layout.ring_size, np.int32)
        self.state = NeuronState(network, cores, self.layout, quanta, self.ring)
        hold_own_edges(network, cores)
        self.table_builder = TableBuilder(network, cores, self.layout, quanta)
        self.table: SynapseTable = self.table_builder.build()
        self.computed = ComputedSynapses(
            network, cores, self.layout, quanta, self.table.axon_gids, self.batch
        )
        context = RankContext(
            network, cores, self.layout, self.table.axon_gids, gid_of_slot(self.state), self.ring,
            self.batch,
        )  # fmt: skip
        self.plastic = PlasticSynapses(context, quanta, self.n_steps)

    def _open_recorders(self, most_input: int) -> None:
        """Set up injected spikes, recorders and counters. Collective."""
        network, state, n_steps = self.network, self.state, self.n_steps
        self.sources = SourceSpikes(network, state, n_steps or MAX_RUN_STEPS)
        self.spikes = SpikeRecorder(state.n_flat, n_steps, self._expected_spikes())
        self.unrecorded = UnrecordedSpikes(network, state)
        self.traces = TraceRecorder(network, state, n_steps)
        self.finite = FiniteCheck(network, state, self.plastic, self.comm)
        self.mesh = MeshRecorder(
            self.comm, self.chip, self.box, n_steps, self.batch, self._most_packets(most_input),
            extra=LEARNING_COUNTERS if self.plastic.is_learning else (),
        )  # fmt: skip

    def _exchange_axons(self) -> AxonsOut:
        # The rank of an axon is the one that owns the core of its source neuron.
        gid_starts = [population.gid_start for population in self.network.populations]
        cores = NeuronPlaces(self.plan, gid_starts).core_of(self.table.axon_gids)
        return exchange_axons(
            self.comm, self.table, self.partition.rank_of_core[cores], self.nodes,
            self.state.flat_of_gid, self.state.n_flat,
        )  # fmt: skip

    def _open_fabric(self, name: str) -> Fabric:
        return open_fabric(
            name, self.comm, self.partition.grid, self.outbox, is_torus=self.chip.wrap,
            is_watched=False, order=self.box.outer.order,
        )  # fmt: skip

    def _most_packets(self, most_input: int) -> int:
        """Return the number of packets in a step in which all neurons and sources spike."""
        # Each neuron sends one packet per core of its fan; an injected spike, at most the widest fan.
        fan_start = self.axons_out.fan_start
        widest = int(np.diff(fan_start).max(initial=0))
        most_packets = int(fan_start[-1]) + widest * max(most_input, self.sources.most_in_a_step)
        if most_packets > MAX_PACKETS:
            limit = f"at most {MAX_PACKETS} packets of a rank in a step"
            raise CapacityError(must_be("mesh counters", limit, most_packets, "Use more ranks."))
        return most_packets

    def _expected_spikes(self) -> int:
        """Return the number of spikes to reserve memory for in the spike record."""
        populations = self.network.populations
        n = sum(
            piece.size
            for piece, _, _ in self.state.slices
            if self.network.records_spikes(populations[piece.population])
        )
        expected = n * self.n_steps * self.network.dt_ms * 1e-3 * EXPECTED_RATE_HZ
        return int(min(expected, MAX_EXPECTED_SPIKES))

    def _allocate(self, most_spikes: int) -> None:
        """Allocate the arrays of the time loop and bind the kernels to them."""
        # The calendar has one bucket for each step from the oldest of a batch to the longest wait.
        longest = min(longest_delay(self.network), MAX_WAIT) + self.batch + 1
        # A power of 2, so that the bucket of a step is its lowest bits.
        n_buckets = 1 << (longest - 1).bit_length()
        self.n_waiting = np.zeros((self.n_groups, n_buckets), dtype=np.int64)
        # Slots that spiked in this step, and those of their axons that end on this rank.
        self.step_spikes = np.empty(most_spikes + 8, dtype=np.uint32)
        self.own_axons = np.empty(most_spikes + 8, dtype=np.uint32)
        # Physical fabric of each core's next packet; the fabrics take turns.
        self.next_fabric = np.zeros(max(1, self.core_ids.size), dtype=np.int64)
        self.bound_collect = collect_spikes.bind(self.state.spiked, self.step_spikes)
        out, table = self.axons_out, self.table
        self.bound_send = routed(send, self.box.outer.order).bind(
            self.step_spikes, out.target_start, out.target_slot, out.target_axon, out.target_fan,
            out.fan_start, out.fan_node, self.nodes, self.next_fabric, self.own_axons,
            self.outbox.counts, self.outbox.packets, self.mesh.differences, self.mesh.per_core,
        )  # fmt: skip
        self.bound_arrive = arrive.bind(
            self.own_axons, self.fabric.inbox, table.core_start, table.core, table.n_onto_core,
            self.nodes, self.mesh.per_core,
        )  # fmt: skip
        # [groups * buckets, rows per bucket]; filled up to n_waiting, grown by ``grow_calendar``
        self.calendar = np.empty((self.n_groups * n_buckets, 0), dtype=np.uint32)
        self.plastic.bind(
            self.own_axons, self.fabric.inbox, self.step_spikes, table, self.nodes, self.mesh
        )
        self.computed.bind(self.own_axons, self.fabric.inbox, self.ring)
        self._bind_deliver(max(256, min(table.axon_gids.size, 1 << 14)))
        self.step = StepProgram(self)

    def _bind_deliver(self, room: int) -> None:
        """Allocate ``room`` rows per bucket of the calendar, keep its content, and bind delivery."""
        n_groups, n_buckets = self.n_waiting.shape
        calendar = np.empty((n_groups * n_buckets, room), dtype=np.uint32)
        calendar[:, : self.calendar.shape[1]] = self.calendar
        self.calendar = calendar
        self.bound_deliver: Callable[..., int] = deliver.bind(
            self.own_axons, self.fabric.inbox, self.table.row_pointers, self.table.words,
            self.ring, self.calendar, self.n_waiting,
        )  # fmt: skip

    def grow_calendar(self, room: int) -> None:
        """Enlarge the calendar to ``room`` rows per bucket."""
        self._bind_deliver(room)
        self.step.replace_deliver()

    def record_into(self, recorder: SpikeRecorder) -> None:
        """Record spikes in ``recorder`` from now on."""
        self.spikes = recorder
        self.step["record from"] = recorder.first_step
        self.step.replace_record()

    def begin_run(self, n_steps: int, n_recorded: int) -> None:
        """Return to step 0 for a run of ``n_steps``, after a completed run.

        Counters and recorders restart at step 0; ``InitialState`` restores the state of neurons and
        synapses. n_recorded: number of steps that the spike record already holds.
        """
        self.n_steps = n_steps
        self.step.begin_run(n_steps)
        self.step["record from"] = -n_recorded
        self.mesh.begin_run(n_steps)
        self.traces.begin_run(n_steps)
        self.unrecorded.begin_run()
        self.next_fabric.fill(0)
        self.n_waiting.fill(0)
        self.computed.begin_run()

    def replace_program(self) -> None:
        """Write the program of a step again, after kernels were bound again; its values are kept."""
        self.step = self.step.written_again()

    def play(self, sources: SourceSpikes) -> None:
        """Inject the spikes of ``sources`` from now on."""
        self.sources = sources
        self.step.replace_given()

    @property
    def n_recorded(self) -> int:
        """Number of steps that the recordings cover at the end of the run."""
        return self.n_steps - self.origin

    @property
    def t(self) -> int:
        """The step that runs next."""
        return self.step["t"]

    def advance(self, until: int, *, settle: bool = False) -> None:
        """Run all cores of the rank up to, but not including, step ``until``. Collective.

        settle: whether all packets must have arrived at the end; ``until`` must then end a batch.
        """
        self.step["settle at"] = until if settle else -1
        with self.comm.communicating():
            self._run(until)

    def _run(self, until: int) -> None:
        step, inputs = self.step, self.state.inputs
        while self.t < until:
            inputs.begin(self.t)
            self.state.slow.set(self.t)
            # Run without interruption up to the next step before which Python has something to do:
            # take samples, change a current, or switch a slow decay on or off.
            stop = min(
                until, self.traces.next_stop(self.t), inputs.next_change(self.t, self.n_steps)
            )
            stop = self.state.slow.next_stop(self.t, stop)
            try:
                step.run(stop)
            finally:
                self.comm.step = self.t  # reported with errors
            self.traces.sample(stop - 1)

    @property
    def seconds(self) -> dict[str, float]:
        """Time spent in each phase so far, in seconds."""
        return self.step.seconds

    def forget_seconds(self) -> None:
        """Reset the times of all phases to 0."""
        self.step.forget_seconds()
