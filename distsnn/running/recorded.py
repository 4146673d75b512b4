"""What a result has of the neurons that a user names: a population, a view of it or an assembly.

The numbers of neurons count those that were named, from 0, part by part: of a population they are its
indices, of the view ``e[[3, 8]]`` number 1 is neuron 8, and in ``e + i`` the numbers of ``i`` follow
those of ``e``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from distsnn.checks import must_be
from distsnn.errors import UsageError
from distsnn.network import Network, Probe
from distsnn.network.network import Neurons
from distsnn.network.views import PopulationView
from distsnn.time_grid import given_steps

if TYPE_CHECKING:
    from distsnn.running.result import Result

Views = Sequence[PopulationView]


def spike_steps_of(result: Result, neurons: Neurons) -> tuple[np.ndarray, np.ndarray]:
    """Return steps and numbers (int64) of the spikes of neurons, sorted by both."""
    views = result.network.views(neurons)
    for view in views:
        require_recorded(result.network, view)
    if result.spikes_all is None:
        return np.empty(0, np.int64), np.empty(0, np.int64)
    # before: number of neurons in the parts so far
    parts, before = [], 0
    for view in views:
        step, number = _of_view(result.spikes_all.step, result.spikes_all.gid, view)
        parts.append((step, number + before))
        before += len(view)
    if len(parts) == 1:
        return parts[0]  # sorted already
    # Each part is in order of its own; together they are sorted anew.
    step, number = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    order = np.lexsort((number, step))
    return step[order], number[order]


def _of_view(
    step: np.ndarray, gid: np.ndarray, view: PopulationView
) -> tuple[np.ndarray, np.ndarray]:
    # The gids of a population are consecutive.
    neuron = gid.astype(np.int64) - view.population.gid_start
    is_chosen = (neuron >= 0) & (neuron < view.population.size)
    step, neuron = step[is_chosen].astype(np.int64), neuron[is_chosen]
    if view.is_all:
        return step, neuron
    # neuron of the population -> number in the view, -1 outside it
    number_of = np.full(view.population.size, -1, dtype=np.int64)
    number_of[view.index] = np.arange(len(view))
    number = number_of[neuron]
    return step[number >= 0], number[number >= 0]


def require_recorded(network: Network, view: PopulationView) -> None:
    """Raise UsageError unless the spikes of a population are kept."""
    if not network.records_spikes(view.population):
        name = view.population.name
        raise UsageError(
            f"spikes of {name}: must be recorded, got record_spikes({name!r}, False). "
            "Leave it out before the run."
        )


def spike_counts(result: Result) -> dict[str, int]:
    """Return the number of spikes by population, unrecorded ones included; 0 on other ranks."""
    populations = result.network.populations
    counts = np.zeros(len(populations), np.int64)
    if result.spikes_all is not None:
        starts = [population.gid_start for population in populations]
        # Populations are numbered one after the other: each gid belongs to the last start below it.
        owner = np.searchsorted(starts, result.spikes_all.gid, side="right") - 1
        counts = np.bincount(owner, minlength=len(populations))
    return {p.name: int(counts[p.index]) + result.unrecorded.get(p.name, 0) for p in populations}


def trace_of(result: Result, neurons: Neurons, variable: str) -> tuple[np.ndarray, np.ndarray]:
    """Return times in ms (float64 [samples]) and values ([samples, neurons]) of a variable."""
    views = result.network.views(neurons)
    times_ms = sample_times_of(result, views, variable)
    columns = [_columns(result, view, variable) for view in views]
    values = columns[0] if len(columns) == 1 else np.concatenate(columns, axis=1)
    # values has no samples on ranks other than 0, which know the times all the same
    return times_ms[: values.shape[0]], values


def sample_times_of(result: Result, views: Views, variable: str) -> np.ndarray:
    """Return the times in ms (float64) at which a variable of all views was recorded."""
    # One list of times holds for all columns only if all have one interval.
    every_ms = [probe_of(result, view, variable).every_ms for view in views]
    if len(set(every_ms)) > 1:
        limit = "recorded at one interval over all parts of an assembly"
        subject = f"Result: {variable} of {' + '.join(view.label for view in views)}"
        raise UsageError(must_be(subject, limit, every_ms, "Take the parts one by one."))
    dt_ms = result.network.dt_ms
    every = given_steps("every_ms", every_ms[0], dt_ms, 1)
    # sample k is taken at the end of step k every
    return (np.arange(0, result.n_steps, every) + 1) * dt_ms


def probe_of(result: Result, view: PopulationView, variable: str) -> Probe:
    """Return the probe of a variable; UsageError if it was not recorded."""
    name = view.population.name
    for probe in result.network.probes:
        is_wanted = isinstance(variable, str) and probe.variable == variable
        if is_wanted and probe.population is view.population:
            return probe
    limit = "recorded with network.record()"
    subject = f"Result: variable of population {name}"
    raise UsageError(must_be(subject, limit, variable, "Record it before the run."))


def _columns(result: Result, view: PopulationView, variable: str) -> np.ndarray:
    """Return the samples of a view, of a whole population those of all recorded neurons."""
    recorded = probe_of(result, view, variable).neurons
    values = result.traces[view.population.name, variable][1]
    if view.is_all:
        return values
    # column: place of each neuron among the recorded ones, or of the one after a missing neuron
    column = np.minimum(np.searchsorted(recorded, view.index), recorded.size - 1)
    is_missing = recorded[column] != view.index
    if is_missing.any():
        missing = int(view.index[is_missing][0])
        limit = "neurons that network.record() was given"
        subject = f"Result: {variable} of {view.name}"
        raise UsageError(must_be(subject, limit, missing, "Record them before the run."))
    return values[:, column]
