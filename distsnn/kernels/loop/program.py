"""Runs a sequence of bound kernels in a single call from Python.

A kernel call from Python costs 0.4 to 1 microsecond, and even a step of a small network takes a dozen
calls. A ``Program`` is a list of such calls and of the values that they pass to each other, and a small
compiled interpreter runs it step after step. It returns to Python for those parts that are written in
Python. If kernels are not compiled to object code, Python interprets the same list.

Operations (column KIND; x: the value at CONDITION, always true if that is -1):

    CALL         values[RESULT] = kernel(scalars); 0 without a call if x is 0
    REPEAT       CALL up to NUMBER times until the result is not 0, else stop
    SET          values[RESULT] = NUMBER
    CLOCK        values[RESULT] += ticks since the last CLOCK
    STOP         return to Python if x is not 0
    JUMP_IF      continue at line NUMBER if x is not 0
    JUMP_UNLESS  continue at line NUMBER if x is 0
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter_ns
from typing import Any

import numpy as np

from distsnn.errors import KernelError
from distsnn.kernels.compile.declare import kernel
from distsnn.kernels.compile.signature import mode
from distsnn.kernels.loop.ticks import has_cycles, seconds_per_tick, start

if mode() in ("numba", "compile"):
    from distsnn.kernels.compile.compiler import call_kernel, read_cycles
else:
    from distsnn.kernels.loop.ticks import read_cycles

    def call_kernel(*arguments: Any) -> int:
        """Do nothing: without object code, Python interprets the programs."""
        return 0


MAX_SCALARS = 6
# Columns of a program: operation, address of the code and of its table of arrays, indices of up to six
# scalars and their number, index of the result, index of a condition (or -1), a number.
KIND, CODE, TABLE = 0, 1, 2
FIRST_SCALAR = 3
N_SCALARS = FIRST_SCALAR + MAX_SCALARS
RESULT, CONDITION, NUMBER = N_SCALARS + 1, N_SCALARS + 2, N_SCALARS + 3
N_COLUMNS = NUMBER + 1
CALL, REPEAT, SET, CLOCK, STOP, JUMP_IF, JUMP_UNLESS = range(7)
CLOCK_MONOTONIC = 1
SECONDS, NANOSECONDS, LAST = range(3)  # entries of ``clock``; the first two are a C timespec
ALWAYS = -1

Part = Callable[[], "int | None"]


@kernel("i8(i8, i8[:,:], i8[:], i8[:])")
def run_program(first, program, values, clock):
    """Run ``program`` from line ``first`` on; return the line that stopped it, or -1 at the end."""
    k = first
    while k < program.shape[0]:
        kind = program[k, KIND]
        result = program[k, RESULT]
        condition = program[k, CONDITION]
        is_set = condition < 0 or values[condition] != 0
        after = k + 1
        if kind == CLOCK:
            if program[k, CODE] == 0:
                now = read_cycles()
            else:
                call_kernel(program[k, CODE], CLOCK_MONOTONIC, 0, 0, 0, 0, 0, 1, program[k, TABLE])
                now = clock[SECONDS] * 1000000000 + clock[NANOSECONDS]
            values[result] += now - clock[LAST]
            clock[LAST] = now
        elif kind == SET:
            values[result] = program[k, NUMBER]
        elif kind == STOP:
            if is_set:
                return k
        elif kind == JUMP_IF:
            if is_set:
                after = program[k, NUMBER]
        elif kind == JUMP_UNLESS:
            if not is_set:
                after = program[k, NUMBER]
        elif not is_set:
            values[result] = 0
        else:
            n = np.int64(0)
            returned = np.int64(0)
            while n < program[k, NUMBER] and returned == 0:
                returned = call_kernel(
                    program[k, CODE],
                    values[program[k, FIRST_SCALAR]],
                    values[program[k, FIRST_SCALAR + 1]],
                    values[program[k, FIRST_SCALAR + 2]],
                    values[program[k, FIRST_SCALAR + 3]],
                    values[program[k, FIRST_SCALAR + 4]],
                    values[program[k, FIRST_SCALAR + 5]],
                    program[k, N_SCALARS],
                    program[k, TABLE],
                )
                n += 1
            values[result] = returned
            if kind == REPEAT and returned == 0:
                return k
        k = after
    return -1


@dataclass
class Line:
    """One line of a program, see the operations above. bound: the bound kernel that a call runs."""

    kind: int
    bound: Any = None
    scalars: tuple[int, ...] = ()
    result: int = 0
    condition: int = ALWAYS
    number: int = 1


class Program:
    """A list of calls of bound kernels that share int64 values, which have names.

    Write all lines, then call ``bind``, then ``run``. Lines are numbered from 0; ``here`` is the number
    of the next one. The value ``ignored`` takes results that nobody reads. array: int64, values for
    kernels that access many of them. values: a memoryview of ``array``, which Python reads faster.
    """

    def __init__(self, *names: str) -> None:
        self._index_of = {name: index for index, name in enumerate(("ignored", *names))}
        self.array = np.zeros(len(self._index_of), dtype=np.int64)
        self.values = memoryview(self.array)
        self._lines: list[Line] = []
        self._parts: dict[int, Part] = {}

    def place(self, name: str) -> int:
        """Return the index of a value."""
        return self._index_of[name]

    @property
    def here(self) -> int:
        """Number of the next line to be written."""
        return len(self._lines)

    def call(
        self,
        bound: Callable[..., int],
        scalars: tuple[str, ...] = (),
        result: str = "ignored",
        unless_zero: str | None = None,
    ) -> int:
        """Add a call; if the value ``unless_zero`` is 0, it is skipped and its result is set to 0."""
        indices = self._scalars(scalars)
        return self._add(Line(CALL, bound, indices, self.place(result), self._of(unless_zero)))

    def repeat(self, bound: Callable[..., int], most: int, otherwise: Part) -> int:
        """Add a call, repeated until its result is not 0; after ``most`` calls, ``otherwise`` runs."""
        line = self._add(Line(REPEAT, bound, number=most))
        self._parts[line] = otherwise
        return line

    def set(self, name: str, number: int) -> int:
        """Add a line that sets a value."""
        return self._add(Line(SET, result=self.place(name), number=number))

    def clock(self, name: str) -> int:
        """Add a line that adds the ticks since the previous such line to a value; see ``seconds``."""
        return self._add(Line(CLOCK, result=self.place(name)))

    def python(self, part: Part, unless_zero: str | None = None) -> int:
        """Add a part in Python, which returns the line to continue with, or None for the next one."""
        line = self._add(Line(STOP, condition=self._of(unless_zero)))
        self._parts[line] = part
        return line

    def jump_if(self, name: str | None = None, to: int = 0) -> int:
        """Add a jump to line ``to`` if a value is not 0; None: always."""
        return self._add(Line(JUMP_IF, condition=self._of(name), number=to))

    def jump_unless(self, name: str, to: int = 0) -> int:
        """Add a jump to line ``to`` if a value is 0."""
        return self._add(Line(JUMP_UNLESS, condition=self.place(name), number=to))

    def land(self, jump: int) -> None:
        """Set the target of an earlier jump to the next line."""
        self._lines[jump].number = self.here

    def _of(self, name: str | None) -> int:
        return ALWAYS if name is None else self.place(name)

    def _scalars(self, names: tuple[str, ...]) -> tuple[int, ...]:
        if len(names) > MAX_SCALARS:
            raise KernelError(
                f"program: a call must have at most {MAX_SCALARS} scalars, got {len(names)}. Use fewer."
            )
        return tuple(self.place(name) for name in names)

    def _add(self, line: Line) -> int:
        self._lines.append(line)
        return len(self._lines) - 1

    def bind(self) -> None:
        """Translate the lines into the table that the interpreter reads."""
        if mode() != "object":
            self._run: Callable[[int], int] = self._run_by_python
            return
        self._table = np.zeros((len(self._lines), N_COLUMNS), dtype=np.int64)
        self._clock = np.zeros(3, dtype=np.int64)
        read_clock = 0
        if not has_cycles():
            read_clock = ctypes.cast(ctypes.CDLL(None).clock_gettime, ctypes.c_void_p).value or 0
        start()
        for row, line in zip(self._table, self._lines, strict=True):
            n = len(line.scalars)
            row[KIND], row[N_SCALARS], row[RESULT] = line.kind, n, line.result
            row[CONDITION], row[NUMBER] = line.condition, line.number
            row[FIRST_SCALAR : FIRST_SCALAR + n] = line.scalars
            if line.kind == CLOCK:
                row[CODE], row[TABLE] = read_clock, self._clock.ctypes.data
            elif line.bound is not None:
                row[CODE], row[TABLE] = line.bound.code, line.bound.table
        self._run = run_program.bind(self._table, self.array, self._clock)

    def replace(self, line: int, bound: Callable[..., int]) -> None:
        """Make a line of the bound program call another bound kernel."""
        self._lines[line].bound = bound
        if mode() == "object":
            row, replacement = self._table[line], self._lines[line].bound
            row[CODE], row[TABLE] = replacement.code, replacement.table

    def run(self, line: int = 0) -> None:
        """Run the program, parts in Python included, from a line to the end."""
        stopped = self._run(line)
        while stopped >= 0:
            after = self._parts[stopped]()
            stopped = self._run(stopped + 1 if after is None else after)

    def seconds(self, name: str) -> float:
        """Return the time that clock lines have added to a value, in seconds."""
        return self.values[self.place(name)] * seconds_per_tick()

    _last = 0

    def _run_by_python(self, first: int) -> int:
        values, k = self.values, first
        while k < len(self._lines):
            line, after = self._lines[k], k + 1
            is_set = line.condition < 0 or values[line.condition] != 0
            if line.kind == CLOCK:
                now = perf_counter_ns()
                values[line.result] += now - self._last
                self._last = now
            elif line.kind == SET:
                values[line.result] = line.number
            elif line.kind == STOP:
                if is_set:
                    return k
            elif line.kind in (JUMP_IF, JUMP_UNLESS):
                if is_set == (line.kind == JUMP_IF):
                    after = line.number
            elif not is_set:
                values[line.result] = 0
            else:
                returned, n = 0, 0
                while n < line.number and not returned:
                    returned, n = line.bound(*(values[index] for index in line.scalars)), n + 1
                values[line.result] = returned
                if line.kind == REPEAT and not returned:
                    return k
            k = after
        return -1
