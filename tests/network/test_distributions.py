"""Distributions against scipy and against numerical integration."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import integrate, stats

from distsnn.errors import NetworkError
from distsnn.network import Constant, LogNormal, Normal, Uniform
from distsnn.network.distributions.normal_functions import normal_cdf, normal_quantiles

LOG = LogNormal(5.0, 3.0)
WHOLE = [
    (Uniform(-3.0, 4.0), stats.uniform(-3.0, 7.0)),
    (Normal(87.8, 8.78), stats.norm(87.8, 8.78)),
    (LOG, stats.lognorm(LOG.sigma, scale=math.exp(LOG.mu))),
]
BOUNDED = [
    Normal(1.5, 0.75, low=0.1),
    Normal(1.5, 0.75, low=0.1, high=2.0),
    Normal(-20.0, 5.0, high=-18.0),
    LogNormal(5.0, 3.0, low=2.0, high=9.0),
    LogNormal(-5.0, 3.0, low=-8.0),
]


@pytest.mark.parametrize(("distribution", "reference"), WHOLE)
def test_equals_scipy(distribution, reference):
    x = reference.ppf(np.linspace(0.0005, 0.9995, 2001))
    assert distribution.cdf(x) == pytest.approx(reference.cdf(x), abs=1e-9)
    u = np.linspace(0.0005, 0.9995, 2001)
    assert distribution.quantiles(u) == pytest.approx(reference.ppf(u), rel=1e-7)
    assert distribution.expected() == pytest.approx(reference.mean(), rel=1e-8)


@pytest.mark.parametrize("outside", ["redraw", "clip"])
@pytest.mark.parametrize("whole", BOUNDED)
def test_bounds(whole, outside):
    kind, rest = type(whole), (whole.mean, whole.sd, whole.low, whole.high)
    distribution = kind(*rest, outside)
    low, high = distribution.bounds()
    assert low >= whole.low
    assert high <= whole.high
    free = kind(whole.mean, whole.sd)
    x = np.linspace(low, high, 50)[1:-1]
    shares = free.whole_cdf(np.array([low, high]))
    expected = free.whole_cdf(x)
    if outside == "redraw":
        expected = (expected - shares[0]) / (shares[1] - shares[0])
    assert distribution.cdf(x) == pytest.approx(expected, abs=1e-12)
    assert distribution.cdf(np.array([low - 1e-9, high])).tolist() == [0.0, 1.0]
    u = np.linspace(0.001, 0.999, 999)
    values = distribution.quantiles(u)
    assert low <= values.min()
    assert values.max() <= high
    inside = (values > low) & (values < high)
    assert distribution.cdf(values[inside]) == pytest.approx(u[inside], abs=1e-12)


@pytest.mark.parametrize("outside", ["redraw", "clip"])
@pytest.mark.parametrize("whole", [*BOUNDED, *(d for d, _ in WHOLE[1:])])
def test_expected_is_the_integral(whole, outside):
    distribution = type(whole)(whole.mean, whole.sd, whole.low, whole.high, outside)
    low, high = distribution.bounds()
    area, _ = integrate.quad(
        lambda x: float(distribution.cdf(np.array([x]))[0]), low, high, limit=500, epsabs=1e-11
    )
    assert distribution.expected() == pytest.approx(high - area, rel=1e-7)


def test_mirrored_log_normal():
    up, down = LogNormal(5.0, 3.0), LogNormal(-5.0, 3.0)
    x = np.array([0.5, 3.0, 20.0])
    assert down.cdf(-x) == pytest.approx(1.0 - up.cdf(x), abs=1e-12)
    assert down.bounds() == (-up.bounds()[1], -up.bounds()[0])


def test_log_normal_from_its_logarithm():
    distribution = LogNormal.from_log(0.3, 0.8, high=50.0)
    assert (distribution.mu, distribution.sigma) == pytest.approx((0.3, 0.8), rel=1e-12)
    assert distribution.high == 50.0
    assert distribution.mean == pytest.approx(stats.lognorm(0.8, scale=math.exp(0.3)).mean())
    assert distribution.sd == pytest.approx(stats.lognorm(0.8, scale=math.exp(0.3)).std())


def test_clip_with_all_mass_beyond_a_bound():
    distribution = Normal(0.0, 1.0, low=50.0, high=60.0, outside="clip")
    assert distribution.bounds() == (50.0, 50.0)
    assert distribution.quantiles(np.array([0.1, 0.9])).tolist() == [50.0, 50.0]


def test_normal_functions_to_the_last_digits():
    u = np.concatenate([[1e-300, 1e-20, 1e-9], np.linspace(1e-4, 1 - 1e-4, 5001), [1 - 1e-12]])
    assert normal_quantiles(u) == pytest.approx(stats.norm.ppf(u), rel=4e-15)
    assert normal_quantiles(np.array([0.0, 1.0])).tolist() == [-np.inf, np.inf]
    z = np.linspace(-37.0, 8.0, 1000)
    assert normal_cdf(z) == pytest.approx(stats.norm.cdf(z), rel=1e-12)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Constant(math.nan), "Constant.value: must be a number, got nan"),
        (lambda: Constant("3"), "Constant.value: must be a number, got '3'"),
        (lambda: Uniform(2.0, 1.0), "Uniform.low: must be below high = 1.0, got 2"),
        (lambda: Uniform(0.0, math.inf), "Uniform.high: must be a number, got inf"),
        (lambda: Normal(math.inf, 1.0), "Normal.mean: must be a number, got inf"),
        (lambda: Normal(0.0, -1.0), "Normal.sd: must be a number above 0, got -1"),
        (lambda: Normal(0.0, 0.0), "Give the plain number"),
        (
            lambda: Normal(0.0, 1.0, low=3.0, high=2.0),
            "Normal.low: must be below high = 2.0, got 3",
        ),
        (lambda: Normal(0.0, 1.0, low=math.nan), "Normal.low: must be a number"),
        (
            lambda: Normal(0.0, 1.0, low=9.0),
            "at least 0.001 of the mass is between them, got '0'",
        ),
        (
            lambda: Normal(0.0, 1.0, outside="wrap"),
            "outside: must be one of redraw, clip, got 'wrap'",
        ),
        (lambda: Uniform(-1.7e308, 1.7e308), "such that all values and their range are finite"),
        (lambda: Normal(0.0, 1e308), "Normal.mean, sd: must be such that all values are finite"),
        (lambda: Normal(1e20, 1.0), "Normal.sd: must be large enough to change the mean"),
        (lambda: LogNormal(1.0, 1e200), "LogNormal.mean, sd: must be such that"),
        (lambda: LogNormal.from_log(0.0, 50.0), "mu, sigma: must be such that"),
        (lambda: LogNormal(0.0, 1.0), "LogNormal.mean: must be other than 0, got 0"),
        (lambda: LogNormal.from_log(0.0, -1.0), "sigma: must be a number above 0, got -1"),
    ],
)
def test_errors_are_one_clear_line(make, message):
    with pytest.raises(NetworkError) as raised:
        make()
    assert message in str(raised.value)
    assert "\n" not in str(raised.value)
