"""The time loop of a rank as a program of kernels.

    deliver    axons that spiked -> rows of synapses -> rings
    update     rings and stimuli -> neuron state -> spikes
    send       spikes -> axons out -> packets; mesh traffic is counted, spikes are recorded
    exchange   packets -> the ranks that own their targets, once in a batch of steps

A rank begins an exchange at the end of a batch and finishes it in the next step, once it has delivered
the spikes of its own neurons. Ranks therefore wait for each other only if one of them lags by more
than that delivery takes. The program returns to Python for learning, to enlarge arrays, and to gather
full blocks of mesh counters.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import numpy as np

from distsnn.comm import Fabric
from distsnn.core.delivery.computed.program_lines import ComputedLines
from distsnn.core.delivery.computed.synapses import ComputedSynapses
from distsnn.core.delivery.layout import RingLayout
from distsnn.core.neurons.source_spikes import SourceSpikes
from distsnn.core.neurons.state import NeuronState
from distsnn.core.plastic.synapses import PlasticSynapses
from distsnn.core.recording.mesh_recorder import MeshRecorder
from distsnn.core.recording.recorder import SpikeRecorder
from distsnn.core.recording.unrecorded import UnrecordedSpikes
from distsnn.kernels.loop.program import Program
from distsnn.kernels.loop.steps import NAMES, begin_exchange, begin_step, end_step
from distsnn.mapping.plan import Plan

PHASES = ("deliver", "update", "send", "exchange", "wait")
# Values of the program besides those of ``kernels/loop/steps.py``.
# Constant: shift (bits below the delay slot of a ring index), lid bits, rows per step (0 if one row of
# counters spans several steps), zero, has plastic, has given (whether spikes are injected).
# Numbers of entries: own (axons of this rank that spiked in the previous step), received (packets that
# have arrived but are not delivered yet), spikes (in step_spikes), recorded (those to be recorded).
# Requests to Python: room (rows per bucket that the calendar needs, or 0), is full (the spike record).
# Exchange: pending (begun, not finished), settling (to be finished within the step), again (a fabric's
# own loop). The names of ``PHASES`` are times in ticks.
MORE_NAMES = (
    "shift", "lid bits", "rows per step", "zero", "has plastic", "has given", "own", "received",
    "spikes", "recorded", "room", "is full", "pending", "settling", "again", *PHASES,
)  # fmt: skip


class Loop(Protocol):
    """What the time loop needs of a rank: its parts and its bound kernels."""

    n_steps: int
    batch: int
    layout: RingLayout
    plan: Plan
    state: NeuronState
    plastic: PlasticSynapses
    computed: ComputedSynapses
    sources: SourceSpikes
    spikes: SpikeRecorder
    unrecorded: UnrecordedSpikes
    mesh: MeshRecorder
    fabric: Fabric
    step_spikes: np.ndarray
    bound_deliver: Callable[..., int]
    bound_collect: Any
    bound_send: Any
    bound_arrive: Any

    def grow_calendar(self, room: int) -> None:
        """Enlarge the calendar to ``room`` rows per bucket."""


class StepProgram:
    """The program of one step, repeated until a given step, and the values that its lines share.

    Indexing reads and sets a value by its name, see ``NAMES`` and ``MORE_NAMES``.
    """

    def __init__(self, rank: Loop) -> None:
        self._rank, mesh = rank, rank.mesh
        self._program = program = Program(*NAMES[1:], *MORE_NAMES)
        self._values = program.values
        self._of = {name: program.place(name) for name in (*NAMES, *MORE_NAMES)}
        settings = {
            "n steps": rank.n_steps, "batch": rank.batch, "window": mesh.window,
            "rows": mesh.n_block, "block": mesh.block_steps, "rows per step": mesh.rows_per_step,
            "settle at": -1,
            "shift": rank.layout.slot_shift, "lid bits": rank.plan.lid_bits,
        }  # fmt: skip
        for name, number in settings.items():
            self[name] = number
        self["has plastic"] = bool(rank.plastic.parts)
        self["has given"] = not rank.sources.is_empty
        self._waited_before_s = 0.0
        self._write()
        program.bind()

    def __getitem__(self, name: str) -> int:
        return self._values[self._of[name]]

    def __setitem__(self, name: str, number: int) -> None:
        self._values[self._of[name]] = number

    def begin_run(self, n_steps: int) -> None:
        """Return to step 0 for a run of ``n_steps``, after a completed run."""
        self["n steps"] = n_steps
        self["t"] = self["own"] = self["received"] = 0

    def extend(self, n_steps: int, block_steps: int) -> None:
        """Let the run go on until step ``n_steps``; record into the current block."""
        self["n steps"], self["block"] = n_steps, block_steps
        self.replace_record()

    def written_again(self) -> StepProgram:
        """Return a program with the calls that the rank has now, which goes on where this one is."""
        # Same lines in the same order, so every value keeps its place.
        again = StepProgram(self._rank)
        again._values[:] = self._values
        again._waited_before_s = self._waited_before_s
        return again

    def run(self, until: int) -> None:
        """Run the steps before ``until``. Collective."""
        self["until"] = until
        self._program.run()

    def replace_deliver(self) -> None:
        """Make the program call the current ``rank.bound_deliver``."""
        for line in (self._deliver_own, self._deliver_received):
            self._program.replace(line, self._rank.bound_deliver)

    def replace_given(self) -> None:
        """Make the program inject the spikes of the current ``rank.sources``."""
        self["given from"] = self._rank.sources.first_step
        self["has given"] = not self._rank.sources.is_empty
        self._program.replace(self._given, self._rank.sources.bind(self._rank.step_spikes))

    def replace_record(self) -> None:
        """Make the program record into the current block of ``rank.spikes``."""
        self._program.replace(self._record, self._rank.spikes.bind(self._rank.step_spikes))

    def _write(self) -> None:
        rank, program = self._rank, self._program
        # Stage 1: deliver spikes of own neurons, finish the exchange, deliver received packets.
        program.clock("ignored")
        step = program.call(begin_step.bind(program.array))
        self._deliver_own = self._write_deliver(("t", "zero", "own", "zero", "shift"))
        computed = ComputedLines(program, rank.computed)
        computed.write(("t", "zero", "own", "zero", "shift"), lambda: self["room"])
        program.clock("deliver")
        finish = self._write_finish()
        self._deliver_received = self._write_deliver(
            ("t", "sent from", "zero", "received", "shift"), unless_zero="received"
        )
        computed.write(
            ("t", "sent from", "zero", "received", "shift"), lambda: self["room"], "received"
        )
        program.python(self._deliver_plastic, unless_zero="has plastic")
        program.set("received", 0)
        program.clock("deliver")
        # Stage 2: update neurons. Stage 3: send their spikes.
        self._write_update()
        self._write_send()
        # Stage 4: begin an exchange at the end of a batch; finish it at once if the step settles.
        within_batch = program.jump_unless("ends batch")
        program.call(begin_exchange.bind(program.array))
        rank.fabric.add_begin(program)
        program.set("pending", 1)
        program.clock("exchange")
        program.land(within_batch)
        unsettled = program.jump_unless("settles")
        # Back to the lines that finish an exchange, which continue at _settled instead of in order.
        program.set("settling", 1)
        program.jump_if(to=finish)
        self._settled = program.clock("exchange")
        program.land(unsettled)
        program.call(end_step.bind(program.array))
        program.jump_if("goes on", to=step)

    def _write_deliver(self, scalars: tuple[str, ...], unless_zero: str | None = None) -> int:
        rank, program = self._rank, self._program
        line = program.call(rank.bound_deliver, scalars, "room", unless_zero=unless_zero)

        # The kernel changes nothing if the calendar is too small, so the same line is run again.
        def grow() -> int:
            rank.grow_calendar(2 * self["room"])
            return line

        program.python(grow, unless_zero="room")
        return line

    def _write_finish(self) -> int:
        """Write the lines that finish an exchange and count its packets; return the first of them."""
        rank, program = self._rank, self._program
        # An exchange is pending in the first step of a batch, unless the step before it has settled.
        finish = program.jump_unless("pending")
        rank.fabric.add_finish(program, "received")
        program.set("pending", 0)
        arrived = ("zero", "sent row", "rows per step", "zero", "received")
        program.call(rank.bound_arrive, arrived, unless_zero="received")
        program.python(self._count_received, unless_zero="has plastic")
        program.clock("exchange")
        program.land(finish)
        in_order = program.jump_unless("settling")
        program.python(self._settle)
        program.land(in_order)
        return finish

    def _write_update(self) -> None:
        rank, program = self._rank, self._program
        for drive in rank.state.inputs.drives:
            program.call(drive, ("t",))
        for advance in rank.state.advance:
            program.call(advance, ("t",))
        program.call(rank.bound_collect, ("zero",), "spikes")
        # Injected spikes follow those of the neurons in step_spikes.
        without_given = program.jump_unless("has given")
        bound = rank.sources.bind(rank.step_spikes)
        self._given = program.call(bound, ("given step", "spikes"), "spikes")
        program.land(without_given)
        program.python(self._learn, unless_zero="has plastic")
        program.clock("update")

    def _write_send(self) -> None:
        rank, program = self._rank, self._program
        # Packets leave and are counted, then arrivals at cores of this rank.
        sending = ("spikes", "step in batch", "row", "lid bits")
        program.call(rank.bound_send, sending, "own", unless_zero="spikes")
        counting = ("row", "zero", "zero", "own", "zero")
        program.call(rank.bound_arrive, counting, unless_zero="own")
        program.python(self._count_own, unless_zero="has plastic")
        program.call(rank.mesh.bound_finish, ("row",), unless_zero="ends window")
        # Spikes that are only counted are removed from step_spikes once they have been sent.
        recorded = "spikes"
        if not rank.unrecorded.is_empty:
            recorded, counted = "recorded", rank.unrecorded.bind(rank.step_spikes)
            program.call(counted, ("recorded step", "spikes"), recorded, unless_zero="spikes")
        record = rank.spikes.bind(rank.step_spikes)
        self._record = program.call(
            record, ("recorded step", recorded), "is full", unless_zero=recorded
        )
        program.python(self._grow_record, unless_zero="is full")
        program.clock("send")

    # The methods below are the parts of a step in Python. Each returns the line to continue with, or
    # None to continue with the next line.

    def _deliver_plastic(self) -> None:
        self._rank.plastic.deliver(self["t"], self["sent from"], self["own"], self["received"])

    def _learn(self) -> None:
        self._rank.plastic.learn(self["t"], self["spikes"], self["row"])

    def _count_own(self) -> None:
        self._rank.plastic.count_arrived(self["row"], 0, 0, self["own"], 0)

    def _count_received(self) -> None:
        self._rank.plastic.count_arrived(
            0, self["sent row"], self["rows per step"], 0, self["received"]
        )

    def _grow_record(self) -> int:
        self._rank.spikes.grow(self["spikes"])
        self.replace_record()
        return self._record

    def _settle(self) -> int:
        self["settling"] = 0
        mesh, t = self._rank.mesh, self["t"]
        if mesh.is_block_full(t):
            mesh.finish_block(mesh.row(t) + 1)
        return self._settled

    @property
    def seconds(self) -> dict[str, float]:
        """Time spent in each phase so far, in seconds."""
        seconds = {phase: self._program.seconds(phase) for phase in PHASES}
        # Fabrics in Python measure their own waiting, which the clock counts as exchange.
        waited_s = self._rank.fabric.wait_s - self._waited_before_s
        seconds["exchange"] -= waited_s
        seconds["wait"] += waited_s
        return seconds

    def forget_seconds(self) -> None:
        """Reset the times of all phases to 0."""
        self._waited_before_s = self._rank.fabric.wait_s
        for phase in PHASES:
            self[phase] = 0
