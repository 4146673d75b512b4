"""Describe -> map -> commit -> run -> collect.

``simulate(network, duration_ms=...)`` is all that a user needs; under ``mpirun`` every rank calls it
and rank 0 gets the result.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

import numpy as np

from distsnn.checks import must_be
from distsnn.chip import Chip
from distsnn.comm import Comm, collective, fitting_batch, rank_grid, start
from distsnn.core.finite import EVERY_STEPS
from distsnn.core.memory_estimate import require_memory
from distsnn.core.neurons.state import kernel_of_model
from distsnn.core.plastic.families import kernels_of
from distsnn.core.plastic.recorder import EMPTY_WEIGHTS, WeightTable
from distsnn.core.rank import Rank
from distsnn.core.recording.collect import (
    Spikes,
    gather_saturations,
    gather_spikes,
    gather_traces,
    gather_unrecorded,
    network_digest,
    peak_memory_bytes,
)
from distsnn.core.step_program import PHASES
from distsnn.core.utilization import CoreUsage, gather_usage, require_within_limits
from distsnn.errors import UsageError
from distsnn.kernels import ensure_compiled
from distsnn.mapping import Plan, make_plan
from distsnn.mapping.batch import most_spikes, steps_per_exchange
from distsnn.mapping.partition import rank_of_core
from distsnn.mapping.work import expected_work
from distsnn.network import Network, Projection
from distsnn.network.draw import KERNEL_MODULES as DRAW_KERNEL_MODULES
from distsnn.network.fingerprint import describe, describe_network
from distsnn.network.weights.lanes import WeightError
from distsnn.network.weights.quanta import Quanta
from distsnn.run_counters import footprint, mesh_counters, no_counters
from distsnn.run_settings import Settings, require_network, settings_of
from distsnn.spike_statistics import TrainStatistics, train_statistics
from distsnn.stimuli import SpikeSource
from distsnn.time_grid import MAX_RUN_STEPS, given_steps
from distsnn.traffic import MeshCounters
from distsnn.traffic.footprint import Footprint

KERNEL_MODULES = (
    *DRAW_KERNEL_MODULES,
    *(
        f"distsnn.kernels.{name}"
        for name in (
            "comm.forwarding", "comm.packing", "comm.window", "delivery.deliver", "delivery.rows",
            "loop.program", "loop.send", "loop.steps", "loop.ticks", "mesh.anneal",
            "mesh.block_sums", "mesh.link_loads", "numbers.digest",
        )
    ),
)  # fmt: skip

CALL_S = 0.05  # how long Python leaves the time loop alone: signals and progress wait for it


@dataclass
class Result:
    """What a run gives, on rank 0. Elsewhere all of it is there and empty, so that a script need not
    ask: no spikes, traces without samples, counters of 0, no limits, digests "".

    digest: over spikes, synapses and final state. traffic_digest: over the mesh counters.
    compile_s: kernels, where they were compiled or waited for. seconds: the parts of the time loop
    (mean over ranks; ``imbalance`` is the largest share of work over the mean). saturations: by
    population of integer models, how often a number did not fit the chip's, in neurons times steps.
    unrecorded: spikes of each population that ``Network.record_spikes`` said not to keep.
    """

    network: Network
    chip: Chip
    plan: Plan
    settings: Settings
    is_root: bool
    n_ranks: int
    fabric: str
    n_steps: int
    n_synapses: int = 0
    digest: str = ""
    spikes_all: Spikes | None = None
    traces: dict[tuple[str, str], tuple[np.ndarray, np.ndarray]] = field(default_factory=dict)
    weight_tables: dict[int, WeightTable] = field(default_factory=dict)
    counters: MeshCounters | None = None
    footprint: Footprint | None = None
    usage: CoreUsage | None = None
    compile_s: float = 0.0
    build_s: float = 0.0
    simulate_s: float = 0.0
    seconds: dict[str, float] = field(default_factory=dict)
    memory_bytes: int = 0
    memory_of_rank: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64))
    steps_per_exchange: int = 1
    saturations: dict[str, int] = field(default_factory=dict)
    unrecorded: dict[str, int] = field(default_factory=dict)

    def weight_errors(self) -> dict[str, WeightError]:
        """Return, by projection, what storing the weights as whole quanta changes.

        Projections of the same name are numbered.
        """
        quanta, found = Quanta(self.network), {}
        for projection in self.network.projections:
            name = projection.name.removeprefix("projection ")
            key, count = name, 1
            while key in found:
                count += 1
                key = f"{name} ({count})"
            found[key] = quanta.error(projection)
        return found

    @property
    def duration_ms(self) -> float:
        """Simulated time."""
        return self.n_steps * self.network.dt_ms

    @property
    def traffic_digest(self) -> str:
        """Digest of the mesh counters."""
        return self.counters.digest() if self.is_root and self.counters else ""

    def spikes(self, population: str) -> tuple[np.ndarray, np.ndarray]:
        """Return times in ms (float64) and neuron indices (int64) of a population's spikes.

        A spike of step t (counted from 0) has the time (t + 1) * dt, the end of its step.
        """
        step, neuron = self.spike_steps(population)
        return (step + 1) * self.network.dt_ms, neuron

    def spike_steps(self, population: str) -> tuple[np.ndarray, np.ndarray]:
        """Return steps and neuron indices (int64) of a population's spikes, sorted."""
        found = self.network.find(population)
        if not self.network.records_spikes(found):
            raise UsageError(
                f"spikes of {population}: must be recorded, got record_spikes({population!r}, False). "
                "Leave it out before the run."
            )
        if self.spikes_all is None:
            return np.empty(0, np.int64), np.empty(0, np.int64)
        gid = self.spikes_all.gid.astype(np.int64) - found.gid_start
        inside = (gid >= 0) & (gid < found.size)
        return self.spikes_all.step[inside].astype(np.int64), gid[inside]

    def weights(self, projection: Projection) -> WeightTable:
        """Return what ``Network.record_weights`` asked for; UsageError where it was not asked."""
        if not isinstance(projection, Projection):
            limit = "what network.connect() returned"
            raise UsageError(must_be("Result.weights: projection", limit, projection, "Give it."))
        if self.is_root and projection.index not in self.weight_tables:
            limit = "one that was named to network.record_weights()"
            remedy = "Name it before the run."
            raise UsageError(
                must_be("Result.weights: projection", limit, projection.name, remedy)
            )
        return self.weight_tables.get(projection.index, EMPTY_WEIGHTS)

    def sample_times(self, population: str, variable: str) -> np.ndarray:
        """Return the times in ms (float64) at which a state variable was recorded.

        The first is dt, the end of the first step; the others follow at the probe's interval.
        UsageError where it was not recorded.
        """
        found = self.network.find(population)
        for probe in self.network.probes:
            if probe.population is found and probe.variable == variable:
                dt_ms = self.network.dt_ms
                every = given_steps("every_ms", probe.every_ms, dt_ms, 1)
                return (np.arange(0, self.n_steps, every) + 1) * dt_ms
        limit = "what network.record() was asked for"
        thing = f"Result.sample_times: variable of population {found.name}"
        raise UsageError(must_be(thing, limit, variable, "Record it before the run."))

    def statistics(self, population: str, from_ms: float = 0.0) -> TrainStatistics:
        """Return rate, CV of intervals and synchrony of a population from ``from_ms`` on.

        from_ms: whole steps, within the run; UsageError otherwise. Of a population whose spikes are
        not recorded: number and rate of the whole run alone.
        """
        size = self.network.find(population).size
        if not self.network.records_spikes(self.network.find(population)):
            n_spikes = self.unrecorded.get(population, 0)
            seconds = self.n_steps * self.network.dt_ms * 1e-3
            return TrainStatistics(n_spikes, n_spikes / (size * seconds), None, None)
        step, neuron = self.spike_steps(population)
        dt_ms = self.network.dt_ms
        first = given_steps("from_ms", from_ms, dt_ms, 0, self.n_steps, error=UsageError)
        late = step >= first
        return train_statistics(step[late] - first, neuron[late], size, self.n_steps - first, dt_ms)


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
    """Run a network. Collective under MPI.

    duration_ms: whole steps of the network, at least one. options: instead of settings, their
    fields by name (``chip="truenorth"``). progress(step, n_steps) is called on rank 0 from time to
    time. Raises DistsnnError for what a user can cause.
    """
    require_network("simulate", network, comm, progress)
    settings = settings_of(settings, options)
    n_steps = run_steps_of(duration_ms, network.dt_ms)
    chip = settings.loaded_chip()
    comm = comm or start()
    began = perf_counter()
    rank = build_rank(network, n_steps, chip, settings, comm)
    try:
        return _run(rank, settings, progress, began)
    finally:
        rank.fabric.close()  # also after an error that is caught: no rank counts on this one any more


def _run(
    rank: Rank, settings: Settings, progress: Callable[[int, int], None] | None, began: float
) -> Result:
    """Run a rank that has been built since ``began`` and collect what it gives. Collective."""
    comm = rank.comm
    usage = gather_usage(rank, rank.chip, comm)
    require_within_limits(usage, rank.chip, settings.strict, comm)
    comm.barrier()
    built = perf_counter()
    run_steps(rank, rank.n_steps, progress)
    comm.barrier()
    simulated = perf_counter()
    result = empty_result(rank, settings)
    result.compile_s, result.build_s = rank.compile_s, built - began - rank.compile_s
    result.simulate_s = simulated - built
    spikes = collect(rank, result, usage, comm)
    counters = mesh_counters(rank, spikes, comm)
    if counters is not None:
        result.counters = counters
    if result.is_root:
        tell_lost_weights(rank.network, rank.quanta)
    return result


def empty_result(rank: Rank, settings: Settings) -> Result:
    """Return the result of a run of all steps of ``rank``, before anything is collected."""
    comm = rank.comm
    return Result(
        rank.network, rank.chip, rank.plan, settings, comm.rank == 0, comm.n_ranks,
        rank.fabric.name, rank.n_steps, steps_per_exchange=rank.batch,
    )  # fmt: skip


def tell_lost_weights(network: Network, quanta: Quanta) -> None:
    """Warn of what whole-numbered weights of chips lose; all others are right by construction."""
    for projection in network.projections:
        if getattr(projection.target.model, "weight_quanta", None) is not None:
            changes = quanta.error(projection).changes()
            if changes:
                kind = type(projection.target.model).__name__
                warnings.warn(
                    f"{projection.name}: weights are whole for a {kind}, which changes {changes}. "
                    "Scale them, or round them yourself.",
                    stacklevel=4,
                )


def run_steps_of(duration_ms: Any, dt_ms: float, name: str = "duration_ms") -> int:
    """Return the number of steps of a run; UsageError where it is none."""
    return given_steps(name, duration_ms, dt_ms, 1, MAX_RUN_STEPS, error=UsageError)


def build_rank(
    network: Network,
    n_steps: int,
    chip: Chip,
    settings: Settings,
    comm: Comm,
    most_input: int = 0,
) -> Rank:
    """Compile, map, cut into ranks and build what this rank owns. Collective.

    most_input: see ``Rank``.
    """
    comm.require_same(
        f"network {network.name}",
        lambda: [
            *describe_network(network), *describe("chip", chip), *describe("settings", settings),
            ("duration", f"{n_steps} steps"), ("most_input", str(most_input)),
        ],
    )  # fmt: skip
    require_memory(network, n_steps, comm)
    plan = make_plan(network, chip, settings.placement, settings.neurons_per_core)
    asked = perf_counter()
    compile_kernels(network)  # after the plan, so that what cannot be placed is told at once
    compile_s = perf_counter() - asked
    grid = rank_grid(comm.n_ranks, chip.width, chip.height)
    weights = expected_work(network, plan)
    ranks = rank_of_core(weights, chip.width, chip.height, grid)
    batch = fitting_batch(
        steps_per_exchange(network, plan), most_spikes(network, plan, ranks), comm.n_ranks
    )
    fabric = settings.fabric or ("serial" if comm.n_ranks == 1 else "mesh")
    rank = Rank(
        network, plan, ranks, grid, comm, fabric, chip, n_steps, batch, most_input=most_input
    )
    rank.compile_s = compile_s
    return rank


def compile_kernels(network: Network) -> None:
    """Compile what has not been compiled on this machine yet; the other ranks wait."""
    models = {
        id(kernel): kernel
        for population in network.populations
        if not isinstance(population.model, SpikeSource)
        for kernel in (kernel_of_model(population.model),)
    }
    ensure_compiled([*KERNEL_MODULES, *models.values(), *kernels_of(network)])


def run_steps(
    rank: Rank,
    n_steps: int,
    progress: Callable[[int, int], None] | None = None,
    n_at_once: int = 1,
) -> int:
    """Run all steps; call ``progress`` on rank 0 about twice a second. Collective.

    n_at_once: how many steps to begin with before Python looks up; returns how many at the end.
    """
    report = progress if rank.comm.rank == 0 else None
    now = perf_counter()
    next_report = now + 0.5
    while rank.t < n_steps:
        due = min(n_steps, rank.finite.next_step)
        rank.advance(min(rank.t + n_at_once, due))
        if rank.t == due:
            rank.finite.require()
        before, now = now, perf_counter()
        n_at_once = max(1, n_at_once * 2 if now - before < CALL_S else n_at_once // 2)
        n_at_once = min(n_at_once, EVERY_STEPS)  # so that it falls at once when steps take longer
        if report is not None and (rank.t == n_steps or now > next_report):
            report(rank.t - 1, n_steps)
            next_report = now + 0.5
    return n_at_once


def collect(rank: Rank, result: Result, usage: CoreUsage | None, comm: Comm) -> Spikes:
    """Bring everything but the counters together on rank 0; return the spikes. Collective."""
    result.digest = network_digest(rank, comm)
    result.spikes_all = spikes = gather_spikes(rank, comm)
    result.unrecorded = gather_unrecorded(rank, comm)
    result.traces = gather_traces(rank, comm)
    result.weight_tables = rank.plastic.recorder.gather(comm)
    result.saturations = gather_saturations(rank, comm)
    result.footprint = footprint(rank, comm)
    result.n_synapses = comm.sum(rank.table.n_synapses)
    result.usage = usage
    memory = comm.gather_arrays(np.array([peak_memory_bytes()], dtype=np.int64))
    seconds = comm.reduce_sum(np.array([rank.seconds[name] for name in PHASES]))
    work = rank.seconds["deliver"] + rank.seconds["update"] + rank.seconds["send"]
    longest = comm.max(int(work * 1e9)) * 1e-9
    if comm.rank == 0:
        result.memory_of_rank = np.concatenate(memory)
        result.memory_bytes = int(result.memory_of_rank.sum())
        mean = seconds / comm.n_ranks
        result.seconds = dict(zip(PHASES, mean.tolist(), strict=True))
        mean_work = float(mean[:3].sum())
        result.seconds["imbalance"] = longest / mean_work if mean_work > 0 else 1.0
    else:
        result.spikes_all, result.counters = None, no_counters(result.chip, result.n_steps)
        result.usage, result.n_synapses = CoreUsage(np.empty(0, np.int64), ()), 0
    return spikes
