"""Times the lines of a step of an almost empty rank, one by one: in a program, and from Python."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter
from typing import Any

from overhead_stages import almost_empty

from distsnn.chip import load_chip
from distsnn.comm import start
from distsnn.core.rank import Rank
from distsnn.kernels.loop.program import Program
from distsnn.kernels.loop.steps import NAMES, begin_step, end_step
from distsnn.running.building import build_rank
from distsnn.simulation import Settings

N_CALLS, N_TIMES = 20_000, 5
VALUES = {"batch": 1, "window": 1, "rows": 1, "until": N_CALLS, "n steps": N_CALLS + 1}


def parts() -> dict[str, tuple[float, float]]:
    """Return microseconds of each call, as a line of a program and from Python."""
    rank = build_rank(almost_empty(1, 0.0), 300, load_chip("loihi"), Settings(), start())
    rank.advance(200)
    loop = in_program(None, 0)
    found = {}
    for name, (bound, scalars) in calls_of(rank).items():
        in_a_program = in_program(bound, len(scalars)) - loop
        found[name] = (in_a_program, fastest(lambda bound=bound, of=scalars: bound(*of)))
    found["step number, loop"] = (loop, 0.0)
    return found


def calls_of(rank: Rank) -> dict[str, tuple[Callable[..., int], tuple[int, ...]]]:
    """Return the kernels of a step with scalars for an empty one, all of them 0."""
    return {
        "deliver": (rank.bound_deliver, (0,) * 5),
        "neurons": (rank.state.advance[0], (0,)),
        "collect spikes": (rank.bound_collect, (0,)),
        "send": (rank.bound_send, (0,) * 4),
        "arrivals": (rank.bound_arrive, (0,) * 5),
        "loads of links": (rank.mesh.bound_finish, (0,)),
    }


def in_program(bound: Callable[..., int] | None, n_scalars: int) -> float:
    """Return microseconds of a turn of a loop that calls a kernel and counts steps."""
    program = Program(*NAMES[1:], "zero")
    first = program.call(begin_step.bind(program.array))
    if bound is not None:
        program.call(bound, ("zero",) * n_scalars)
    program.call(end_step.bind(program.array))
    program.jump_if("goes on", to=first)
    program.bind()
    for name, number in VALUES.items():
        program.values[program.place(name)] = number

    def run() -> None:
        program.values[program.place("t")] = 0
        program.run()

    return fastest(run, 1) / N_CALLS


def fastest(call: Callable[[], Any], n_calls: int = N_CALLS) -> float:
    """Return microseconds of a call: the fastest of N_TIMES runs of n_calls."""
    times = []
    for _ in range(N_TIMES):
        began = perf_counter()
        for _ in range(n_calls):
            call()
        times.append(perf_counter() - began)
    return min(times) / n_calls * 1e6
