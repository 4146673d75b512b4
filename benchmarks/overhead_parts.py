"""Times the calls of one step of an almost empty rank, one by one."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter
from typing import Any

from overhead_stages import almost_empty

from distsnn.chip import load_chip
from distsnn.comm import start
from distsnn.simulation import Settings, build_rank

N_CALLS, N_TIMES = 2000, 5


def parts() -> dict[str, float]:
    """Return microseconds of each call; indented ones are within the one above."""
    rank = build_rank(almost_empty(1, 0.0), 300, load_chip("loihi"), Settings(), start())
    for t in range(200):
        rank.tick(t)
    t, mesh, plastic = 200, rank.mesh, rank.plastic
    row = mesh.row(t)
    calls: dict[str, Callable[[], Any]] = {
        "deliver": lambda: rank.deliver(t),
        "  kernel": lambda: rank._deliver(t, 0, 0, 0, 16),
        "  plastic": lambda: plastic.deliver(t, 0, 0, 0),
        "integrate": lambda: rank.integrate(t),
        "  neurons": lambda: rank.state.advance[0](t),
        "  collect spikes": lambda: rank._collect(0),
        "learn": lambda: plastic.learn(t, 0, row),
        "record": lambda: rank.record(t),
        "send": lambda: rank.send(t),
        "  packets": lambda: rank._send(0, 0, row, rank.plan.lid_bits),
        "  arrivals": lambda: rank._arrive(row, 0, 0, 0, 0),
        "  mesh": lambda: mesh.finish(t),
        "exchange": lambda: rank.exchange(t),
    }
    found = {name: fastest(call, N_CALLS) for name, call in calls.items()}
    n = mesh.n_block

    def sums() -> None:
        mesh.n_done = 0
        mesh.finish_block(n)

    found["sums of the mesh"] = fastest(sums, 20) / n
    return found


def fastest(call: Callable[[], Any], n_calls: int) -> float:
    """Return microseconds of a call: the fastest of N_TIMES runs of n_calls."""
    times = []
    for _ in range(N_TIMES):
        began = perf_counter()
        for _ in range(n_calls):
            call()
        times.append(perf_counter() - began)
    return min(times) / n_calls * 1e6
