"""Runs bound kernels one after another in one call from Python.

A call of a kernel from Python costs 0.4 to 1 microsecond; a step of a small network is a dozen calls.
A ``Program`` is a list of such calls with the values that go from one to the next, and a small
compiled interpreter runs it. Where kernels are not object code, Python runs the same list.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from time import perf_counter_ns
from typing import Any

import numpy as np

from distsnn.errors import KernelError
from distsnn.kernels.declare import kernel, mode

if mode() in ("numba", "compile"):
    from distsnn.kernels.compiler import call_kernel
else:

    def call_kernel(*arguments: Any) -> int:
        """Stand-in: programs of kernels that are not object code are run by Python."""
        return 0


MOST_SCALARS = 6
# Columns of a program: what to do, the code and its table, the places of its scalars and how many
# they are, the place of the result, the place of a condition (or -1), how often to repeat.
KIND, CODE, TABLE = 0, 1, 2
FIRST_SCALAR = 3
N_SCALARS = FIRST_SCALAR + MOST_SCALARS
RESULT, CONDITION, MOST_REPEATS = N_SCALARS + 1, N_SCALARS + 2, N_SCALARS + 3
N_COLUMNS = MOST_REPEATS + 1
CALL, CLOCK, STOP = range(3)
CLOCK_MONOTONIC = 1
SECONDS, NANOSECONDS, LAST = range(3)  # of the clock's own values


@kernel("i8(i8, i8[:,:], i8[:], i8[:])")
def run_program(first, program, values, clock):
    """Run the lines of ``program`` from ``first`` on; return the line that stopped it, or -1."""
    for k in range(first, program.shape[0]):
        condition = program[k, CONDITION]
        kind = program[k, KIND]
        result = program[k, RESULT]
        if kind == STOP:
            if condition < 0 or values[condition] != 0:
                return k
        elif kind == CLOCK:
            call_kernel(program[k, CODE], CLOCK_MONOTONIC, 0, 0, 0, 0, 0, 1, program[k, TABLE])
            now = clock[SECONDS] * 1000000000 + clock[NANOSECONDS]
            values[result] += now - clock[LAST]
            clock[LAST] = now
        elif condition >= 0 and program[k, MOST_REPEATS] <= 1 and values[condition] == 0:
            values[result] = 0
        else:
            wanted = values[condition] if program[k, MOST_REPEATS] > 1 else np.int64(0)
            n = np.int64(0)
            done = np.int64(0)
            while done == 0:
                values[result] = call_kernel(
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
                if program[k, MOST_REPEATS] <= 1 or values[result] == wanted:
                    done = 1
                elif n >= program[k, MOST_REPEATS]:
                    return k
    return -1


class Program:
    """Calls of bound kernels in a fixed order, with named int64 values between them.

    Values are set and read by ``values[program.place(name)]`` of the memoryview ``values``; clocks
    count nanoseconds. Write all lines, then ``bind``; the result takes the line to begin with and
    returns the line that stopped it, or -1 at the end.
    """

    def __init__(self, *names: str) -> None:
        self._places = {name: place for place, name in enumerate(names)}
        self._array = np.zeros(len(names), dtype=np.int64)
        self.values = memoryview(self._array)
        self._lines: list[tuple[int, Any, tuple[int, ...], int, int, int]] = []

    def place(self, name: str) -> int:
        """Return where a value lies."""
        return self._places[name]

    def call(
        self,
        bound: Callable[..., int],
        scalars: tuple[str, ...],
        result: str,
        unless_zero: str | None = None,
    ) -> int:
        """Add a call; left out, with result 0, where the value ``unless_zero`` is 0."""
        condition = -1 if unless_zero is None else self.place(unless_zero)
        return self._add(CALL, bound, scalars, self.place(result), condition, 1)

    def repeat(
        self,
        bound: Callable[..., int],
        scalars: tuple[str, ...],
        result: str,
        until: str,
        most: int,
    ) -> int:
        """Add a call that is repeated until its result is the value ``until``, else stops."""
        return self._add(CALL, bound, scalars, self.place(result), self.place(until), most)

    def clock(self, name: str) -> int:
        """Add the nanoseconds since the last clock to a value."""
        return self._add(CLOCK, None, (), self.place(name), -1, 1)

    def stop_if(self, name: str) -> int:
        """Stop where a value is not 0."""
        return self._add(STOP, None, (), 0, self.place(name), 1)

    def stop(self) -> int:
        """Stop always."""
        return self._add(STOP, None, (), 0, -1, 1)

    def _add(
        self,
        kind: int,
        bound: Any,
        scalars: tuple[str, ...],
        result: int,
        condition: int,
        most: int,
    ) -> int:
        if len(scalars) > MOST_SCALARS:
            raise KernelError(
                f"program: a call has {len(scalars)} scalars, limit {MOST_SCALARS}. Use fewer."
            )
        places = tuple(self.place(name) for name in scalars)
        self._lines.append((kind, bound, places, result, condition, most))
        return len(self._lines) - 1

    def bind(self) -> Callable[[int], int]:
        """Return what runs the program."""
        if mode() != "object":
            return self._run_by_python
        table = np.zeros((len(self._lines), N_COLUMNS), dtype=np.int64)
        clock = np.zeros(3, dtype=np.int64)
        read_clock = ctypes.cast(ctypes.CDLL(None).clock_gettime, ctypes.c_void_p).value
        for row, (kind, bound, places, result, condition, most) in zip(
            table, self._lines, strict=True
        ):
            row[KIND], row[N_SCALARS], row[RESULT] = kind, len(places), result
            row[CONDITION], row[MOST_REPEATS] = condition, most
            row[FIRST_SCALAR : FIRST_SCALAR + len(places)] = places
            if kind == CLOCK:
                row[CODE], row[TABLE] = read_clock, clock.ctypes.data
            elif kind == CALL:
                row[CODE], row[TABLE] = bound.code, bound.table
        self._kept = [bound for _, bound, *_ in self._lines]
        return run_program.bind(table, self._array, clock)

    _last = 0

    def _run_by_python(self, first: int) -> int:
        values = self.values
        for k, line in enumerate(self._lines[first:], first):
            kind, bound, places, result, condition, most = line
            if kind == STOP:
                if condition < 0 or values[condition]:
                    return k
            elif kind == CLOCK:
                now = perf_counter_ns()
                values[result] += now - self._last
                self._last = now
            elif condition >= 0 and most <= 1 and not values[condition]:
                values[result] = 0
            else:
                for _ in range(most):
                    values[result] = bound(*(values[place] for place in places))
                    if most <= 1 or values[result] == values[condition]:
                        break
                else:
                    return k
        return -1
