"""Decays that float32 cannot do step by step: right to 1 %, or refused with the limit."""

from __future__ import annotations

import math

import numpy as np
import pytest

from distsnn.chip import load_chip
from distsnn.comm.serial import SerialComm
from distsnn.core.playing import InitialState
from distsnn.errors import NetworkError
from distsnn.network import Network, OneToOne, Uniform
from distsnn.neurons import (
    AdaptiveLif,
    AdEx,
    Compartment,
    CompartmentTree,
    Izhikevich,
    LifAlpha,
    LifCondAlpha,
    LifCondExp,
    LifDelta,
    LifExp,
    LifFloor,
)
from distsnn.plasticity import PairStdp, SumOfProducts, TsodyksMarkram
from distsnn.running.building import build_rank
from distsnn.simulation import Settings, simulate
from distsnn.slow_decay import MAX_TAU_STEPS, over_steps, steps_at_once
from distsnn.stimuli import SpikeSource

HUGE = {"c_m_pf": 1e15}  # what decays does not move v
# What decays: model by its time constant, state variable, start.
DECAYS = {
    "threshold": (lambda tau: AdaptiveLif(tau_theta_ms=tau), "theta", 20.0),
    "adaptation": (lambda tau: AdaptiveLif(tau_w_ms=tau, **HUGE), "w", 100.0),
    "adaptive current": (lambda tau: AdaptiveLif(tau_syn_e_ms=tau, **HUGE), "i_e", 100.0),
    "delta membrane": (lambda tau: LifDelta(tau_m_ms=tau), "v", 15.0),
    "membrane": (lambda tau: LifExp(tau_m_ms=tau, e_l_mv=0.0, v_threshold_mv=30.0), "v", 15.0),
    "floor membrane": (lambda tau: LifFloor(tau_m_ms=tau), "v", 13.0),
    "alpha membrane": (lambda tau: LifAlpha(tau_m_ms=tau, e_l_mv=0.0, v_threshold_mv=30.0), "v", 15.0),
    "current": (lambda tau: LifExp(tau_syn_i_ms=tau, **HUGE), "i_i", -80.0),
    "alpha current": (lambda tau: LifAlpha(tau_syn_i_ms=tau, **HUGE), "j_i", -80.0),
    "conductance": (lambda tau: LifCondExp(tau_syn_i_ms=tau, e_i_mv=-70.0), "g_i", 5.0),
    "alpha conductance": (lambda tau: LifCondAlpha(tau_syn_i_ms=tau, e_i_mv=-70.0), "h_i", 1e-9),
    "exponential conductance": (lambda tau: AdEx(tau_syn_i_ms=tau), "g_i", 5.0),
    "dendrite": (
        lambda tau: CompartmentTree((Compartment("soma"), Compartment("far", "soma", tau_syn_ms=tau))),
        "i_far",
        -80.0,
    ),
}  # fmt: skip


def share_left(model, variable: str, start: float, dt_ms: float, n_steps: int) -> float:
    """Return which share of a state variable is left after so many steps."""
    network = Network(dt_ms=dt_ms)
    cells = network.population("cells", 1, model, initial={variable: start})
    network.record(cells, variable, every_ms=n_steps * dt_ms)
    result = simulate(network, duration_ms=(n_steps + 1) * dt_ms)
    assert result.spikes_all.step.size == 0
    first, last = result.traces["cells", variable][1][:, 0].astype(np.float64)
    return last / first


@pytest.mark.parametrize("name", DECAYS)
@pytest.mark.parametrize("tau_steps", [1.5e5, 1.7e5, 1e6, 2e7])
def test_right_to_one_percent(name, tau_steps):
    make, variable, start = DECAYS[name]
    n_steps = 100_000 if tau_steps > 1e6 else 10_000
    left = share_left(make(0.5 * tau_steps), variable, start, 0.5, n_steps)
    assert 1.0 - left == pytest.approx(-math.expm1(-n_steps / tau_steps), rel=0.01)


@pytest.mark.parametrize(("dt_ms", "n_steps"), [(0.5, 400_000), (0.1, 400_000)])
def test_the_published_threshold_of_ten_million_ms(dt_ms, n_steps):
    """Diehl & Cook 2015, Front Comput Neurosci 9:99: theta decays with 10^7 ms."""
    left = share_left(AdaptiveLif(tau_theta_ms=1e7), "theta", 20.0, dt_ms, n_steps)
    assert 1.0 - left == pytest.approx(-math.expm1(-n_steps * dt_ms / 1e7), rel=0.01)


def test_what_is_fast_enough_is_left_alone():
    assert steps_at_once(math.expm1(-1.0 / (0.999 * MAX_TAU_STEPS))) == 1
    assert steps_at_once(math.expm1(-1.0 / (1.001 * MAX_TAU_STEPS))) > 1
    assert steps_at_once(0.0) == 1
    for tau in (1e6, 1e9, 1e300):
        n = steps_at_once(-1.0 / tau)
        assert over_steps(-1.0 / tau, n) == pytest.approx(-n / tau, rel=1e-4)
    network = Network()
    network.population("cells", 3, LifExp())
    rank = build_rank(network, 100, load_chip("loihi"), Settings(), SerialComm())
    assert [rank.state.slow.next_stop(t, 100) for t in range(100)] == [100] * 100


def slow_network(has_source: bool = True) -> Network:
    network = Network(dt_ms=0.5, seed=7)
    model = AdaptiveLif(tau_theta_ms=2e5, theta_jump_mv=0.3, i_offset_pa=400.0)
    other = LifExp(tau_syn_e_ms=1e6, i_offset_pa=350.0)
    initial = {"v": Uniform(-65.0, -50.0)}
    cells = network.population("cells", 40, model, initial=initial)
    network.population("other", 40, other, initial=initial)
    if not has_source:
        return network
    source = network.population("source", 40, SpikeSource([40.0] * 40, range(40)))
    network.connect(source, cells, OneToOne(), weight=30.0)
    return network


def test_same_bits_however_the_network_is_cut():
    results = [
        simulate(slow_network(), duration_ms=300.0, neurons_per_core=n) for n in (1024, 16, 5)
    ]
    assert len({result.digest for result in results}) == 1
    assert results[0].spikes_all.step.size > 100


@pytest.mark.mpi
def test_same_bits_on_any_number_of_ranks():
    alone = simulate(slow_network(), duration_ms=300.0, neurons_per_core=5, comm=SerialComm())
    together = simulate(slow_network(), duration_ms=300.0, neurons_per_core=5)
    if together.is_root:
        assert together.digest == alone.digest


def test_a_recording_begins_its_own_count():
    """The second recording, begun at another step of the count, ends as the first."""
    rank = build_rank(
        slow_network(has_source=False), 1001, load_chip("loihi"), Settings(), SerialComm()
    )
    initial, ends = InitialState(rank), []
    for _ in range(2):
        initial.begin_run(333, 0)
        rank.advance(333)
        ends.append(rank.state.rows.copy())
    assert (ends[0] == ends[1]).all()


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (AdEx(tau_w_ms=2e5), "AdEx: tau_w_ms: must be at most 167772 steps of 0.1 ms, 16777.2 ms"),
        (AdaptiveLif(a_ns=2.0, tau_w_ms=2e5), "AdaptiveLif: tau_w_ms: must be at most 167772"),
        (AdaptiveLif(a_ns=2.0, tau_m_ms=2e5), "AdaptiveLif: tau_m_ms: must be at most 167772"),
        (Izhikevich(a=1e-6), "Izhikevich: 1 / (a u_leak): must be at most 167772"),
        (LifCondExp(g_l_ns=1e-4), "LifCondExp: c_m_pf / g_l_ns: must be at most 167772"),
        (LifCondAlpha(g_l_ns=1e-4), "LifCondAlpha: c_m_pf / g_l_ns: must be at most 167772"),
        (AdEx(g_l_ns=1e-4), "AdEx: c_m_pf / g_l_ns: must be at most 167772"),
        (
            CompartmentTree((Compartment("soma", g_l_ns=1e-4),)),
            "CompartmentTree: c_m_pf / g_l_ns of soma: must be at most 167772",
        ),
    ],
)
def test_what_does_not_decay_on_its_own_is_refused(model, message):
    with pytest.raises(NetworkError) as raised:
        Network(dt_ms=0.1).population("cells", 1, model)
    assert message in str(raised.value)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("rule", "name"),
    [
        (PairStdp(w_max=1.0, tau_plus_ms=4e5), "tau_plus_ms"),
        (TsodyksMarkram(tau_rec_ms=4e5), "tau_rec_ms"),
        (TsodyksMarkram(tau_facil_ms=Uniform(10.0, 4e5)), "tau_facil_ms"),
    ],
)
def test_traces_too_slow_for_float32(rule, name):
    network = Network(dt_ms=0.1)
    cells = network.population("cells", 2, LifDelta())
    with pytest.raises(NetworkError, match=rf"{name}: must be at most 335544 ms .* got 400000\."):
        network.connect(cells, cells, OneToOne(), weight=0.5, plasticity=rule)


def test_traces_of_whole_numbers_decay_over_many_epochs():
    rule = SumOfProducts("dw = x1*y0", epoch_steps=4, tau_x1_ms=1e6, tau_y2_ms=1e5, tau_y1_ms=20.0)
    slow = rule.slow_betas(0.1)
    assert sorted(slow) == [0, 3]
    for place, tau_ms in ((0, 1e6), (3, 1e5)):
        left, n = slow[place]
        assert left == pytest.approx(math.exp(-n * 0.4 / tau_ms), rel=1e-12)
        assert 1.0 - float(np.float32(left)) == pytest.approx(1.0 - left, rel=0.005)
