"""Runs a network: map, build, run, collect.

``simulate(network, duration_ms=...)`` runs a network; under ``mpirun``, every rank calls it and rank 0
gets the result.
"""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter
from typing import Any

from distsnn.comm import Comm, collective, start
from distsnn.core.rank import Rank
from distsnn.core.utilization import gather_utilization, require_within_limits
from distsnn.network import Network
from distsnn.running.building import build_rank
from distsnn.running.collecting import collect, warn_of_weight_errors
from distsnn.running.counters import mesh_counters
from distsnn.running.result import Result, empty_result
from distsnn.running.settings import Settings, call_settings, require_network
from distsnn.running.stepping import run_steps, run_steps_of

__all__ = ["Result", "Settings", "simulate"]


@collective("simulate()")
def simulate(
    network: Network,
    *,
    duration_ms: float,
    settings: Settings | None = None,
    comm: Comm | None = None,
    progress: Callable[[int, int], None] | None = None,
    **options: Any,
) -> Result:
    """Run a network and return its result. Collective under MPI.

    duration_ms: a positive multiple of the network's time step. options: fields of ``Settings`` by
    name, instead of settings (``chip="truenorth"``). progress(step, n_steps) is called on rank 0 about
    twice a second. Raises UsageError for invalid arguments, CapacityError if the network does not fit,
    SimulationError if a state becomes infinite or NaN.
    """
    require_network("simulate", network, comm, progress)
    settings = call_settings(settings, options)
    n_steps = run_steps_of(duration_ms, network.dt_ms)
    chip = settings.loaded_chip()
    comm = comm or start()
    began = perf_counter()
    rank = build_rank(network, n_steps, chip, settings, comm)
    try:
        return _run(rank, settings, progress, began)
    finally:
        rank.fabric.close()  # also after an error that the caller catches


def _run(
    rank: Rank, settings: Settings, progress: Callable[[int, int], None] | None, began: float
) -> Result:
    """Run a built rank and collect its result; began: when building started. Collective."""
    comm = rank.comm
    utilization = gather_utilization(rank, rank.chip, comm)
    require_within_limits(utilization, rank.chip, settings.strict, comm)
    comm.barrier()
    built = perf_counter()
    run_steps(rank, rank.n_steps, progress)
    comm.barrier()
    simulated = perf_counter()
    result = empty_result(rank, settings)
    result.compile_s, result.build_s = rank.compile_s, built - began - rank.compile_s
    result.simulate_s = simulated - built
    spikes = collect(rank, result, utilization, comm)
    counters = mesh_counters(rank, spikes, comm)
    if counters is not None:
        result.counters = counters
    if result.is_root:
        warn_of_weight_errors(rank.network, rank.quanta)
    return result
