"""The lines of a step's program that deliver computed synapses."""

from __future__ import annotations

from collections.abc import Callable

from distsnn.core.delivery.computed.synapses import AnyPart, ComputedSynapses
from distsnn.kernels.loop.program import Program


class ComputedLines:
    """Writes the delivery of all parts into a program; nothing if the rank has none."""

    def __init__(self, program: Program, computed: ComputedSynapses) -> None:
        self._program, self._parts = program, computed.parts
        self._lines_of: dict[AnyPart, list[int]] = {part: [] for part in computed.parts}

    def write(
        self, scalars: tuple[str, ...], room: Callable[[], int], unless_zero: str | None = None
    ) -> None:
        """Write a line for each part, and one that enlarges its calendar.

        scalars: names of the first arguments of the kernels. room: returns what a kernel answered. The
        lines are run unless the value named ``unless_zero`` is 0.
        """
        for part in self._parts:
            line = self._program.call(part.bound, scalars, "room", unless_zero=unless_zero)
            self._lines_of[part].append(line)

            # The kernel changes nothing if the calendar is too small, so the same line is run again.
            def grow(part: AnyPart = part, line: int = line) -> int:
                self._grow(part, 2 * room())
                return line

            self._program.python(grow, unless_zero="room")

    def _grow(self, part: AnyPart, room: int) -> None:
        part.grow(room)
        for line in self._lines_of[part]:
            self._program.replace(line, part.bound)
