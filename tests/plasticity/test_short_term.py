"""Short-term plasticity against its closed form and a plain twin, by what arrives at a neuron."""

from __future__ import annotations

import math

import numpy as np
import pytest
from plasticity.forced import poisson_trains

from distsnn.errors import NetworkError
from distsnn.network import AllToAll, ExplicitList, Network, Uniform
from distsnn.neurons import LifDelta
from distsnn.plasticity import TsodyksMarkram
from distsnn.simulation import simulate
from distsnn.stimuli import SpikeSource

DT_MS = 1.0
WEIGHT = 2.0


def arriving(trains, rule, delay: int = 5, rule_of_ends=None, weight=WEIGHT, targets: int = 1):
    """Return what arrives at each target in each step, float64 [steps, targets]."""
    network = Network(dt_ms=DT_MS, seed=4)
    steps = np.concatenate(trains)
    sources = np.repeat(np.arange(len(trains)), [len(train) for train in trains])
    source = network.population("s", len(trains), SpikeSource((steps + 1) * DT_MS, sources))
    # One step of leak forgets everything: v is what has just arrived.
    target = network.population(
        "t", targets, LifDelta(tau_m_ms=1e-3, v_threshold_mv=1e6, v_reset_mv=0.0)
    )
    network.connect(
        source, target, rule_of_ends or AllToAll(), weight=weight, delay_ms=delay * DT_MS,
        plasticity=rule,
    )  # fmt: skip
    network.record(target, "v")
    n_steps = int(steps.max()) + delay + 2
    result = simulate(network, duration_ms=n_steps * DT_MS)
    return result.traces["t", "v"][1].astype(np.float64)


def released(train, utilisation: float, rec_ms: float, facil_ms: float) -> np.ndarray:
    """Return u R at each spike, in float64."""
    u, r, before, found = utilisation, 1.0, None, []
    for step in train:
        if before is not None:
            ms = (step - before) * DT_MS
            r = 1.0 + (r * (1.0 - u) - 1.0) * (math.exp(-ms / rec_ms) if rec_ms else 0.0)
            decay = math.exp(-ms / facil_ms) if facil_ms else 0.0
            u = utilisation + u * (1.0 - utilisation) * decay
        before = step
        found.append(u * r)
    return np.array(found)


@pytest.mark.parametrize("connection", ["EE", "EI", "IE", "II"])
@pytest.mark.parametrize("rate_hz", [5, 20, 50])
def test_regular_train_tends_to_the_closed_form(connection, rate_hz):
    rule = TsodyksMarkram.liquid(connection)
    period = round(1000 / rate_hz / DT_MS)
    train = 10 + period * np.arange(max(60, 16 * rate_hz))
    got = arriving([train], rule)[train + 5, 0] / WEIGHT
    ms = period * DT_MS
    decay = math.exp(-ms / rule.tau_facil_ms)
    u = rule.utilisation / (1.0 - (1.0 - rule.utilisation) * decay)
    e = math.exp(-ms / rule.tau_rec_ms)
    r = (1.0 - e) / (1.0 - (1.0 - u) * e)
    first = rule.utilisation
    assert got[0] == pytest.approx(first, abs=1e-4)
    steady = [released(train, rule.utilisation, rule.tau_rec_ms, rule.tau_facil_ms)[-1], u * r]
    assert steady[0] == pytest.approx(steady[1], rel=1e-3)
    assert got[-1] == pytest.approx(u * r, rel=1e-3, abs=1e-4)


@pytest.mark.parametrize("parameters", [(0.5, 1100.0, 50.0), (0.05, 125.0, 1200.0), (0.3, 80.0, 0)])
def test_shared_state_against_twin(parameters):
    rng = np.random.default_rng(5)
    trains = poisson_trains(rng, 6, 40.0, 4000, DT_MS)
    got = arriving(trains, TsodyksMarkram(*parameters))[:, 0]
    expected = np.zeros(got.size)
    for train in trains:
        np.add.at(expected, train + 5, WEIGHT * released(train, *parameters))
    # The sum of whole quanta of WEIGHT / 16384, six at most in a step.
    assert np.abs(got - expected).max() < 6 * WEIGHT / 16384
    assert expected.max() > 0.1


def test_own_parameters_against_twin():
    """Drawn parameters differ from synapse to synapse and lie where they should."""
    n = 400
    train = np.sort(np.random.default_rng(6).choice(3000, 60, replace=False))
    ends = ExplicitList(np.zeros(n, int), np.arange(n))
    rule = TsodyksMarkram(Uniform(0.2, 0.8), Uniform(50.0, 400.0), Uniform(10.0, 300.0))
    got = arriving([train], rule, rule_of_ends=ends, targets=n)[train + 5] / WEIGHT
    first = got[0]
    assert 0.2 <= first.min() < 0.25 < 0.75 < first.max() <= 0.8001
    assert first.mean() == pytest.approx(0.5, abs=0.03)
    assert np.unique(first.round(4)).size > 300
    # Each synapse's own three parameters, found from its own releases, explain all of them.
    from scipy.optimize import least_squares

    for k in range(0, n, 40):

        def off(p, wanted=got[:, k]):
            return released(train, *p) - wanted

        fit = least_squares(off, [first[k], 150.0, 80.0], bounds=([0, 1, 1], [1, 2000, 2000]))
        assert np.abs(fit.fun).max() < 2e-4
        assert 45.0 < fit.x[1] < 420.0
        assert 8.0 < fit.x[2] < 330.0


def test_fixed_parameters_as_distributions_give_the_same():
    train = np.sort(np.random.default_rng(7).choice(2000, 40, replace=False))
    shared = arriving([train], TsodyksMarkram(0.5, 300.0, 50.0))
    narrow = Uniform(0.5 - 1e-9, 0.5)
    own = arriving([train], TsodyksMarkram(narrow, 300.0, 50.0))
    assert np.abs(shared - own).max() < 2 * WEIGHT / 16384


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"utilisation": 1.5}, "utilisation: must be a number from 0 to 1, got 1.5"),
        ({"tau_rec_ms": -1.0}, "tau_rec_ms: must be a number from 0 to 3.40282e"),
        ({"tau_facil_ms": math.nan}, "tau_facil_ms: must be a number .*, got nan"),
        (
            {"utilisation": Uniform(0.5, 2.0)},
            "must be a number from 0 to 1, got 2. Give low and high",
        ),
    ],
)
def test_wrong_parameters_are_refused(change, text):
    with pytest.raises(NetworkError, match=text):
        TsodyksMarkram(**change)


def test_unknown_connection_is_refused():
    with pytest.raises(NetworkError, match="connection: must be one of EE, EI, IE, II, got 'EX'"):
        TsodyksMarkram.liquid("EX")
