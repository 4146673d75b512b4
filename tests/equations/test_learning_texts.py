"""Learning rules as text: the same bits as the packaged rules, closed forms, ranks, caches."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from equations.rule_texts import W_MAX, pairs_of_rules
from plasticity.forced import Forced, poisson_trains

from distsnn import FixedInDegree, Network, Poisson, SynapseEquations, Uniform, simulate
from distsnn.comm import start
from distsnn.comm.serial import SerialComm
from distsnn.equations.learning.rule import RuleFromText
from distsnn.neurons import LifDelta

RULES = pairs_of_rules()


@pytest.mark.parametrize("share", [0.0, 0.5])
@pytest.mark.parametrize("name", RULES)
def test_same_bits_as_the_packaged_rule(name, share):
    rng = np.random.default_rng(len(name))
    pre, post = (poisson_trains(rng, 12, 40.0, 3000, 0.1) for _ in range(2))
    i, j = rng.integers(0, 12, (2, 96))
    start_weights = np.maximum(rng.uniform(0.2, 0.8, 96) * W_MAX, RULES[name][0].w_min)
    synapses = (i, j, start_weights, rng.integers(1, 40, 96))
    packaged, text = (
        Forced(pre, post, synapses, rule, share=share).weights() for rule in RULES[name]
    )
    assert np.abs(packaged - start_weights[np.lexsort((synapses[3], i, j))]).mean() > 0.02
    assert np.array_equal(packaged, text)


def recurrent(rule) -> Network:
    """A network whose plastic synapses make their neurons spike."""
    network = Network(dt_ms=0.1, seed=3)
    cells = network.population(
        "cells", 120, LifDelta(v_reset_mv=10.0), initial={"v": Uniform(0, 20)}
    )
    plastic = network.connect(
        cells, cells, FixedInDegree(30), weight=Uniform(0.2, 0.5), delay_ms=Uniform(0.3, 2.0),
        plasticity=rule, dendritic_share=0.5,
    )  # fmt: skip
    network.stimulate(cells, Poisson(rate_hz=20_000.0, weight=0.1))
    if rule.is_rewarded:
        network.modulate(plastic, cells, amount=0.001, delay_ms=1.0)
    return network


THRESHOLDED = {
    "text": "dr/dt = -r/tau\ndo/dt = -o/tau\nboth = where(o > 1, o, 0) * (w_max - w)/w_max",
    "on_pre": "w += eta*exp(-both) - 0.5*eta; r += 1",
    "on_post": "w = w*(1 - eta*(r - r**3/10)); o += 1",
}
OWN = SynapseEquations(**THRESHOLDED, w_max=0.6, parameters={"tau": 30.0, "eta": 0.01})
REWARDED = SynapseEquations(
    "de/dt = -e/tau_e\ndr/dt = -r/20\ndo/dt = -o/20",
    on_pre="e -= 0.5*o; r += 1", on_post="e += r; o += 1", on_reward="w += reward*e*(w_max - w)",
    w_max=0.6, parameters={"tau_e": (0.5, "s")},
)  # fmt: skip


@pytest.mark.parametrize("rule", [OWN, REWARDED], ids=["own", "rewarded"])
def test_cores_and_placements_change_nothing(rule):
    digests = {
        simulate(recurrent(rule), duration_ms=60.0, comm=SerialComm(), **options).digest
        for options in (
            {},
            {"neurons_per_core": 16},
            {"neurons_per_core": 33, "placement": "random"},
        )
    }
    assert len(digests) == 1


@pytest.mark.mpi
@pytest.mark.parametrize("rule", [OWN, REWARDED], ids=["own", "rewarded"])
def test_ranks_change_nothing(rule):
    comm = start()
    digest = simulate(recurrent(rule), duration_ms=60.0, comm=comm, neurons_per_core=16).digest
    if comm.rank == 0:
        assert digest == simulate(recurrent(rule), duration_ms=60.0, comm=SerialComm()).digest
    comm.barrier()


@pytest.mark.parametrize("lag", [-40, 40])
def test_weights_in_the_unit_of_the_receptor(lag):
    """A pair changes w by amounts in the receptor's unit; amounts of traces count as factors."""
    rule = SynapseEquations(
        "dr/dt = -r/10\ndo/dt = -o/20", on_pre="w -= o; r += a", on_post="w += r*w/4; o += b",
        w_max=8.0, w_min=1.0, parameters={"a": 0.3, "b": 0.2},
    )  # fmt: skip
    weight = Forced(
        [np.array([401])], [np.array([402 + lag])], ([0], [0], [3.0], [1]), rule
    ).weights()
    up, down = 0.3 * np.exp(-4.0 / 10.0) * 3.0 / 4.0, -0.2 * np.exp(-4.0 / 20.0)
    assert weight[0] == pytest.approx(3.0 + (up if lag > 0 else down), abs=1e-5)


def test_functions_and_conditions():
    """One presynaptic spike after another evaluates a formula; the reference is numpy's."""
    formula = "0.1*sin(u) + 0.2*tanh(u) + clip(u, 0.1, 0.2)*min(u, 0.5)/max(u, 0.3) + u**0.5/9"
    rule = SynapseEquations(
        "", on_pre=f"u += ({formula}) * int(u > 0.2 and not u > 0.9)", w_max=1.0
    )
    starts = np.linspace(0.05, 0.95, 10)
    n = starts.size
    forced = Forced([np.array([5])] * n, [np.array([2])] * n,
                    (np.arange(n), np.arange(n), starts, np.ones(n, int)), rule)  # fmt: skip
    u = starts
    added = (
        0.1 * np.sin(u)
        + 0.2 * np.tanh(u)
        + np.clip(u, 0.1, 0.2) * np.minimum(u, 0.5) / np.maximum(u, 0.3)
        + np.sqrt(u) / 9.0
    )
    expected = np.minimum(u + added * ((u > 0.2) & ~(u > 0.9)), 1.0)
    assert np.abs(forced.weights() - expected).max() < 1e-6


def test_parameters_of_one_text_share_their_kernels():
    faster = OWN(eta=0.02)
    again = SynapseEquations(**THRESHOLDED, w_max=0.6, parameters={"tau": 30.0, "eta": 0.01})
    assert type(faster) is type(OWN) is type(again)
    assert faster.kernels()["deliver"] is OWN.kernels()["deliver"]
    assert isinstance(OWN, RuleFromText)
    assert "eta=0.02" in repr(faster)
    assert "time constant of r = 30 ms" in OWN.describe()


def test_algebra_is_not_loaded_for_rules():
    code = (
        "import sys; from distsnn import SynapseEquations; "
        "SynapseEquations('dr/dt = -r/20', on_pre='r += 1', on_post='u += 0.1*r', w_max=1.0); "
        "print('sympy' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
