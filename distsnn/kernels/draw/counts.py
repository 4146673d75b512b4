"""Binomial and hypergeometric numbers, each a function of a 64-bit key.

Small means: inversion, counting up from 0. Others: ratio of uniforms under the universal hat of
Stadlober 1990 (J Comput Appl Math 31:181), whose width follows from mean and variance alone.
Probabilities by Loader 2000 (Fast and accurate computation of binomial probabilities), which stays
accurate where the numbers are large and logarithms of factorials are not.
"""

from __future__ import annotations

import math

import numpy as np

from distsnn.kernels.compile.declare import device
from distsnn.kernels.numbers.threefry import threefry, unit_double

SMALL_MEAN = 12.0
HAT_SLOPE = 2.0 * math.sqrt(2.0 / math.e)
HAT_OFFSET = 3.0 - 2.0 * math.sqrt(3.0 / math.e)
LOG_TWO_PI = math.log(2.0 * math.pi)


def _stirling_error(n: int) -> float:
    """Return log(n!) minus Stirling's formula; 0 for n = 0, which is treated apart."""
    if n == 0:
        return 0.0
    return math.lgamma(n + 1.0) - (n + 0.5) * math.log(n) + n - 0.5 * LOG_TWO_PI


SMALL_ERRORS = tuple(_stirling_error(n) for n in range(16))


@device
def stirling_error(n):
    """Return log(n!) - log(sqrt(2 pi n) (n / e)^n) for an integer n >= 1 as float64."""
    if n < 16.0:
        return SMALL_ERRORS[np.int64(n)]
    s = 1.0 / (n * n)
    return (1 / 12 - (1 / 360 - (1 / 1260 - (1 / 1680 - s / 1188) * s) * s) * s) / n


@device
def deviance(x, mean):
    """Return x log(x / mean) + mean - x without loss of digits where x is near the mean."""
    distance = x - mean
    if abs(distance) >= 0.1 * (x + mean):
        return x * math.log(x / mean) - distance
    v = distance / (x + mean)
    total = distance * v
    term = 2.0 * x * v
    for j in range(1, 100):
        term *= v * v
        longer = total + term / (2 * j + 1)
        if longer == total:
            break
        total = longer
    return total


@device
def log_binomial(k, n, p):
    """Return the logarithm of the binomial probability of k; float64 integers, 0 < p < 1."""
    q = 1.0 - p
    if k == 0.0:
        return n * math.log1p(-p)
    if k == n:
        return n * math.log(p)
    rest = n - k
    errors = stirling_error(n) - stirling_error(k) - stirling_error(rest)
    spread = 0.5 * (math.log(n / (k * rest)) - LOG_TWO_PI)
    return errors - deviance(k, n * p) - deviance(rest, n * q) + spread


@device
def log_hypergeometric(k, good, bad, n):
    """Return the logarithm of the probability of k good ones among n of good + bad."""
    p = n / (good + bad)
    both = log_binomial(k, good, p) + log_binomial(n - k, bad, p)
    return both - log_binomial(n, good + bad, p)


@device
def is_accepted(u, log_ratio):
    """Return whether u^2 <= exp(log_ratio), with bounds that mostly spare the logarithm."""
    if log_ratio >= u * (4.0 - u) - 3.0:
        return True
    if u * (u - log_ratio) >= 1.0:
        return False
    return 2.0 * math.log(u) <= log_ratio


@device
def hat_point(key_low, key_high, attempt, mean, variance):
    """Return u and x: x is distributed under the hat, u decides whether it stays."""
    a, b = threefry(key_low, key_high, attempt, np.uint32(0))
    u = (np.float64(a) + 0.5) * 2.0**-32
    v = (np.float64(b) + 0.5) * 2.0**-32
    width = HAT_SLOPE * math.sqrt(variance + 0.5) + HAT_OFFSET
    return u, mean + 0.5 + width * (v - 0.5) / u


@device
def invert_binomial(key_low, key_high, n, p):
    """Binomial number by inversion, for a small mean."""
    x, y = threefry(key_low, key_high, np.uint32(0), np.uint32(0))
    left = unit_double(x, y)
    odds = p / (1.0 - p)
    probability = math.exp(n * math.log1p(-p))
    k = 0.0
    while left > probability and k < n:
        left -= probability
        probability *= odds * (n - k) / (k + 1.0)
        k += 1.0
    return k


@device
def reject_binomial(key_low, key_high, n, p):
    """Binomial number by ratio of uniforms, for a larger mean."""
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
    """Return how many of n (int64) trials succeed, each with probability p, as int64."""
    if n <= 0 or p <= 0.0:
        return np.int64(0)
    if p >= 1.0:
        return np.int64(n)
    n_trials = np.float64(n)
    rare = min(p, 1.0 - p)
    if n_trials * rare < SMALL_MEAN:
        k = np.int64(invert_binomial(key_low, key_high, n_trials, rare))
    else:
        k = np.int64(reject_binomial(key_low, key_high, n_trials, rare))
    return k if p <= 0.5 else np.int64(n - k)


@device
def invert_hypergeometric(key_low, key_high, good, bad, n):
    """Hypergeometric number by inversion, for a small mean; n <= bad."""
    x, y = threefry(key_low, key_high, np.uint32(0), np.uint32(0))
    left = unit_double(x, y)
    probability = math.exp(log_hypergeometric(0.0, good, bad, n))
    k = 0.0
    most = min(good, n)
    while left > probability and k < most:
        left -= probability
        probability *= (good - k) * (n - k) / ((k + 1.0) * (bad - n + k + 1.0))
        k += 1.0
    return k


@device
def reject_hypergeometric(key_low, key_high, good, bad, n):
    """Hypergeometric number by ratio of uniforms, for a larger mean; n <= bad."""
    total = good + bad
    mean = n * good / total
    variance = mean * (bad / total) * (total - n) / (total - 1.0)
    mode = math.floor((n + 1.0) * (good + 1.0) / (total + 2.0))
    log_mode = log_hypergeometric(mode, good, bad, n)
    most = min(good, n)
    attempt = np.uint32(0)
    while True:
        u, x = hat_point(key_low, key_high, attempt, mean, variance)
        attempt = np.uint32(attempt + np.uint32(1))
        k = math.floor(x)
        if 0.0 <= x < most + 1.0 and is_accepted(u, log_hypergeometric(k, good, bad, n) - log_mode):
            return np.float64(k)


@device
def hypergeometric(key_low, key_high, good, bad, n):
    """Return how many of n drawn without replacement are good, as int64; all arguments int64.

    The two symmetries leave at most half of all to draw, and at most half of all good.
    """
    if n <= 0 or good <= 0:
        return np.int64(0)
    if bad <= 0:
        return np.int64(n)
    if n >= good + bad:
        return np.int64(good)
    drawn = min(n, good + bad - n)
    few, many = np.float64(min(good, bad)), np.float64(max(good, bad))
    size = np.float64(drawn)
    if size * few / (few + many) < SMALL_MEAN:
        k = np.int64(invert_hypergeometric(key_low, key_high, few, many, size))
    else:
        k = np.int64(reject_hypergeometric(key_low, key_high, few, many, size))
    if good > bad:
        k = drawn - k
    return k if n == drawn else np.int64(good - k)
