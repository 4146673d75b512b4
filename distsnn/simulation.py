"""Describe -> map -> commit -> run -> collect.

``simulate(network, duration_ms=...)`` is all that a user needs; under ``mpirun`` every rank calls it
and rank 0 gets the result.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

import numpy as np

from distsnn.checks import must_be, number
from distsnn.chip import Chip
from distsnn.comm import Comm, rank_grid, start
from distsnn.core.collect import (
    Spikes,
    gather_saturations,
    gather_spikes,
    gather_traces,
    network_digest,
    peak_memory_bytes,
)
from distsnn.core.finite import EVERY_STEPS
from distsnn.core.foresight import require_memory
from distsnn.core.neuron_state import kernel_of_model
from distsnn.core.plastic_place import module_of_rule
from distsnn.core.plastic_recorder import EMPTY_WEIGHTS, WeightTable
from distsnn.core.rank import Rank
from distsnn.core.step_program import PHASES
from distsnn.core.usage import CoreUsage, gather_usage, require_within_limits
from distsnn.errors import UsageError
from distsnn.kernels import ensure_compiled
from distsnn.mapping import Plan, make_plan
from distsnn.mapping.batch import steps_per_exchange
from distsnn.mapping.partition import rank_of_core
from distsnn.mapping.work import expected_work
from distsnn.network import Network, Projection
from distsnn.network.draw import KERNEL_MODULES as DRAW_KERNEL_MODULES
from distsnn.run_counters import footprint, mesh_counters
from distsnn.run_settings import Settings, n_steps_of, require_network, settings_of
from distsnn.spike_statistics import TrainStatistics, train_statistics
from distsnn.stimuli import SpikeSource
from distsnn.traffic import MeshCounters
from distsnn.traffic.footprint import Footprint

KERNEL_MODULES = (
    *DRAW_KERNEL_MODULES,
    *(
        f"distsnn.kernels.{name}"
        for name in (
            "anneal",
            "deliver",
            "digest",
            "forwarding",
            "link_loads",
            "mesh_sums",
            "packing",
            "program",
            "rows",
            "send",
            "steps",
            "ticks",
            "window",
        )
    ),
)  # fmt: skip

CALL_S = 0.05  # how long Python leaves the time loop alone: signals and progress wait for it

PLASTIC_KERNEL_MODULES = tuple(
    f"distsnn.kernels.plastic_{name}"
    for name in ("counts", "history", "modulators", "products", "rows")
)


@dataclass
class Result:
    """What a run gives. On ranks other than 0 only ``is_root`` and ``settings`` are meaningful.

    digest: over spikes, synapses and final state. traffic_digest: over the mesh counters.
    compile_s: kernels, where they were compiled or waited for. seconds: the parts of the time loop
    (mean over ranks; ``imbalance`` is the largest share of work over the mean). saturations: by
    population of integer models, how often a number did not fit the chip's, in neurons times steps.
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

    @property
    def duration_ms(self) -> float:
        """Simulated time."""
        return self.n_steps * self.network.dt_ms

    @property
    def traffic_digest(self) -> str:
        """Digest of the mesh counters."""
        return self.counters.digest() if self.counters else ""

    def spikes(self, population: str) -> tuple[np.ndarray, np.ndarray]:
        """Return times in ms (float64) and neuron indices (int64) of a population's spikes.

        A spike of step t (counted from 0) has the time (t + 1) * dt, the end of its step.
        """
        step, neuron = self.spike_steps(population)
        return (step + 1) * self.network.dt_ms, neuron

    def spike_steps(self, population: str) -> tuple[np.ndarray, np.ndarray]:
        """Return steps and neuron indices (int64) of a population's spikes, sorted."""
        found = self.network.find(population)
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

    def statistics(self, population: str, from_ms: float = 0.0) -> TrainStatistics:
        """Return rate, CV of intervals and synchrony of a population from ``from_ms`` on."""
        thing = "Result.statistics: from_ms"
        number(thing, from_ms, 0.0, below=self.duration_ms, error=UsageError)
        step, neuron = self.spike_steps(population)
        first = round(from_ms / self.network.dt_ms)
        late = step >= first
        size = self.network.find(population).size
        return train_statistics(
            step[late] - first, neuron[late], size, self.n_steps - first, self.network.dt_ms
        )


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

    options: instead of settings, their fields by name (``chip="truenorth"``). progress(step,
    n_steps) is called on rank 0 from time to time. Raises DistsnnError for what a user can cause.
    """
    require_network("simulate", network, comm, progress)
    settings = settings_of(settings, options)
    n_steps = n_steps_of(network, duration_ms)
    chip = settings.loaded_chip()
    comm = comm or start()
    began = perf_counter()
    rank = build_rank(network, n_steps, chip, settings, comm)
    usage = gather_usage(rank, chip, comm)
    require_within_limits(usage, chip, settings.strict, comm)
    comm.barrier()
    built = perf_counter()
    run_steps(rank, n_steps, progress)
    comm.barrier()
    simulated = perf_counter()
    result = Result(
        network, chip, rank.plan, settings, comm.rank == 0, comm.n_ranks, rank.fabric.name, n_steps
    )
    result.compile_s, result.build_s = rank.compile_s, built - began - rank.compile_s
    result.simulate_s = simulated - built
    result.steps_per_exchange = rank.batch
    collect(rank, result, usage, comm)
    rank.fabric.close()
    return result


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
    require_memory(network, n_steps, comm)
    plan = make_plan(network, chip, settings.placement, settings.neurons_per_core)
    asked = perf_counter()
    compile_kernels(network)  # after the plan, so that what cannot be placed is told at once
    compile_s = perf_counter() - asked
    grid = rank_grid(comm.n_ranks, chip.width, chip.height)
    weights = expected_work(network, plan)
    ranks = rank_of_core(weights, chip.width, chip.height, grid)
    batch = steps_per_exchange(network, plan)
    fabric = settings.fabric or ("serial" if comm.n_ranks == 1 else "mesh")
    rank = Rank(
        network, plan, ranks, grid, comm, fabric, chip, n_steps, batch, most_input=most_input
    )
    rank.compile_s = compile_s
    return rank


def compile_kernels(network: Network) -> None:
    """Compile what has not been compiled on this machine yet; the other ranks wait."""
    models = {
        kernel_of_model(population.model).module
        for population in network.populations
        if not isinstance(population.model, SpikeSource)
    }
    rules = {
        module_of_rule(projection.plasticity)
        for projection in network.projections
        if projection.plasticity is not None
    }
    plastic = PLASTIC_KERNEL_MODULES if rules else ()
    ensure_compiled([*KERNEL_MODULES, *plastic, *sorted(models), *sorted(rules)])


def run_steps(rank: Rank, n_steps: int, progress: Callable[[int, int], None] | None) -> None:
    """Run all steps; call ``progress`` on rank 0 about twice a second. Collective."""
    report = progress if rank.comm.rank == 0 else None
    n_at_once, now = 1, perf_counter()
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


def collect(rank: Rank, result: Result, usage: CoreUsage | None, comm: Comm) -> None:
    """Bring everything together on rank 0. Collective."""
    result.digest = network_digest(rank, comm)
    result.spikes_all = gather_spikes(rank, comm)
    result.traces = gather_traces(rank, comm)
    result.weight_tables = rank.plastic.recorder.gather(comm)
    result.saturations = gather_saturations(rank, comm)
    result.counters = mesh_counters(rank, result.spikes_all, comm)
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
