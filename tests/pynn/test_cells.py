"""Cell types written as equations against scipy's solver, and PyNN's units of the others."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import solve_ivp

SPIKE_MS, WEIGHT_US, STOP_MS = 5.0, 0.004, 40.0


def potential(sim, cell, receptor="excitatory", weight=WEIGHT_US, variables=("v",), **initial):
    """Return times and recorded signals of a cell that receives one spike 1 ms after SPIKE_MS."""
    cells = sim.Population(1, cell, initial_values=initial)
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=[SPIKE_MS]))
    synapse = sim.StaticSynapse(weight=weight, delay=1.0)
    sim.Projection(source, cells, sim.AllToAllConnector(), synapse, receptor_type=receptor)
    cells.record(list(variables))
    sim.run(STOP_MS)
    segment = cells.get_data().segments[0]
    signals = [segment.filter(name=name)[0] for name in variables]
    return signals[0].times.magnitude, [np.ravel(signal.magnitude) for signal in signals]


def alpha(t, tau):
    """Return the alpha function with the peak 1, from SPIKE_MS + 1 on."""
    s = np.maximum(t - SPIKE_MS - 1.0, 0.0) / tau
    return s * np.exp(1.0 - s)


def solved(times, derivative, start):
    """Return the first variable of a solution at times; the step of the spike is a time of its own."""
    arrival = SPIKE_MS + 1.0
    parts, y = [], np.array(start, float)
    for low, high in ((0.0, arrival), (arrival, STOP_MS)):
        at = times[(times >= low - 1e-9) & (times <= high + 1e-9)]
        done = solve_ivp(
            derivative, (low, high), y, t_eval=np.clip(at, low, high), rtol=1e-9, atol=1e-10
        )
        y = done.y[:, -1]
        parts.append(done.y[0][: None if high == STOP_MS else -1])
    return np.concatenate(parts)


def test_a_current_in_na_charges_a_membrane_in_nf(sim):
    cells = sim.Population(2, sim.IF_curr_exp(i_offset=[0.1, 0.2], cm=0.5, tau_m=10.0))
    cells.record("v")
    sim.run(30.0)
    signal = cells.get_data().segments[0].analogsignals[0]
    t = signal.times.magnitude[:, np.newaxis]
    # v = v_rest + I tau / C (1 - exp(-t / tau))
    expected = -65.0 + np.array([0.1, 0.2]) * 10.0 / 0.5 * (1.0 - np.exp(-t / 10.0))
    np.testing.assert_allclose(signal.magnitude, expected, atol=2e-5)


@pytest.mark.parametrize(("name", "kind"), [("IF_cond_exp", "exp"), ("IF_cond_alpha", "alpha")])
def test_a_conductance_in_us(sim, name, kind):
    cell = getattr(sim, name)(tau_syn_E=3.0)
    t, (g,) = potential(sim, cell, variables=("gsyn_exc",))
    since = t - SPIKE_MS - 1.0
    expected = np.where(since >= -1e-9, np.exp(-since / 3.0), 0.0)
    if kind == "alpha":
        expected = alpha(t, 3.0)
    np.testing.assert_allclose(g, WEIGHT_US * expected, atol=1e-8)


def test_delta_synapses_are_in_mv(sim):
    _, (v,) = potential(sim, sim.IF_curr_delta(tau_m=1e4), weight=2.0)
    np.testing.assert_allclose(v.max() + 65.0, 2.0, atol=1e-3)
    sim.setup(timestep=0.1)
    _, (v,) = potential(sim, sim.IF_curr_delta(tau_m=1e4), "inhibitory", weight=-2.0)
    np.testing.assert_allclose(v.min() + 65.0, -2.0, atol=1e-3)


def test_the_adaptive_exponential_cell_with_alpha_synapses(sim):
    parameters = sim.EIF_cond_alpha_isfa_ista.default_parameters
    t, (v, w) = potential(
        sim, sim.EIF_cond_alpha_isfa_ista(i_offset=0.3), weight=0.01, variables=("v", "w")
    )

    def derivative(now, y):
        c = parameters["cm"] * 1e3
        g_l = c / parameters["tau_m"]
        leak = parameters["v_rest"] - y[0]
        leak += 2.0 * np.exp((y[0] - parameters["v_thresh"]) / 2.0)
        synaptic = 10.0 * alpha(now, parameters["tau_syn_E"]) * (0.0 - y[0])
        dv = (g_l * leak + synaptic - y[1] + 300.0) / c
        return [dv, (4.0 * (y[0] - parameters["v_rest"]) - y[1]) / parameters["tau_w"]]

    np.testing.assert_allclose(v, solved(t, derivative, [-70.6, 0.0]), atol=2e-3)
    assert w.max() == pytest.approx(0.0, abs=0.1)
    assert w.max() > 0.001


def test_hodgkin_and_huxley(sim):
    sim.setup(timestep=0.002)
    t, (v,) = potential(sim, sim.HH_cond_exp(i_offset=0.2, tau_syn_E=2.0), v=-65.0)

    def rates(s):
        def over(x, scale):
            return scale if abs(x) < 1e-9 else x / (np.exp(x / scale) - 1.0)

        return (
            (0.32 * over(13 - s, 4.0), 0.28 * over(s - 40, 5.0)),
            (0.128 * np.exp((17 - s) / 18), 4 / (1 + np.exp((40 - s) / 5))),
            (0.032 * over(15 - s, 5.0), 0.5 * np.exp((10 - s) / 40)),
        )

    def derivative(now, y):
        v, m, h, n = y
        since = now - SPIKE_MS - 1.0
        g = WEIGHT_US * 1e3 * np.exp(-since / 2.0) * (since >= 0.0)
        i = 10.0 * (-65.0 - v) + 20e3 * m**3 * h * (50.0 - v) + 6e3 * n**4 * (-90.0 - v)
        gates = [a * (1 - x) - b * x for (a, b), x in zip(rates(v + 63.0), y[1:], strict=True)]
        return [(i + g * (0.0 - v) + 200.0) / 200.0, *gates]

    start = [-65.0, *(a / (a + b) for a, b in rates(-2.0))]
    expected = solved(t, derivative, start)
    assert (np.diff(np.sign(expected)) > 0).sum() >= 2  # it spikes
    # The error is of first order: 0.25 ms in the second upstroke with steps of 0.01 ms.
    ups = [t[1:][np.diff(np.sign(x)) > 0] for x in (v, expected)]
    np.testing.assert_allclose(*ups, atol=0.06)


def test_spike_frequency_adaptation_slows_a_cell(sim):
    cells = sim.Population(1, sim.IF_cond_exp_gsfa_grr(i_offset=1.5))
    cells.record(["spikes", "g_s"])
    sim.run(300.0)
    segment = cells.get_data().segments[0]
    intervals = np.diff(segment.spiketrains[0].magnitude)
    assert intervals[-1] > 1.5 * intervals[0]
    # g_s grows by q_sfa at each spike and decays with tau_sfa: its maximum after n intervals T.
    g = np.ravel(segment.filter(name="g_s")[0].magnitude)
    times = segment.spiketrains[0].magnitude
    expected = 15.0 * np.exp(-(300.0 - times) / 100.0).sum()
    assert g[-1] == pytest.approx(expected, rel=1e-3)


@pytest.mark.parametrize("shape", ["ExpPSR", "AlphaPSR", "BetaPSR"])
def test_receptors_of_a_composed_cell(sim, shape):
    times = {"tau_rise": 1.0, "tau_decay": 4.0} if shape == "BetaPSR" else {"tau_syn": 4.0}
    response = getattr(sim, shape)(e_syn=0.0, **times)
    cell = sim.PointNeuron(sim.LIF(v_thresh=100.0), AMPA=response, GABA=sim.AlphaPSR(e_syn=-70.0))
    t, (v, g) = potential(sim, cell, "AMPA", variables=("v", "AMPA.gsyn"))
    since = np.maximum(t - SPIKE_MS - 1.0, 0.0)
    if shape == "ExpPSR":
        expected = np.exp(-since / 4.0) * (t >= SPIKE_MS + 1.0 - 1e-9)
    elif shape == "AlphaPSR":
        expected = alpha(t, 4.0)
    else:
        expected = np.exp(-since / 4.0) - np.exp(-since)
        expected /= np.max(np.exp(-np.arange(0, 9, 1e-4) / 4) - np.exp(-np.arange(0, 9, 1e-4)))
    np.testing.assert_allclose(g, WEIGHT_US * expected, atol=2e-7)

    def derivative(now, y):
        g_now = np.interp(now, t, g) * 1e3 if shape != "ExpPSR" else 0.0
        if shape == "ExpPSR" and now >= SPIKE_MS + 1.0:
            g_now = WEIGHT_US * 1e3 * np.exp(-(now - SPIKE_MS - 1.0) / 4.0)
        return [(-65.0 - y[0]) / 20.0 + g_now * (0.0 - y[0]) / 1e3]

    np.testing.assert_allclose(v, solved(t, derivative, [-65.0]), atol=5e-3)


def test_izhikevich_in_its_own_units(sim):
    cells = sim.Population(
        1, sim.Izhikevich(i_offset=0.01), initial_values={"v": -70.0, "u": -14.0}
    )
    cells.record(["v", "u"])
    sim.run(2.0)
    segment = cells.get_data().segments[0]
    v, u, expected = -70.0, -14.0, []
    for _ in range(21):
        expected.append((v, u))
        v, u = (
            v + 0.1 * (0.04 * v * v + 5 * v + 140 - u + 10.0),
            u + 0.1 * 0.02 * (0.2 * v - u),
        )
    for k, name in enumerate("vu"):
        signal = np.ravel(segment.filter(name=name)[0].magnitude)
        np.testing.assert_allclose(signal, np.array(expected)[:, k], atol=1e-3)
