"""The clock of the time loop: the processor's cycle counter, which takes 10 ns to read, not 30.

If programs are not allowed to read the counter, or its rate is not constant, the system clock in
nanoseconds takes its place. The length of a tick follows from both clocks, compared since ``start``.
"""

from __future__ import annotations

import platform
from functools import lru_cache
from time import perf_counter_ns, sleep

from distsnn.kernels.compile.declare import kernel
from distsnn.kernels.compile.signature import mode

if mode() in ("numba", "compile"):
    from distsnn.kernels.compile.compiler import read_cycles
else:

    def read_cycles() -> int:
        """Return 0; only compiled code reads the counter, see ``has_cycles``."""
        return 0


MIN_NS = 20_000_000  # shortest interval from which the length of a tick is determined
ENOUGH_NS = 1_000_000_000  # interval after which the length is not determined again
READINGS = 5
FIRST_PROCESSOR = 4096  # characters of /proc/cpuinfo with the flags of one processor


@kernel("i8(i8)")
def cycles(ignored):
    """Return the processor's cycle counter."""
    return read_cycles()


@lru_cache(maxsize=1)
def has_cycles() -> bool:
    """Return whether kernels can read the cycle counter and its rate is constant."""
    if mode() != "object" or platform.machine() not in ("x86_64", "AMD64"):
        return False
    try:
        with open("/proc/cpuinfo", encoding="ascii", errors="replace") as file:
            first = file.read(FIRST_PROCESSOR)
    except OSError:
        return False
    return {"constant_tsc", "nonstop_tsc"} <= set(first.split())


def _both_clocks() -> tuple[int, int]:
    """Return nanoseconds and ticks of the same instant, from the fastest of several readings."""
    readings = []
    for _ in range(READINGS):
        before, ticks, after = perf_counter_ns(), cycles(0), perf_counter_ns()
        readings.append((after - before, (before + after) // 2, ticks))
    _, ns, ticks = min(readings)
    return ns, ticks


@lru_cache(maxsize=1)
def _first() -> tuple[int, int]:
    return _both_clocks()


def start() -> None:
    """Take the first reading of both clocks."""
    if has_cycles():
        _first()


def seconds_per_tick() -> float:
    """Return the length of a tick in seconds."""
    if not has_cycles():
        return 1e-9
    elapsed = perf_counter_ns() - _first()[0]
    if elapsed >= ENOUGH_NS:
        return _known()
    sleep(1e-9 * max(0, MIN_NS - elapsed))
    return _ratio()


@lru_cache(maxsize=1)
def _known() -> float:
    return _ratio()


def _ratio() -> float:
    first, now = _first(), _both_clocks()
    return 1e-9 * (now[0] - first[0]) / max(1, now[1] - first[1])
