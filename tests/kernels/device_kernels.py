"""Device functions as kernels of their own, in a file that the compiling process can import."""

from __future__ import annotations

import numpy as np

from distsnn.kernels import kernel
from distsnn.kernels.delivery.rows import mixed
from distsnn.kernels.draw.alias import look_up
from distsnn.kernels.draw.sources import draw_chunk, is_rejected
from distsnn.kernels.input.correlated import binomial_thresholds
from distsnn.kernels.numbers.circular import sine_of_turns
from distsnn.kernels.numbers.denormal import flushed
from distsnn.kernels.numbers.exponential_f8 import exp_f8
from distsnn.kernels.numbers.fixed_point import decayed, scaled_towards_zero, wrapped
from distsnn.kernels.numbers.threefry import unit_double
from distsnn.kernels.plastic.decay import decay
from distsnn.kernels.plastic.power import log_f4, power


@kernel("i8(i8, i4[:], i4[:])")
def write_wrapped(n_bits, x, out):
    """out = x as registers of n_bits bits and a sign."""
    for i in range(x.size):
        out[i] = wrapped(x[i], np.int32(n_bits))
    return 0


@kernel("i8(i4[:], i4[:], i4[:])")
def write_decayed(x, factor, out):
    """out = sign(x) floor(|x| factor / 4096)."""
    for i in range(x.size):
        out[i] = decayed(x[i], factor[i])
    return 0


@kernel("i8(i4[:], i4[:], i4[:])")
def write_scaled(x, exponent, out):
    """out = x 2^exponent, towards 0."""
    for i in range(x.size):
        out[i] = scaled_towards_zero(x[i], exponent[i])
    return 0


@kernel("i8(f4[:], f4[:])")
def write_flushed(x, out):
    """out = x without what is below 1e-20."""
    for i in range(x.size):
        out[i] = flushed(x[i])
    return 0


@kernel("i8(u4[:], u4[:], f8[:])")
def write_doubles(x, y, out):
    """out = doubles of pairs of words."""
    for i in range(x.size):
        out[i] = unit_double(x[i], y[i])
    return 0


@kernel("i8(u8[:], u8[:])")
def write_mixed(x, out):
    """out = x with its bits stirred."""
    for i in range(x.size):
        out[i] = mixed(x[i])
    return 0


@kernel("i8(i8[:], f4[:,:], f4[:,:], f4[:])")
def write_decay(k, fine, coarse, out):
    """out = exp(-k / tau) of the first row of the tables."""
    for i in range(k.size):
        out[i] = decay(k[i], fine[0], coarse[0])
    return 0


@kernel("i8(f4[:], f4[:], f4[:], f4[:])")
def write_powers(x, mu, out, logarithms):
    """out = x^mu; logarithms = log(x) where x is not 0."""
    for i in range(x.size):
        out[i] = power(x[i], mu[i])
        logarithms[i] = log_f4(x[i]) if x[i] > np.float32(0.0) else np.float32(0.0)
    return 0


@kernel("i8(i8, u4[:], u4[:], u4[:])")
def write_outcomes(bits, words, table, out):
    """out = outcomes of an alias table."""
    mask, low_mask = np.uint32((1 << bits) - 1), np.uint32((1 << (32 - bits)) - 1)
    for i in range(words.size):
        out[i] = look_up(words[i], np.uint32(bits), mask, low_mask, table)
    return 0


@kernel("i8(i8, u4[:], u1[:])")
def write_rejected(n, words, out):
    """out = whether a word is rejected for integers below n."""
    limit = np.uint32(np.uint64(1 << 32) % np.uint64(n))
    for i in range(words.size):
        out[i] = np.uint8(is_rejected(words[i], np.uint32(n), limit))
    return 0


@kernel("i8(i8, i8, i8, i8, i8, i8, i8, u4[:])")
def write_chunk(key_low, key_high, identity, chunk, n, first, gap, out):
    """out[:32] = a chunk of integers."""
    limit = np.uint32(np.uint64(1 << 32) % np.uint64(n))
    draw_chunk(
        np.uint32(key_low), np.uint32(key_high), np.uint32(identity), chunk, np.uint32(n), limit,
        np.uint32(first), np.uint32(gap), out, 0,
    )  # fmt: skip
    return 0


@kernel("i8(f8[:], f8[:], f8[:], f8[:])")
def write_double_functions(x, exponentials, sines, cosines):
    """Write exp(x), sin(2 pi x) and cos(2 pi x)."""
    for i in range(x.size):
        exponentials[i] = exp_f8(x[i])
        sines[i], cosines[i] = sine_of_turns(x[i])
    return 0


@kernel("i8(i8, f8[:], u4[:])")
def write_binomial(n, p, out):
    """Write the thresholds of Binomial(n, p[0]); return their number."""
    return binomial_thresholds(n, p[0], out)
