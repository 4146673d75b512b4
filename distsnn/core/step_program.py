"""A step of a rank, up to the exchange, as a program of kernels.

    deliver    axons that spiked -> rows of synapses -> rings
    integrate  rings and stimuli -> neuron state -> spikes
    send       spikes -> axons out -> packets; what the mesh carries is counted

It stops where Python has a part: learning, given spikes, a calendar that must grow.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from distsnn.kernels.program import Program

if TYPE_CHECKING:
    from distsnn.core.rank import Rank

NAMES = (
    "t", "batch step", "row", "received from", "own", "received", "has more", "closes", "spikes",
    "room", "shift", "lid bits", "zero", "not used", "deliver ns", "update ns", "send ns",
)  # fmt: skip
PHASES_OF_STEP = ("deliver", "update", "send")
FIRST_LINE = 0


class StepProgram:
    """The lines of a step, its values, and where it stops: ``full``, ``delivered``, ``spiked``."""

    def __init__(self, rank: Rank) -> None:
        self._program = program = Program(*NAMES)
        self._values = program.values
        self._of = {name: program.place(name) for name in NAMES}
        self._values[self._of["shift"]] = rank.layout.slot_shift
        self._values[self._of["lid bits"]] = rank.plan.lid_bits
        program.clock("not used")
        delivering = ("t", "received from", "own", "received", "shift")
        program.call(rank.bound_deliver, delivering, "room")
        self.full = program.stop_if("room")
        self.delivered = program.stop_if("has more")
        program.clock("deliver ns")
        for advance in rank.state.advance:
            program.call(advance, ("t",), "not used")
        program.call(rank.bound_collect, ("zero",), "spikes")
        self.spiked = program.stop_if("has more")
        program.clock("update ns")
        sending = ("spikes", "batch step", "row", "lid bits")
        program.call(rank.bound_send, sending, "own", unless_zero="spikes")
        counting = ("row", "zero", "zero", "own", "zero")
        program.call(rank.bound_arrive, counting, "not used", unless_zero="own")
        program.call(rank.mesh.bound_finish, ("row",), "not used", unless_zero="closes")
        program.clock("send ns")
        self.run = program.bind()

    def begin(self, rank: Rank, t: int, *, has_more: bool) -> None:
        """Set the values of step ``t``. has_more: Python has a part after delivery and spikes."""
        values, row = self._values, rank.mesh.row(t)
        # in the order of NAMES
        values[0], values[1], values[2] = t, t % rank.batch, row
        values[3], values[4], values[5] = rank.received_from, rank.n_own, rank.n_received
        values[6], values[7] = has_more, rank.mesh.closes(t)

    @property
    def n_spikes(self) -> int:
        """Spikes of the step."""
        return self._values[8]

    @n_spikes.setter
    def n_spikes(self, n: int) -> None:
        self._values[8] = n

    @property
    def n_own(self) -> int:
        """Axons that spiked and have synapses on the rank itself."""
        return self._values[4]

    @property
    def room(self) -> int:
        """How many rows a bucket of the calendar must hold, where it is full."""
        return self._values[9]

    def take_seconds(self, seconds: dict[str, float]) -> None:
        """Add the time of the phases to ``seconds`` and begin anew."""
        for phase in PHASES_OF_STEP:
            place = self._of[f"{phase} ns"]
            seconds[phase] += self._values[place] * 1e-9
            self._values[place] = 0
