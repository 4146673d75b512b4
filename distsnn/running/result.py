"""The result of a run."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from distsnn.checks import must_be
from distsnn.chip import Chip
from distsnn.core.plastic.recorder import EMPTY_WEIGHTS, WeightTable
from distsnn.core.rank import Rank
from distsnn.core.recording.collect import Spikes
from distsnn.core.utilization import CoreUtilization
from distsnn.errors import UsageError
from distsnn.mapping import Plan
from distsnn.network import Network, Projection
from distsnn.network.weights.errors import WeightError
from distsnn.network.weights.quanta import Quanta
from distsnn.running.settings import Settings
from distsnn.running.statistics import TrainStatistics, train_statistics
from distsnn.time_grid import given_steps
from distsnn.traffic import MeshCounters
from distsnn.traffic.footprint import Footprint


@dataclass
class Result:
    """Result of a run, on rank 0. On other ranks every field exists and is empty, so that a script
    needs no test of the rank: no spikes, traces without samples, counters of 0, no limits, digests "".

    digest: over spikes, synapses and final state. traffic_digest: over the mesh counters.
    compile_s: time to compile kernels, or to wait for it. seconds: phases of the time loop (mean over
    ranks; ``imbalance``: largest work of a rank over the mean). saturations: by population of integer
    models, overflows of the chip's registers, in neurons times steps. unrecorded: number of spikes of
    each population excluded by ``Network.record_spikes``.
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
    usage: CoreUtilization | None = None
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
        """Return, by projection, the errors from storing the weights as whole quanta.

        Projections of the same name are numbered.
        """
        quanta, errors = Quanta(self.network), {}
        for projection in self.network.projections:
            name = projection.name.removeprefix("projection ")
            key, count = name, 1
            while key in errors:
                count += 1
                key = f"{name} ({count})"
            errors[key] = quanta.error(projection)
        return errors

    @property
    def duration_ms(self) -> float:
        """Simulated time in ms."""
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
        owner = self.network.find(population)
        if not self.network.records_spikes(owner):
            raise UsageError(
                f"spikes of {population}: must be recorded, got record_spikes({population!r}, False). "
                "Leave it out before the run."
            )
        if self.spikes_all is None:
            return np.empty(0, np.int64), np.empty(0, np.int64)
        gid = self.spikes_all.gid.astype(np.int64) - owner.gid_start
        inside = (gid >= 0) & (gid < owner.size)
        return self.spikes_all.step[inside].astype(np.int64), gid[inside]

    def weights(self, projection: Projection) -> WeightTable:
        """Return the recorded weights of a projection.

        Raises UsageError unless it was passed to ``Network.record_weights``.
        """
        if not isinstance(projection, Projection):
            limit = "the return value of network.connect()"
            raise UsageError(must_be("Result.weights: projection", limit, projection, "Give it."))
        if self.is_root and projection.index not in self.weight_tables:
            limit = "recorded with network.record_weights()"
            remedy = "Record it before the run."
            raise UsageError(must_be("Result.weights: projection", limit, projection.name, remedy))
        return self.weight_tables.get(projection.index, EMPTY_WEIGHTS)

    def sample_times(self, population: str, variable: str) -> np.ndarray:
        """Return the times in ms (float64) at which a state variable was recorded.

        The first is dt, the end of the first step; the others follow at the probe's interval.
        Raises UsageError if the variable was not recorded.
        """
        owner = self.network.find(population)
        for probe in self.network.probes:
            if probe.population is owner and probe.variable == variable:
                dt_ms = self.network.dt_ms
                every = given_steps("every_ms", probe.every_ms, dt_ms, 1)
                return (np.arange(0, self.n_steps, every) + 1) * dt_ms
        limit = "recorded with network.record()"
        subject = f"Result.sample_times: variable of population {owner.name}"
        raise UsageError(must_be(subject, limit, variable, "Record it before the run."))

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


def empty_result(rank: Rank, settings: Settings) -> Result:
    """Return the result of a run of all steps of ``rank``, before anything is collected."""
    comm = rank.comm
    return Result(
        rank.network, rank.chip, rank.plan, settings, comm.rank == 0, comm.n_ranks,
        rank.fabric.name, rank.n_steps, steps_per_exchange=rank.batch,
    )  # fmt: skip
