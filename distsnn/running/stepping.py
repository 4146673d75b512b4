"""Runs the steps of a rank in calls short enough to respond to signals and report progress."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter
from typing import Any

from distsnn.core.finite import EVERY_STEPS, next_check
from distsnn.core.rank import Rank
from distsnn.errors import UsageError
from distsnn.time_grid import MAX_RUN_STEPS, given_steps

CALL_S = 0.05  # target duration of a call of the time loop; signals and progress wait for its end


def run_steps_of(duration_ms: Any, dt_ms: float, name: str = "duration_ms") -> int:
    """Return the number of steps of a run; UsageError unless that is a positive whole number."""
    return given_steps(name, duration_ms, dt_ms, 1, MAX_RUN_STEPS, error=UsageError)


def run_steps(
    rank: Rank,
    n_steps: int,
    progress: Callable[[int, int], None] | None = None,
    n_at_once: int = 1,
) -> int:
    """Run all steps, and call ``progress`` on rank 0 about twice a second. Collective.

    n_at_once: steps in the first call of the time loop. Returns the steps in the last one.
    """
    report = progress if rank.comm.rank == 0 else None
    now = perf_counter()
    next_report = now + 0.5
    while rank.t < n_steps:
        # A call ends at the latest where all ranks check that their values are finite.
        next_stop = min(n_steps, next_check(rank.t))
        rank.advance(min(rank.t + n_at_once, next_stop))
        if rank.t == next_stop:
            rank.finite.require(rank.t)
        # The number of steps is doubled or halved to bring the duration of a call near CALL_S.
        before, now = now, perf_counter()
        n_at_once = max(1, n_at_once * 2 if now - before < CALL_S else n_at_once // 2)
        n_at_once = min(n_at_once, EVERY_STEPS)  # so that it adapts quickly if steps become slower
        if report is not None and (rank.t == n_steps or now > next_report):
            report(rank.t - 1, n_steps)
            next_report = now + 0.5
    return n_at_once
