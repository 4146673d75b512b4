"""A step of a rank as one call: the kernels of its phases as a program.

It is what ``Rank`` does by single calls, in the same order and with the same numbers. Networks that
learn, have short-term plasticity or play recordings do more between the kernels and run call by call.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from distsnn.kernels.program import Program

if TYPE_CHECKING:
    from distsnn.core.rank import Rank

NAMES = (
    "t", "batch step", "row", "received from", "own", "received", "shift", "lid bits", "closes",
    "spikes", "room", "zero", "not used", "deliver ns", "update ns", "send ns",
)  # fmt: skip


class StepProgram:
    """deliver -> integrate -> collect -> send -> count, up to the exchange."""

    def __init__(self, rank: Rank) -> None:
        self.program = program = Program(*NAMES)
        self.values = program.values
        self._t, self._batch_step, self._row, self._from, self._own, self._received = range(6)
        self._closes, self._spikes = program.place("closes"), program.place("spikes")
        self._rank = rank
        self.values[program.place("shift")] = rank.layout.slot_shift
        self.values[program.place("lid bits")] = rank.plan.lid_bits
        program.clock("not used")
        delivering = ("t", "received from", "own", "received", "shift")
        program.call(rank.bound_deliver, delivering, "room")
        program.stop_if("room")
        program.clock("deliver ns")
        for advance in rank.state.advance:
            program.call(advance, ("t",), "not used")
        program.call(rank.bound_collect, ("zero",), "spikes")
        program.clock("update ns")
        sending = ("spikes", "batch step", "row", "lid bits")
        program.call(rank.bound_send, sending, "own", unless_zero="spikes")
        counting = ("row", "zero", "zero", "own", "zero")
        program.call(rank.bound_arrive, counting, "not used", unless_zero="own")
        program.call(rank.mesh.bound_finish, ("row",), "not used", unless_zero="closes")
        program.clock("send ns")
        self._run = program.bind()

    def run(self, t: int) -> int:
        """Run step ``t``; return the room that the calendar needs, or 0 when all is done."""
        rank, values = self._rank, self.values
        values[self._t], values[self._batch_step] = t, t % rank.batch
        values[self._row], values[self._closes] = rank.mesh.row(t), rank.mesh.closes(t)
        values[self._from], values[self._received] = rank.received_from, rank.n_received
        values[self._own] = rank.n_own
        if self._run(0) >= 0:
            return int(values[self.program.place("room")])
        rank.n_own, rank.n_received = values[self._own], 0
        rank.n_spikes = values[self._spikes]
        return 0

    def take_seconds(self, seconds: dict[str, float]) -> None:
        """Add the time of the phases to ``seconds`` and begin anew."""
        for phase in ("deliver", "update", "send"):
            place = self.program.place(f"{phase} ns")
            seconds[phase] += self.values[place] * 1e-9
            self.values[place] = 0
