"""Results as tables of pandas, trees of xarray and blocks of Neo, which are imported when asked for.

On ranks other than 0 they have the same form, without spikes and samples.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

import numpy as np

from distsnn.errors import UsageError
from distsnn.network import Population, Probe
from distsnn.running.recorded import spike_steps_of, trace_of

if TYPE_CHECKING:
    import neo
    import pandas
    import scipy.sparse
    import xarray

    from distsnn.running.result import Result

NEO_UNITS = ("mV", "pA", "nA", "nS")  # of state variables; all others are numbers to Neo


def dataframe_of(result: Result) -> pandas.DataFrame:
    """Return a row for each spike, sorted by time, then population, then neuron."""
    pandas = _package("pandas", "Result.to_dataframe")
    recorded = _recorded(result)
    columns = [spike_steps_of(result, population) for population in recorded]
    # Without recorded populations there is still a column of each type.
    step = np.concatenate([np.empty(0, np.int64), *(steps for steps, _ in columns)])
    neuron = np.concatenate([np.empty(0, np.int64), *(neurons for _, neurons in columns)])
    code = np.repeat(np.arange(len(recorded)), [steps.size for steps, _ in columns])
    # code: index of the population of each spike, as a categorical column stores it
    order = np.lexsort((neuron, code, step))
    names = [population.name for population in recorded]
    return pandas.DataFrame(
        {
            "time_ms": (step[order] + 1) * result.network.dt_ms,
            "population": pandas.Categorical.from_codes(code[order], categories=names),
            "neuron": neuron[order],
        }
    )


def packet_matrix_of(result: Result) -> scipy.sparse.csr_array:
    """Return the packets by source and target core, int64 [n_cores, n_cores]."""
    from scipy.sparse import csr_array

    n_cores, matrix = result.chip.n_cores, result.packets
    if matrix is None:
        return csr_array((n_cores, n_cores), dtype=np.int64)
    entries = (matrix.packets, (matrix.source, matrix.target))
    return csr_array(entries, shape=(n_cores, n_cores), dtype=np.int64)


def tree_of(result: Result) -> xarray.DataTree:
    """Return the traces, each with its times and neurons, at ``tree["population/variable"]``."""
    xarray = _package("xarray", "Result.to_xarray")
    tree = xarray.DataTree(name=result.network.name)
    for probe in _probes(result):
        name, variable = probe.population.name, probe.variable
        times_ms, values = trace_of(result, probe.population, variable)
        trace = xarray.DataArray(
            values, dims=("time_ms", "neuron"), name=variable,
            coords={"time_ms": ("time_ms", times_ms, {"units": "ms"}), "neuron": probe.neurons},
            attrs={"units": _unit(probe), "population": name},
        )  # fmt: skip
        # Traces of different intervals or neurons do not share coordinates, so each has a node.
        tree[f"{name}/{variable}"] = xarray.DataTree(trace.to_dataset())
    return tree


def block_of(result: Result) -> neo.Block:
    """Return a block of one segment: a spike train for each neuron, an analog signal for each trace."""
    neo, quantities = _package("neo", "Result.to_neo"), _package("quantities", "Result.to_neo")
    block = neo.Block(name=result.network.name)
    segment = neo.Segment(name="run")
    block.segments.append(segment)
    for population in _recorded(result):
        trains = _trains(neo, quantities.ms, result, population)
        segment.spiketrains.extend(trains)
        block.groups.append(neo.Group(objects=trains, name=population.name))
    # Sampled traces have a start and an interval in Neo, no list of times.
    for probe in _probes(result):
        segment.analogsignals.append(_signal(neo, quantities, result, probe))
    return block


def _trains(neo: Any, ms: Any, result: Result, population: Population) -> list[neo.SpikeTrain]:
    step, neuron = spike_steps_of(result, population)
    order = np.argsort(neuron, kind="stable")  # keeps the spikes of a neuron in order of time
    times_ms = (step[order] + 1) * result.network.dt_ms
    # [times of neuron 0 | times of neuron 1 | ...], cut at the running sums of spikes per neuron
    ends = np.cumsum(np.bincount(neuron, minlength=population.size))
    return [
        neo.SpikeTrain(
            times * ms, t_stop=result.duration_ms * ms, population=population.name, neuron=k
        )
        for k, times in enumerate(np.split(times_ms, ends[:-1]))
    ]


def _signal(neo: Any, quantities: Any, result: Result, probe: Probe) -> neo.AnalogSignal:
    _, values = trace_of(result, probe.population, probe.variable)
    unit = _unit(probe)
    # sample k: t_start + k * sampling_period, with the first one at the end of the first step
    return neo.AnalogSignal(
        values.astype(np.float64),
        units=unit if unit in NEO_UNITS else "dimensionless",
        t_start=result.network.dt_ms * quantities.ms,
        sampling_period=probe.every_ms * quantities.ms,
        name=probe.variable,
        population=probe.population.name,
        array_annotations={"neuron": probe.neurons},
    )


def _recorded(result: Result) -> list[Population]:
    network = result.network
    return [p for p in network.populations if network.records_spikes(p)]


def _probes(result: Result) -> list[Probe]:
    return [p for p in result.network.probes if (p.population.name, p.variable) in result.traces]


def _unit(probe: Probe) -> str:
    return probe.population.model.units.get(probe.variable, "")


def _package(name: str, call: str) -> Any:
    """Return a package that only exports need; UsageError with the command that installs it."""
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        raise UsageError(
            f"{call}: must have the package {name}, got none that is installed. "
            f"Type: pip install {name}"
        ) from error
