"""Coupled membranes against an adaptive Runge-Kutta method and against closed forms."""

from __future__ import annotations

import math

import numpy as np
import pytest
from drive import Alone
from scipy.integrate import solve_ivp

from distsnn.neurons import Compartment, CompartmentTree, LifExp

TIERS = CompartmentTree(
    (
        Compartment("soma", e_l_mv=-70.0),
        Compartment("trunk", "soma", c_m_pf=80.0, e_l_mv=-68.0, coupling_ns=30.0),
        Compartment("tuft", "trunk", c_m_pf=60.0, g_l_ns=4.0, coupling_ns=8.0, tau_syn_ms=12.0),
        Compartment("basal", "soma", c_m_pf=50.0, coupling_ns=15.0, i_offset_pa=20.0),
    )
)


def solve(tree: CompartmentTree, v, i, current, duration_ms, n_samples, is_held=False):
    """Solve the equations as they stand, with absolute voltages; v [samples, compartments]."""
    parts = tree.compartments
    index = {part.name: k for k, part in enumerate(parts)}

    def slope(t, x):
        flow = [
            -p.g_l_ns * (x[k] - p.e_l_mv)
            + i[k] * math.exp(-t / p.tau_syn_ms)
            + p.i_offset_pa
            + (current if k == 0 else 0.0)
            for k, p in enumerate(parts)
        ]
        for k, p in enumerate(parts):
            if p.parent is not None:
                between = p.coupling_ns * (x[index[p.parent]] - x[k])
                flow[k] += between
                flow[index[p.parent]] -= between
        change = [f / p.c_m_pf for f, p in zip(flow, parts, strict=True)]
        return [0.0 if is_held and k == 0 else c for k, c in enumerate(change)]

    at = np.linspace(0, duration_ms, n_samples + 1)[1:]
    return solve_ivp(slope, (0, duration_ms), v, t_eval=at, rtol=1e-10, atol=1e-10).y.T


@pytest.mark.parametrize("dt_ms", [0.1, 0.01, 1.0])
def test_coupled_membranes_are_solved_exactly(dt_ms):
    names = TIERS.receptors
    start = {"v_soma": -60.0, "v_trunk": -75.0, "v_tuft": -55.0, "v_basal": -66.0}
    currents = {"i_soma": 50.0, "i_trunk": -30.0, "i_tuft": 120.0, "i_basal": 10.0}
    n_steps = round(20 / dt_ms)
    record = tuple(f"v_{name}" for name in names)
    run = Alone(TIERS, 2, dt_ms, {**start, **currents}).run(n_steps, None, 80.0, record)
    exact = solve(TIERS, list(start.values()), list(currents.values()), 80.0, 20.0, n_steps)
    for k, name in enumerate(record):
        assert np.abs(run.states[name][:, 0] - exact[:, k]).max() < 4e-5
    assert not run.spikes.any()


def test_dendrites_go_on_while_the_soma_is_held():
    tree = CompartmentTree(t_ref_ms=5.0)
    run = Alone(tree, 1, 0.1, {"v_soma": -49.0, "v_dendrite": -40.0}).run(
        52, record=("v_soma", "v_dendrite")
    )
    assert run.steps()[0] == 0
    assert (run.states["v_soma"][:51, 0] == tree.v_reset_mv).all()
    assert run.states["v_soma"][51, 0] != tree.v_reset_mv
    v = [tree.v_reset_mv, run.states["v_dendrite"][0, 0]]
    exact = solve(tree, v, [0.0, 0.0], 0.0, 5.0, 50, is_held=True)
    assert np.abs(run.states["v_dendrite"][1:51, 0] - exact[:, 1]).max() < 2e-5


def test_steady_state_is_that_of_the_circuit():
    """A current into the dendrite reaches the soma through the divider of the conductances."""
    tree = CompartmentTree(
        (Compartment("soma"), Compartment("dendrite", "soma", i_offset_pa=100.0))
    )
    run = Alone(tree, 1, 0.1).run(10_000, record=("v_soma", "v_dendrite"))
    input_conductance = 10.0 + 1 / (1 / 20.0 + 1 / 10.0)
    dendrite = 100.0 / input_conductance
    assert run.states["v_dendrite"][-1, 0] == pytest.approx(-70 + dendrite, abs=1e-4)
    assert run.states["v_soma"][-1, 0] == pytest.approx(-70 + dendrite * 20 / 30, abs=1e-4)


def test_one_compartment_is_the_plain_float_neuron():
    soma = Compartment("soma", c_m_pf=250.0, g_l_ns=25.0, e_l_mv=-65.0, tau_syn_ms=3.0)
    tree = CompartmentTree((soma,), v_threshold_mv=-50.0, v_reset_mv=-65.0)
    plain = LifExp(tau_syn_e_ms=3.0)
    inputs = np.random.default_rng(2).integers(0, 2, (5000, 1))
    both = np.concatenate([inputs, 0 * inputs], axis=1)
    a = Alone(tree, 1, 0.1, quantum=25.0).run(5000, inputs, 150.0, ("v_soma",))
    b = Alone(plain, 1, 0.1, quantum=25.0).run(5000, both, 150.0)
    assert a.steps().size > 20
    assert np.array_equal(a.steps(), b.steps())
    assert np.abs(a.states["v_soma"] - b.states["v"]).max() < 5e-5


def coincidence_tree() -> CompartmentTree:
    """A soma with two dendrites; one spike of 800 pA into one of them lifts it by half the way."""
    dendrite = dict(
        parent="soma", c_m_pf=40.0, g_l_ns=3.0, e_l_mv=-70.0, coupling_ns=30.0, tau_syn_ms=5.0
    )
    parts = (Compartment("left", **dendrite), Compartment("right", **dendrite))
    return CompartmentTree((Compartment("soma", c_m_pf=100.0), *parts), t_ref_ms=50.0)


def test_coincidence_of_two_dendrites():
    """Below the threshold responses add up, so that the window follows from that to one spike."""
    dt_ms, weight = 0.1, 800
    tree = coincidence_tree()
    rest = [-70.0, -70.0, -70.0]
    alone = solve(tree, rest, [0.0, float(weight), 0.0], 0.0, 100.0, 1000)[:, 0] + 70.0
    assert 10.0 < alone.max() < 20.0
    n_spikes = {}
    for shift in range(-150, 151, 5):
        inputs = np.zeros((1500, 3), dtype=np.int32)
        inputs[400, 1] = weight
        inputs[400 + shift, 2] = weight
        spikes = Alone(tree, 1, dt_ms).run(1500, inputs, record=()).spikes.sum()
        later = np.concatenate([np.zeros(abs(shift)), alone])[: alone.size]
        peak = (alone + later).max()
        assert abs(peak - 20.0) > 1e-3
        assert spikes == (1 if peak > 20.0 else 0), shift
        n_spikes[shift] = spikes
    assert [shift for shift, n in n_spikes.items() if n] == list(range(-60, 61, 5))
