"""The device functions of ``kernels.numbers.exponential`` over arrays, compiled for the test."""

from __future__ import annotations

from distsnn.kernels import kernel
from distsnn.kernels.numbers.exponential import exp_f4, expm1_f4, log1p_f4, mean_exp_f4


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
