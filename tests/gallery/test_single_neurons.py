"""Pictures of single neurons: what they show is what closed forms and measures of patterns ask for."""

from __future__ import annotations

import numpy as np
import pytest
from neurons.pattern_measures import SETS
from scipy.integrate import solve_ivp

from distsnn.comm.serial import SerialComm
from distsnn.gallery import f_i_curve, lif_trace, module_of, short_term, synapses
from distsnn.gallery.pictures import play

GROUPS = {"2003": "izhikevich-types", "2004": "izhikevich-properties", "AdEx": "adex-patterns"}


def found_in(picture):
    return picture.measure(play(picture.runs(), SerialComm()))


@pytest.fixture(scope="module")
def patterns():
    return {group: found_in(module_of(name)) for group, name in GROUPS.items()}


@pytest.fixture(scope="module")
def one_spike():
    return found_in(synapses)


def test_trace_is_the_closed_form():
    found = found_in(lif_trace)
    error = np.abs(found["v_mv"] - found["v_closed_mv"])[~np.isnan(found["v_closed_mv"])]
    assert error.size > 2000
    assert error.max() < 1e-4
    spikes, dt = found["spikes_ms"], lif_trace.DT_MS
    assert 0.0 <= spikes[0] - found["first_spike_ms"] <= dt
    assert (np.diff(spikes) - found["interval_ms"] <= dt + 1e-9).all()
    assert (np.diff(spikes) >= found["interval_ms"]).all()
    assert spikes.size == 1 + int((360.0 - spikes[0]) / found["interval_ms"])


def test_rates_are_the_closed_form():
    found = found_in(f_i_curve)
    for t_ref_ms in f_i_curve.T_REF_MS:
        rate, closed = found["rate_hz"][t_ref_ms], found["closed_hz"][t_ref_ms]
        assert ((rate > 0) == (found["currents_pa"] > 187.5)).all()
        longer = 1e3 / rate[rate > 0] - 1e3 / closed[rate > 0]
        assert (longer >= -1e-9).all()  # a spike counts at the end of its step
        assert (longer <= f_i_curve.DT_MS + 1e-9).all()


@pytest.mark.parametrize(
    ("group", "name"), [(group, name) for group in GROUPS for name in SETS[group][0]]
)
def test_every_pattern_is_what_it_is_named(patterns, group, name):
    one = patterns[group][name]
    assert SETS[group][1][name](one["spikes_ms"], one["v_mv"], one["dt_ms"])


def test_currents_of_patterns(patterns):
    """The current drawn is the one applied: its changes lie where the pattern has them."""
    one = patterns["2004"]["resonator"]
    begins = one["time_ms"] - one["dt_ms"]
    on = begins[np.flatnonzero(np.diff(one["current"]) > 0) + 1]
    assert on == pytest.approx([40, 60, 280, 320])
    assert set(patterns["AdEx"]["adaptation"]["current"]) == {500.0}


def test_potentials_of_currents_are_the_closed_form(one_spike):
    for receptor in "ei":
        for kind in ("exponential-current", "alpha-current"):
            one = one_spike["cells"][f"{kind}-{receptor}"]
            assert np.abs(one["psp_mv"] - one["closed_mv"]).max() < 2e-4
            assert np.abs(one["closed_mv"]).max() > 0.5


@pytest.mark.parametrize("kind", ["exponential", "alpha"])
@pytest.mark.parametrize(("receptor", "reversal_mv"), [("e", 70.0), ("i", -10.0)])
def test_potentials_of_conductances(one_spike, kind, receptor, reversal_mv):
    """Against an adaptive integration of the membrane's equation, v relative to rest."""
    since = one_spike["since_ms"]
    one = one_spike["cells"][f"{kind}-conductance-{receptor}"]
    tau, c_m, g_l = synapses.TAU_SYN_MS, synapses.C_M_PF, synapses.C_M_PF / synapses.TAU_M_MS
    shape = {
        "exponential": lambda t: np.exp(-t / tau),
        "alpha": lambda t: t / tau * np.exp(1 - t / tau),
    }

    def slope(t, v):
        return (-g_l * v - shape[kind](t) * (v - reversal_mv)) / c_m

    late = since >= 0.0
    known = solve_ivp(slope, (0.0, since[-1]), [0.0], rtol=1e-9, atol=1e-12, t_eval=since[late])
    assert np.abs(one["psp_mv"][late] - known.y[0]).max() < 2e-4
    assert np.abs(one["input"][late] - shape[kind](since[late])).max() < 1e-4


def test_short_term_synapses_follow_the_recursion():
    found = found_in(short_term)["cells"]
    depressing, facilitating = (found[name] for name in short_term.RULES)
    for one in (depressing, facilitating):
        assert one["efficacy"] == pytest.approx(one["closed"], rel=2e-3)
    assert (np.diff(depressing["efficacy"][:5]) < 0).all()
    assert (np.diff(facilitating["efficacy"][:9]) > 0).all()
