"""The result of a run."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from distsnn.checks import flag, must_be
from distsnn.chip import Chip
from distsnn.core.plastic.recorder import EMPTY_WEIGHTS, WeightTable
from distsnn.core.rank import Rank
from distsnn.core.recording.collect import Spikes
from distsnn.core.utilization import CoreUtilization
from distsnn.errors import UsageError
from distsnn.mapping import Plan
from distsnn.network import Network, Projection
from distsnn.network.network import Neurons
from distsnn.network.weights.errors import WeightError
from distsnn.network.weights.quanta import Quanta
from distsnn.running.display import plotting
from distsnn.running.display.summary import result_html, result_text
from distsnn.running.exporting import block_of, dataframe_of, packet_matrix_of, tree_of
from distsnn.running.recorded import sample_times_of, spike_steps_of, trace_of
from distsnn.running.settings import Settings
from distsnn.running.statistics import TrainStatistics, train_statistics
from distsnn.time_grid import given_steps
from distsnn.traffic import Cost, MeshCounters, MeshTraffic, TrafficMatrix, cost_of
from distsnn.traffic.counters import no_counters
from distsnn.traffic.footprint import Footprint

if TYPE_CHECKING:
    import neo
    import pandas
    import scipy.sparse
    import xarray
    from matplotlib.axes import Axes


@dataclass
class Result:
    """The result of a run, which rank 0 holds.

    Neurons are named as in a network: by a population or its name, some neurons of one (``e[:100]``) or
    an assembly (``e + i``). The numbers of neurons count those that were named, from 0, part by part;
    of a population they are its indices.

    On other ranks, every field exists but is empty, so that scripts need not ask for the rank: no
    spikes, traces without samples, counters of 0, no limits, digests "".

    digest: hash of spikes, synapses and final state. traffic_digest: hash of the mesh counters.
    compile_s: time spent compiling kernels or waiting for them. seconds: time spent in each phase of
    the time loop, mean over ranks, and ``imbalance``, the largest work of a rank over the mean.
    saturations: overflows of the chip's registers in neurons times steps, by population of an integer
    model. unrecorded: number of spikes of each population that ``Network.record_spikes`` excludes.
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
    packets: TrafficMatrix | None = None
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
        """Return the errors made by storing weights as whole quanta, by projection.

        Projections of the same name are numbered from the second on.
        """
        quanta, errors = Quanta(self.network), {}
        for projection in self.network.projections:
            name = projection.name.removeprefix("projection ")
            # name, name (2), name (3), ...
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
        """Hash of the mesh counters; "" on ranks other than 0."""
        return self.counters.digest() if self.is_root and self.counters else ""

    def account(self, *, paced: bool = True) -> MeshTraffic:
        """Return loads, hops, energy and time of the run on its chip.

        paced: the chip waits in each step for the model's time; otherwise it runs as fast as it can.
        """
        flag("Result.account: paced", paced, error=UsageError)
        counters = self.counters or no_counters(self.chip, self.n_steps)
        return MeshTraffic(self.chip, counters, self.network.dt_ms * 1e-3 if paced else None)

    def energy(self, *, paced: bool = True) -> Cost:
        """Return the energy of the run on its chip by part, in joule, with time and packets.

        paced: see ``account``.
        """
        return cost_of(self.account(paced=paced))

    def packets_between_cores(self) -> scipy.sparse.csr_array:
        """Return the packets of the run, int64 [n_cores, n_cores], row: source core, column: target."""
        return packet_matrix_of(self)

    def __repr__(self) -> str:
        return result_text(self)

    def _repr_html_(self) -> str:
        return result_html(self)

    def spikes(self, population: Neurons) -> tuple[np.ndarray, np.ndarray]:
        """Return times in ms (float64) and numbers (int64) of the spikes of neurons, in order.

        A spike of step t, counted from 0, has the time (t + 1) * dt, the end of that step. Raises
        UsageError if the population is not recorded.
        """
        step, neuron = self.spike_steps(population)
        return (step + 1) * self.network.dt_ms, neuron

    def spike_steps(self, population: Neurons) -> tuple[np.ndarray, np.ndarray]:
        """Return steps and numbers (int64) of the spikes of neurons, in order of both."""
        return spike_steps_of(self, population)

    def trace(self, population: Neurons, variable: str) -> tuple[np.ndarray, np.ndarray]:
        """Return times in ms (float64 [samples]) and values [samples, neurons] of a state variable.

        values: float32, or int32 for variables of whole numbers. A whole population has a column for
        each recorded neuron, anything else for each neuron that is named. Raises UsageError for what
        was not recorded.
        """
        return trace_of(self, population, variable)

    def weights(self, projection: Projection) -> WeightTable:
        """Return the recorded weights of a projection.

        Raises UsageError unless the projection was passed to ``Network.record_weights``.
        """
        if not isinstance(projection, Projection):
            limit = "the return value of network.connect()"
            raise UsageError(must_be("Result.weights: projection", limit, projection, "Give it."))
        if self.is_root and projection.index not in self.weight_tables:
            limit = "recorded with network.record_weights()"
            remedy = "Record it before the run."
            raise UsageError(must_be("Result.weights: projection", limit, projection.name, remedy))
        return self.weight_tables.get(projection.index, EMPTY_WEIGHTS)

    def sample_times(self, population: Neurons, variable: str) -> np.ndarray:
        """Return the times in ms (float64) at which a state variable was recorded, on every rank.

        The first time is dt, the end of the first step; the others follow at the interval of the probe.
        Raises UsageError if the variable was not recorded.
        """
        return sample_times_of(self, self.network.views(population), variable)

    def statistics(self, population: Neurons, from_ms: float = 0.0) -> TrainStatistics:
        """Return rate, CV of intervals and synchrony of neurons from ``from_ms`` on.

        from_ms: a whole number of steps, within the run; UsageError otherwise. For a population that is
        not recorded, only number and rate of spikes are known, and only over the whole run.
        """
        views = self.network.views(population)
        size = sum(len(view) for view in views)
        name = views[0].population.name
        is_whole = len(views) == 1 and views[0].is_all
        if is_whole and not self.network.records_spikes(views[0].population):
            # rate = spikes / (neurons * duration)
            n_spikes = self.unrecorded.get(name, 0)
            seconds = max(1, self.n_steps) * self.network.dt_ms * 1e-3  # no spikes without a step
            return TrainStatistics(n_spikes, n_spikes / (size * seconds), None, None)
        step, neuron = self.spike_steps(population)
        dt_ms = self.network.dt_ms
        # Spikes before from_ms are left out; the others are counted from there.
        first = given_steps("from_ms", from_ms, dt_ms, 0, self.n_steps, error=UsageError)
        is_counted = step >= first
        return train_statistics(
            step[is_counted] - first, neuron[is_counted], size, self.n_steps - first, dt_ms
        )

    def to_dataframe(self) -> pandas.DataFrame:
        """Return the spikes as a table: time_ms, population, neuron (its index in the population)."""
        return dataframe_of(self)

    def to_xarray(self) -> xarray.DataTree:
        """Return the traces with times and neurons; ``tree["e/v"].v`` is the trace of v of e."""
        return tree_of(self)

    def to_neo(self) -> neo.Block:
        """Return spikes and traces with units: one segment, a group of spike trains per population."""
        return block_of(self)

    def plot_raster(self, population: Neurons | None = None, *, ax: Axes | None = None) -> Axes:
        """Draw spikes of neurons (None: of all) into ``ax`` or a new figure; return the axes.

        Of many neurons, every k-th has a row.
        """
        return plotting.plot_raster(self, population, ax)

    def plot_trace(self, population: Neurons, variable: str, *, ax: Axes | None = None) -> Axes:
        """Draw a recorded state variable, a line for each of at most 10 neurons; return the axes."""
        return plotting.plot_trace(self, population, variable, ax)

    def plot_rates(self, population: Neurons | None = None, *, ax: Axes | None = None) -> Axes:
        """Draw the rates of populations over time (None: of all recorded ones); return the axes."""
        return plotting.plot_rates(self, population, ax)


def empty_result(rank: Rank, settings: Settings) -> Result:
    """Return the result of a run of ``rank``, before anything is collected."""
    comm = rank.comm
    return Result(
        rank.network, rank.chip, rank.plan, settings, comm.rank == 0, comm.n_ranks,
        rank.fabric.name, rank.n_recorded, steps_per_exchange=rank.batch,
    )  # fmt: skip
