"""The device functions of ``exponential``, ``elementary`` and ``normal`` over arrays, for the tests."""

from __future__ import annotations

from distsnn.kernels import kernel
from distsnn.kernels.numbers.elementary import cos_f4, sin_f4, tanh_f4
from distsnn.kernels.numbers.exponential import exp_f4, expm1_f4, log1p_f4, log_f4, mean_exp_f4
from distsnn.kernels.numbers.normal import normal_f4


@kernel("i8(f4[:], f4[:])")
def exp_all(x, y):
    """y = exp(x)."""
    for i in range(x.size):
        y[i] = exp_f4(x[i])
    return 0


@kernel("i8(f4[:], f4[:])")
def expm1_all(x, y):
    """y = exp(x) - 1."""
    for i in range(x.size):
        y[i] = expm1_f4(x[i])
    return 0


@kernel("i8(f4[:], f4[:])")
def mean_exp_all(x, y):
    """y = (exp(x) - 1) / x."""
    for i in range(x.size):
        y[i] = mean_exp_f4(x[i])
    return 0


@kernel("i8(f4[:], f4[:])")
def log1p_all(x, y):
    """y = log(1 + x)."""
    for i in range(x.size):
        y[i] = log1p_f4(x[i])
    return 0


@kernel("i8(f4[:], f4[:])")
def log_all(x, y):
    """y = log(x)."""
    for i in range(x.size):
        y[i] = log_f4(x[i])
    return 0


@kernel("i8(f4[:], f4[:])")
def sin_all(x, y):
    """y = sin(x)."""
    for i in range(x.size):
        y[i] = sin_f4(x[i])
    return 0


@kernel("i8(f4[:], f4[:])")
def cos_all(x, y):
    """y = cos(x)."""
    for i in range(x.size):
        y[i] = cos_f4(x[i])
    return 0


@kernel("i8(f4[:], f4[:])")
def tanh_all(x, y):
    """y = tanh(x)."""
    for i in range(x.size):
        y[i] = tanh_f4(x[i])
    return 0


@kernel("i8(u4[:], f4[:])")
def normal_all(words, y):
    """y = the normal numbers of words."""
    for i in range(words.size):
        y[i] = normal_f4(words[i])
    return 0
