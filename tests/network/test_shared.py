"""State variables that share one random number."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import integrate

from distsnn.errors import NetworkError
from distsnn.network import Network, Shared
from distsnn.neurons import Izhikevich
from distsnn.simulation import simulate

CASES = [Shared("r", -65.0, -50.0, 2.0), Shared("r", 8.0, 2.0, 2.0), Shared("q", 0.25, 0.2, 0.5)]


@pytest.mark.parametrize("one", CASES)
def test_moments_and_quantiles(one):
    low, high = one.bounds()
    area, _ = integrate.quad(lambda x: float(one.cdf(np.array([x]))[0]), low, high, epsabs=1e-11)
    assert one.expected() == pytest.approx(high - area, rel=1e-7)
    u = np.linspace(0.001, 0.999, 500)
    values = one.quantiles(u)
    assert (np.diff(values) > 0).all()
    assert one.cdf(values) == pytest.approx(u, abs=1e-9)
    assert np.sort(one.of(u)) == pytest.approx(np.sort(one.quantiles(u)))


def cells(**options):
    network = Network(dt_ms=1.0, seed=7)
    for name in ("first", "second"):
        initial = {
            "c": Shared("r", -65.0, -50.0, 2.0),
            "d": Shared("r", 8.0, 2.0, 2.0),
            "a": Shared("other", 0.02, 0.1),
        }
        population = network.population(name, 400, Izhikevich(), initial=initial)
        for variable in ("a", "c", "d"):
            network.record(population, variable, neurons=range(400), every_ms=1.0)
    return simulate(network, duration_ms=2.0, **options)


def test_one_draw_is_one_number_per_neuron():
    result = cells()
    value = {key: rows[0].astype(float) for key, (_, rows) in result.traces.items()}
    c, d, a = (value["first", name] for name in "cda")
    assert d == pytest.approx(8.0 - 6.0 * (c + 65.0) / 15.0, abs=1e-4)
    assert abs(np.corrcoef(a, c)[0, 1]) < 0.2  # 4 standard errors of independent numbers
    assert abs(np.corrcoef(value["second", "c"], c)[0, 1]) < 0.2
    r = np.sqrt((c + 65.0) / 15.0)
    assert abs(r.mean() - 0.5) < 4 / np.sqrt(12 * 400)


def test_draws_know_no_core():
    one, other = cells(), cells(neurons_per_core=33, placement="random")
    for key, (_, rows) in one.traces.items():
        assert np.array_equal(other.traces[key][1], rows), key


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("", 0.0, 1.0), "Shared.draw: must be a text, got ''"),
        ((3, 0.0, 1.0), "Shared.draw: must be a text, got 3"),
        (("r", 1.0, 1.0), "Shared.end: must be other than start = 1.0"),
        (("r", 0.0, 1.0, 0.0), "exponent: must be a number above 0, got 0"),
        (("r", float("nan"), 1.0), "Shared.start: must be a number, got nan"),
    ],
)
def test_wrong_ones(arguments, message):
    with pytest.raises(NetworkError, match=message) as raised:
        Shared(*arguments)
    assert "\n" not in str(raised.value)
