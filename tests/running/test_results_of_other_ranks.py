"""A script need not ask for its rank: all that a result offers is there on every rank, and empty."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from matplotlib.figure import Figure
from small_runs import network

from distsnn import Simulation
from distsnn.comm import start


@pytest.fixture
def made():
    comm = start()
    with Simulation(network(), comm=comm, neurons_per_core=20) as sim:
        yield sim.run(20.0, progress=True).result()
    comm.barrier()


@pytest.mark.mpi
def test_spikes_and_traces(made):
    e, i = made.network.find("e"), made.network.find("i")
    for neurons in ("e", e, e[:30], e[[3, 9]] + i):
        times_ms, numbers = made.spikes(neurons)
        assert (times_ms.dtype, numbers.dtype) == (np.float64, np.int64)
        assert (made.statistics(neurons).n_spikes > 0) == made.is_root
        assert (times_ms.size > 0) == made.is_root
    for neurons, n in (("e", 30), (e[10:15], 5), (i, 20)):
        times_ms, values = made.trace(neurons, "v")
        n_samples = {30: 200, 5: 200, 20: 40}[n] if made.is_root else 0
        assert (times_ms.shape, values.shape) == ((n_samples,), (n_samples, n))
        assert values.dtype == np.float32


@pytest.mark.mpi
def test_tables_have_the_same_form(made):
    table = made.to_dataframe()
    assert list(table) == ["time_ms", "population", "neuron"]
    assert list(table.population.cat.categories) == ["e", "i"]
    assert (len(table) > 0) == made.is_root
    trace = made.to_xarray()["e/v"].v
    assert trace.sizes["neuron"] == 30
    assert trace.sizes["time_ms"] == (200 if made.is_root else 0)
    segment = made.to_neo().segments[0]
    assert len(segment.spiketrains) == 100
    assert any(train.size for train in segment.spiketrains) == made.is_root
    assert segment.analogsignals[0].shape == (200 if made.is_root else 0, 30)


@pytest.mark.mpi
def test_figures_texts_and_pickles(made):
    axes = Figure().subplots(3)
    made.plot_raster(ax=axes[0])
    made.plot_trace("e", "v", ax=axes[1])
    made.plot_rates(ax=axes[2])
    assert any(line.get_xdata().size for line in axes[1].lines) == made.is_root
    assert ("spikes" in repr(made)) == made.is_root
    assert "held by rank 0" in repr(made) or made.is_root
    assert "<table>" in made._repr_html_()
    assert repr(pickle.loads(pickle.dumps(made))) == repr(made)
