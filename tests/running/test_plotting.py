"""Figures go into the axes that are given, show every spike and sample, and change nothing else."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib import pyplot, rcParams
from matplotlib.figure import Figure
from small_runs import result

from distsnn import LifDelta, Network, SpikeSource, simulate
from distsnn.errors import UsageError
from distsnn.running.display import plotting


@pytest.fixture
def axes():
    return Figure().add_subplot()


def points(axes) -> np.ndarray:
    """Return times and rows of all points of a raster."""
    lines = [line.get_xydata() for line in axes.lines if line.get_marker() == "o"]
    return np.concatenate([np.empty((0, 2)), *lines])


def test_axes_are_given_back_and_matplotlib_stays_as_it_is():
    r = result()
    first, second, third = Figure().subplots(3)
    before, figures = dict(rcParams), pyplot.get_fignums()
    assert r.plot_raster(ax=first) is first
    assert r.plot_trace("e", "v", ax=second) is second
    assert r.plot_rates(ax=third) is third
    assert dict(rcParams) == before
    assert pyplot.get_fignums() == figures
    assert len(first.figure.axes) == 3


def test_without_axes_a_figure_is_made():
    with pyplot.rc_context({"figure.max_open_warning": 0}):
        drawn = [result().plot_raster(), result().plot_trace("i", "v"), result().plot_rates()]
        figures = {one.figure.number for one in drawn}
        assert len(figures) == 3
        assert figures <= set(pyplot.get_fignums())
        for number in figures:
            pyplot.close(number)


def test_a_raster_of_few_neurons_has_every_spike(axes):
    r = result()
    r.plot_raster(ax=axes)
    recorded = [r.spikes("e"), r.spikes("i")]
    expected = np.concatenate([times for times, _ in recorded])
    assert np.array_equal(np.sort(points(axes)[:, 0]), np.sort(expected))
    labels = [label.get_text() for label in axes.get_yticklabels()]
    assert labels == ["e  80", "i  20"]


def test_a_raster_of_many_neurons_shows_some_of_them(axes):
    n = 5000
    net = Network(dt_ms=1.0)
    net.population("s", n, SpikeSource(np.full(n, 1.0), np.arange(n)))
    r = simulate(net, duration_ms=3.0)
    r.plot_raster(ax=axes)
    shown = points(axes)
    # every fourth of 5000 neurons: 5000 // 1200 = 4
    assert shown.shape == (1250, 2)
    assert np.unique(shown[:, 1]).size == 1250
    assert "one train in 4 shown" in axes.get_title("left")


def test_a_raster_of_a_view(axes):
    r = result()
    view = r.network.find("e")[20:30]
    r.plot_raster(view, ax=axes)
    times_ms, numbers = r.spikes(view)
    assert np.array_equal(points(axes), np.column_stack([times_ms, numbers + 0.5]))


@pytest.mark.parametrize("n_steps", [1, 7, 300, 1001])
def test_rates_times_bins_are_the_spikes(axes, n_steps):
    net = Network(dt_ms=0.1)
    net.population("a", 10, LifDelta())
    times_ms = 0.1 * np.arange(1, n_steps + 1)  # one spike in each step
    net.population("s", 4, SpikeSource(times_ms, np.zeros(n_steps, int), n_sources=4))
    r = simulate(net, duration_ms=n_steps * 0.1)
    r.plot_rates("s", ax=axes)
    (steps,) = axes.patches
    rates_hz, edges_ms, _ = steps.get_data()
    assert edges_ms[-1] == pytest.approx(r.duration_ms)
    assert rates_hz.size <= plotting.N_BINS
    counts = rates_hz * np.diff(edges_ms) * 1e-3 * 4
    assert counts.sum() == pytest.approx(r.spikes("s")[0].size)
    # one spike per step of 0.1 ms over 4 neurons: 2500 Hz, but for steps that the source leaves out
    assert np.median(rates_hz) == pytest.approx(2500.0)


def test_traces_have_labels_with_units_and_are_few(axes):
    r = result()
    r.plot_trace("e", "v", ax=axes)
    assert len(axes.lines) == 10
    assert axes.get_ylabel() == "v (mV)"
    assert axes.get_title("left") == "e, 10 of 30 neurons shown"
    assert np.array_equal(axes.lines[1].get_ydata(), r.trace("e", "v")[1][:, 3])


def test_an_error_leaves_no_figure():
    r, before = result(), pyplot.get_fignums()
    for plot in (r.plot_raster, r.plot_rates):
        with pytest.raises(UsageError, match="spikes of unrecorded: must be recorded"):
            plot("unrecorded")
    with pytest.raises(UsageError, match="must be recorded"):
        r.plot_trace("e", "w")
    assert pyplot.get_fignums() == before


def test_axes_must_be_axes():
    for plot in (result().plot_raster, result().plot_rates):
        with pytest.raises(UsageError, match=r"plot_r\w+: ax: must be axes of matplotlib, got 3"):
            plot(ax=3)


def test_a_view_is_sampled_by_its_own_spikes(axes, monkeypatch):
    r = result()
    few = r.network.find("e")[:20]
    n_few, n_all = (r.spikes(part)[0].size for part in (few, "e"))
    monkeypatch.setattr(plotting, "MAX_POINTS", n_few)
    monkeypatch.setattr(plotting, "MIN_ROWS", 1)
    r.plot_raster(few, ax=axes)
    assert len(points(axes)) == n_few
    r.plot_raster("e", ax=axes)
    assert len(points(axes)) - n_few < 0.6 * n_all
