"""The ready networks have the published numbers."""

from __future__ import annotations

import math

import numpy as np
import pytest

from distsnn.comm.serial import SerialComm
from distsnn.network.draw import count_sources
from distsnn.networks import build_network
from distsnn.networks.ready import brunel, loihi, microcircuit
from distsnn.rate_sweep import sweep
from distsnn.simulation import Settings, simulate


def test_microcircuit_has_the_published_size():
    network = microcircuit.build()
    assert network.n_neurons == 77_169
    # The number of synapses that several implementations report.
    assert network.expected_synapses() == pytest.approx(298_880_941, rel=1e-6)
    l4e_to_l23e = microcircuit.n_synapses(0, 2)
    pairs = 20683 * 21915
    assert 1 - (1 - 1 / pairs) ** l4e_to_l23e == pytest.approx(0.0437, rel=1e-4)


def test_microcircuit_has_the_published_connection_probabilities():
    """K synapses between N x M pairs leave a pair unconnected with (1 - 1 / NM)^K = 1 - C."""
    network = microcircuit.build()
    number = {(p.target.index, p.source.index): p.rule.n for p in network.projections}
    sizes = [population.size for population in network.populations]
    assert sizes == list(microcircuit.SIZES)
    for i, row in enumerate(microcircuit.PROBABILITY):
        for j, probability in enumerate(row):
            unconnected = math.exp(number.get((i, j), 0) * math.log1p(-1 / (sizes[i] * sizes[j])))
            assert 1 - unconnected == pytest.approx(probability, abs=1e-6), (i, j)


def test_microcircuit_has_the_published_weights_and_delays():
    for projection in microcircuit.build().projections:
        inhibits = projection.source.name.endswith("I")
        doubled = (projection.source.name, projection.target.name) == ("L4E", "L23E")
        mean = 87.8 * (-4.0 if inhibits else 2.0 if doubled else 1.0)
        assert projection.weight.mean == pytest.approx(mean)
        assert projection.weight.sd == pytest.approx(0.1 * abs(mean))
        assert projection.delay.mean == (0.75 if inhibits else 1.5)
        assert projection.delay.sd == pytest.approx(0.5 * projection.delay.mean)
        assert (projection.delay.low, projection.delay.outside) == (0.1, "redraw")
        assert projection.receptor == int(inhibits)


def test_as_many_synapses_as_announced():
    for network in (microcircuit.build(scale=0.01), loihi.build(patches=3, scale=0.1)):
        result = simulate(network, duration_ms=1.0)
        assert result.n_synapses == network.expected_synapses()


@pytest.mark.parametrize("scale", [0.05, 0.3])
def test_smaller_microcircuit_keeps_in_degrees(scale):
    whole, small = microcircuit.build(), microcircuit.build(scale=scale)
    for a, b in zip(whole.projections, small.projections, strict=True):
        in_degree = a.expected_synapses() / a.target.size
        assert b.expected_synapses() / b.target.size == pytest.approx(in_degree, rel=0.02, abs=1)


def test_loihi_fills_the_chip():
    network = loihi.build()
    assert network.n_neurons == 131_072
    assert network.expected_synapses() == 977 * 131_072
    for projection in network.projections:
        assert projection.delay_steps[1] <= 8


def test_loihi_keeps_within_axon_limits():
    result = simulate(loihi.build(patches=16), duration_ms=20.0)
    used = {one.name: one for one in result.usage.limits}
    assert used["axons out"].most == 820 * 4 + 204
    assert not used["axons in"].is_exceeded
    assert not used["neurons"].is_exceeded


def test_loihi_is_irregular_at_10_hz():
    result = simulate(loihi.build(patches=8, scale=0.5), duration_ms=2000.0)
    found = result.statistics("exc", from_ms=300.0)
    assert 7.0 < found.rate_hz < 13.0
    assert found.cv_isi > 0.6
    assert found.synchrony < 20.0


def test_brunel_in_degrees():
    network = brunel.build()
    degrees = [count_sources(p, 0, 100, 1) for p in network.projections]
    assert [int(d[0]) for d in degrees] == [1000, 250, 1000, 250]
    assert all((d == d[0]).all() for d in degrees)


def test_settings_reach_the_network():
    network = build_network("brunel", {"g": 6, "scale": 0.1, "dt_ms": 0.2})
    assert network.dt_ms == 0.2
    assert network.projections[1].weight.expected() == pytest.approx(-0.6)


def test_sweep_counts_what_theory_expects():
    """Poisson packets: the count differs from its mean by less than 5 standard deviations."""
    network = loihi.build(patches=12, scale=0.1)
    rates = (2.0, 20.0, 100.0)
    found = sweep(network, Settings(), SerialComm(), rates)
    assert len(found.measured) == len(found.expected) == 3
    for counted, theory in zip(found.measured, found.expected, strict=True):
        seconds = 2.0
        spikes = network.n_neurons * theory.rate_hz * seconds
        assert counted.packets_per_s == pytest.approx(
            theory.packets_per_s, rel=5 * math.sqrt(1.3 / spikes)
        )
        assert counted.mean_hops == pytest.approx(theory.mean_hops, rel=0.05)
    assert np.isfinite([point.chip_step_s for point in found.measured]).all()


@pytest.mark.parametrize("rates", [(3.7,), (901.3,)])
def test_sweep_runs_whole_steps_at_any_rate(rates):
    found = sweep(build_network("brunel", {"scale": 0.1}), Settings(), SerialComm(), rates)
    assert found.measured[0].packets_per_s > 0.0


@pytest.mark.parametrize(
    ("name", "dt_ms"), [("brunel", 0.2), ("loihi", 0.3), ("microcircuit", 0.15), ("coba", 0.03)]
)
def test_published_times_between_steps_are_rounded(name, dt_ms):
    """Whatever time step is asked for: 2 ms at 0.15 ms are 13 steps, 1.5 ms at 0.2 ms are 8."""
    small = {"patches": 4, "scale": 0.1} if name == "loihi" else {"scale": 0.05}
    network = build_network(name, {**small, "dt_ms": dt_ms})
    assert network.dt_ms == dt_ms
    t_ref_ms = {"brunel": 2.0, "loihi": 2.1, "microcircuit": 1.95, "coba": 5.01}[name]
    assert network.populations[0].model.t_ref_ms == pytest.approx(t_ref_ms)
    if name == "brunel":
        assert network.projections[0].delay_steps == (8, 8)
