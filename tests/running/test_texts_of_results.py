"""What is shown of results, networks and populations, and that results can be pickled."""

from __future__ import annotations

import pickle
from html.parser import HTMLParser

import numpy as np
import pytest
from matplotlib.figure import Figure
from small_runs import network, result

from distsnn import LifExp, Network, Simulation, all_models, simulate
from distsnn.network.fingerprint import describe_network
from distsnn.outputs.html_tables import html_table
from distsnn.report.document import document


class Cells(HTMLParser):
    """The texts of the cells of all tables; every tag is closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.cells: list[str] = []
        self.open: list[str] = []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open[-1] in ("td", "th"):
            self.cells.append(data)


def test_a_result_in_a_few_lines():
    r = result()
    first, *lines = repr(r).splitlines()
    n_spikes = sum(r.statistics(population.name).n_spikes for population in r.network)
    assert first == f"Result(small: 110 neurons, 30 ms, {n_spikes:,} spikes)"
    rate_hz = r.statistics("e").rate_hz
    assert lines[0] == f"  e: 80 neurons, {rate_hz:.2f} Hz"
    assert len(lines) == 3
    cells = Cells(r._repr_html_()).cells
    assert cells[:4] == ["population", "neurons", "spikes", "rate (Hz)"]
    assert cells[4:8] == ["e", "80", f"{r.statistics('e').n_spikes:,}", f"{rate_hz:.2f}"]


def test_a_result_of_many_populations_stays_short():
    net = Network(dt_ms=1.0)
    for k in range(50):
        net.population(f"p{k}", 1, LifExp())
    r = simulate(net, duration_ms=1.0)
    assert len(repr(r).splitlines()) == 12
    assert "20 more rows" in r._repr_html_()


def test_networks_populations_and_simulations_as_tables():
    net = network()
    with Simulation(net) as sim:
        for shown in (net, sim):
            cells = Cells(shown._repr_html_()).cells
            assert cells[3:6] == ["e", "80", "LifExp"]
            assert "PairStdp" in cells
    cells = Cells(net.find("e")._repr_html_()).cells
    assert cells[cells.index("tau_m_ms") + 1] == "10"


def test_text_in_a_table_is_text():
    cells = Cells(html_table("a < b", ["<x>"], [["<script>&"], [1234]])).cells
    assert cells == ["<x>", "<script>&", "1,234"]


@pytest.mark.parametrize("model", all_models().values())
def test_every_model_can_be_pickled(model):
    again = pickle.loads(pickle.dumps(model()))
    assert again == model()


def test_a_pickled_result_is_the_same():
    r = result()
    again = pickle.loads(pickle.dumps(r))
    assert document(again) == document(r)
    assert repr(again) == repr(r)
    assert describe_network(again.network) == describe_network(r.network)
    e = again.network.find("e")
    for name in ("spikes", "spike_steps"):
        for one, other in zip(getattr(again, name)(e), getattr(r, name)("e"), strict=True):
            assert np.array_equal(one, other)
    for key, (neurons, values) in r.traces.items():
        assert np.array_equal(again.traces[key][0], neurons)
        assert np.array_equal(again.trace(*key)[1], values)
    learned, own = again.network.projections[0], r.network.projections[0]
    assert np.array_equal(again.weights(learned).weights, r.weights(own).weights)
    assert np.array_equal(again.weights(learned).pre, r.weights(own).pre)
    rerun = simulate(again.network, duration_ms=30.0, neurons_per_core=20)
    assert rerun.digest == r.digest


def test_a_result_before_the_first_step():
    axes = Figure().subplots(2)
    net = network()
    net.probes.clear()  # of traces
    with Simulation(net) as sim:
        r = sim.result()
    assert repr(r).startswith("Result(small: 110 neurons, 0 ms, 0 spikes)")
    assert "0.00" in r._repr_html_()
    assert [r.statistics(population.name).rate_hz for population in r.network] == [0.0] * 3
    assert len(r.to_dataframe()) == 0
    assert r.to_xarray().children == {}
    assert len(r.to_neo().segments[0].spiketrains) == 100
    r.plot_raster(ax=axes[0])
    r.plot_rates(ax=axes[1])


def test_a_result_without_recorded_spikes():
    net = Network(dt_ms=1.0)
    net.population("a", 5, LifExp(i_offset_pa=800.0))
    net.record_spikes("a", False)
    r = simulate(net, duration_ms=100.0)
    assert r.statistics("a").n_spikes > 0
    assert f"{r.statistics('a').n_spikes} spikes" in repr(r)
    axes = Figure().subplots(2)
    assert r.plot_raster(ax=axes[0]) is axes[0]
    assert r.plot_rates(ax=axes[1]) is axes[1]
    assert len(r.to_dataframe()) == 0
    assert len(r.to_neo().segments[0].spiketrains) == 0
