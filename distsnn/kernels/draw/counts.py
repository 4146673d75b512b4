"""Binomial and hypergeometric random numbers, each a function of a 64-bit key.

For small means the distribution function is inverted, counting up from 0. For larger means the
numbers come from the ratio of uniforms with the universal hat of Stadlober 1990 (J Comput Appl Math
31:181), whose width follows from the mean and the variance alone. Probabilities are computed as in
Loader 2000 (Fast and accurate computation of binomial probabilities), which remains accurate for
large numbers, where differences of log-factorials lose their digits.
"""

from __future__ import annotations

import math

import numpy as np

from distsnn.kernels.compile.declare import device
from distsnn.kernels.numbers.threefry import threefry, unit_double

SMALL_MEAN = 12.0  # below it, inversion needs fewer steps than rejection costs
# Width of the hat, Stadlober 1990: s = 2 sqrt(2 / e) sqrt(variance + 1/2) + 3 - 2 sqrt(3 / e)
HAT_SLOPE = 2.0 * math.sqrt(2.0 / math.e)
HAT_OFFSET = 3.0 - 2.0 * math.sqrt(3.0 / math.e)
LOG_TWO_PI = math.log(2.0 * math.pi)


def _stirling_error(n: int) -> float:
    """Return log(n!) minus Stirling's formula, and 0 for n = 0, where the formula has no value."""
    if n == 0:
        return 0.0
    return math.lgamma(n + 1.0) - (n + 0.5) * math.log(n) + n - 0.5 * LOG_TWO_PI


SMALL_ERRORS = tuple(_stirling_error(n) for n in range(16))


@device
def stirling_error(n):
    """Return log(n!) - log(sqrt(2 pi n) (n / e)^n) for an integer n >= 1 as float64."""
    if n < 16.0:
        return SMALL_ERRORS[np.int64(n)]
    # Stirling series: 1/(12 n) - 1/(360 n^3) + 1/(1260 n^5) - 1/(1680 n^7) + 1/(1188 n^9)
    s = 1.0 / (n * n)
    return (1 / 12 - (1 / 360 - (1 / 1260 - (1 / 1680 - s / 1188) * s) * s) * s) / n


@device
def deviance(x, mean):
    """Return x log(x / mean) + mean - x, accurate also where x is close to the mean."""
    difference = x - mean
    if abs(difference) >= 0.1 * (x + mean):
        return x * math.log(x / mean) - difference
    # Loader's series: (x - m) v + 2 x (v^3 / 3 + v^5 / 5 + ...), v = (x - m) / (x + m)
    v = difference / (x + mean)
    total = difference * v
    term = 2.0 * x * v
    for j in range(1, 100):
        term *= v * v
        next_total = total + term / (2 * j + 1)
        if next_total == total:
            break
        total = next_total
    return total


@device
def log_binomial(k, n, p):
    """Return log P(k) of the binomial distribution; k, n: integers as float64, 0 < p < 1."""
    q = 1.0 - p
    if k == 0.0:
        return n * math.log1p(-p)
    if k == n:
        return n * math.log(p)
    # P = sqrt(n / (2 pi k (n - k))) exp(stirling - D(k, n p) - D(n - k, n q)), D the deviance
    n_failures = n - k
    stirling = stirling_error(n) - stirling_error(k) - stirling_error(n_failures)
    log_prefactor = 0.5 * (math.log(n / (k * n_failures)) - LOG_TWO_PI)
    return stirling - deviance(k, n * p) - deviance(n_failures, n * q) + log_prefactor


@device
def log_hypergeometric(k, good, bad, n):
    """Return log P(k) of k good items among n drawn from good + bad items (all float64)."""
    # P = b(k; good, p) b(n - k; bad, p) / b(n; good + bad, p) with binomial b, for any p (Loader)
    p = n / (good + bad)
    log_product = log_binomial(k, good, p) + log_binomial(n - k, bad, p)
    return log_product - log_binomial(n, good + bad, p)


@device
def is_accepted(u, log_ratio):
    """Return whether u^2 <= exp(log_ratio).

    Two bounds on 2 log(u) decide most cases without a logarithm.
    """
    # u - 1 / u <= 2 log(u) <= u (4 - u) - 3 for 0 < u <= 1
    if log_ratio >= u * (4.0 - u) - 3.0:
        return True
    if u * (u - log_ratio) >= 1.0:
        return False
    return 2.0 * math.log(u) <= log_ratio


@device
def hat_point(key_low, key_high, attempt, mean, variance):
    """Return u and a proposal x under the hat; u decides whether x is accepted."""
    a, b = threefry(key_low, key_high, attempt, np.uint32(0))
    u = (np.float64(a) + 0.5) * 2.0**-32
    v = (np.float64(b) + 0.5) * 2.0**-32
    # x = a + s (v - 1/2) / u with the centre a = mean + 1/2 and the width s
    width = HAT_SLOPE * math.sqrt(variance + 0.5) + HAT_OFFSET
    return u, mean + 0.5 + width * (v - 0.5) / u


@device
def invert_binomial(key_low, key_high, n, p):
    """Return a binomial number by inversion, for a small mean."""
    x, y = threefry(key_low, key_high, np.uint32(0), np.uint32(0))
    remainder = unit_double(x, y)
    odds = p / (1.0 - p)
    # P(0) = (1 - p)^n, P(k + 1) = P(k) (n - k) / (k + 1) p / (1 - p)
    probability = math.exp(n * math.log1p(-p))
    k = 0.0
    while remainder > probability and k < n:
        remainder -= probability
        probability *= odds * (n - k) / (k + 1.0)
        k += 1.0
    return k


@device
def reject_binomial(key_low, key_high, n, p):
    """Return a binomial number by the ratio of uniforms, for a larger mean."""
    mean = n * p
    log_mode = log_binomial(math.floor((n + 1.0) * p), n, p)
    attempt = np.uint32(0)
    while True:
        u, x = hat_point(key_low, key_high, attempt, mean, mean * (1.0 - p))
        attempt = np.uint32(attempt + np.uint32(1))
        k = math.floor(x)
        if 0.0 <= x < n + 1.0 and is_accepted(u, log_binomial(k, n, p) - log_mode):
            return np.float64(k)


@device
def binomial(key_low, key_high, n, p):
    """Return the number of successes (int64) in n (int64) trials of probability p."""
    if n <= 0 or p <= 0.0:
        return np.int64(0)
    if p >= 1.0:
        return np.int64(n)
    n_trials = np.float64(n)
    p_small = min(p, 1.0 - p)
    if n_trials * p_small < SMALL_MEAN:
        k = np.int64(invert_binomial(key_low, key_high, n_trials, p_small))
    else:
        k = np.int64(reject_binomial(key_low, key_high, n_trials, p_small))
    return k if p <= 0.5 else np.int64(n - k)


@device
def invert_hypergeometric(key_low, key_high, good, bad, n):
    """Return a hypergeometric number by inversion, for a small mean; requires n <= bad."""
    x, y = threefry(key_low, key_high, np.uint32(0), np.uint32(0))
    remainder = unit_double(x, y)
    probability = math.exp(log_hypergeometric(0.0, good, bad, n))
    # P(k + 1) = P(k) (good - k) (n - k) / ((k + 1) (bad - n + k + 1))
    k = 0.0
    k_max = min(good, n)
    while remainder > probability and k < k_max:
        remainder -= probability
        probability *= (good - k) * (n - k) / ((k + 1.0) * (bad - n + k + 1.0))
        k += 1.0
    return k


@device
def reject_hypergeometric(key_low, key_high, good, bad, n):
    """Return a hypergeometric number by the ratio of uniforms; requires n <= bad."""
    total = good + bad
    mean = n * good / total
    variance = mean * (bad / total) * (total - n) / (total - 1.0)
    mode = math.floor((n + 1.0) * (good + 1.0) / (total + 2.0))
    log_mode = log_hypergeometric(mode, good, bad, n)
    k_max = min(good, n)
    attempt = np.uint32(0)
    while True:
        u, x = hat_point(key_low, key_high, attempt, mean, variance)
        attempt = np.uint32(attempt + np.uint32(1))
        k = math.floor(x)
        if 0.0 <= x < k_max + 1.0 and is_accepted(
            u, log_hypergeometric(k, good, bad, n) - log_mode
        ):
            return np.float64(k)


@device
def hypergeometric(key_low, key_high, good, bad, n):
    """Return how many of n items drawn without replacement are good (int64, as all arguments).

    Two symmetries reduce the problem: what is not drawn is distributed like what is drawn, and good
    and bad items may change places. So at most half of the items are drawn, at most half are good.
    """
    if n <= 0 or good <= 0:
        return np.int64(0)
    if bad <= 0:
        return np.int64(n)
    if n >= good + bad:
        return np.int64(good)
    n_draws = min(n, good + bad - n)
    n_rare, n_common = np.float64(min(good, bad)), np.float64(max(good, bad))
    n_draws_real = np.float64(n_draws)
    if n_draws_real * n_rare / (n_rare + n_common) < SMALL_MEAN:
        k = np.int64(invert_hypergeometric(key_low, key_high, n_rare, n_common, n_draws_real))
    else:
        k = np.int64(reject_hypergeometric(key_low, key_high, n_rare, n_common, n_draws_real))
    if good > bad:
        k = n_draws - k
    return k if n == n_draws else np.int64(good - k)
