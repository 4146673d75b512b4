"""Arithmetic of kernels against Python's integers and numpy's float64."""

from __future__ import annotations

import numpy as np
import pytest
from device_kernels import (
    write_decay,
    write_decayed,
    write_doubles,
    write_flushed,
    write_mixed,
    write_powers,
    write_scaled,
    write_wrapped,
)

from distsnn.kernels.numbers.digest import digest_spikes, digest_state
from distsnn.kernels.plastic.decay import decay_tables

RNG_SEED = 7
U64 = 2**64 - 1


def integers(bits: int, n: int = 4000) -> np.ndarray:
    """Return int32 of all sizes below 2^bits, both signs, the bounds included."""
    rng = np.random.default_rng(RNG_SEED)
    x = rng.integers(0, 2**bits, n) >> rng.integers(0, bits, n)
    x *= rng.choice([-1, 1], n)
    edges = [0, 1, -1, 2**bits - 1, 1 - 2**bits, 4095, 4096, -4096]
    return np.concatenate([edges, x]).astype(np.int32)


@pytest.mark.parametrize("n_bits", [7, 23, 30])
def test_registers_wrap_as_twos_complement(n_bits):
    """A register of n bits and a sign holds -2^n .. 2^n - 1 and counts modulo 2^(n + 1)."""
    x, period = integers(31), 2 ** (n_bits + 1)
    out = np.empty_like(x)
    write_wrapped(n_bits, x, out)
    plain = [(int(v) + period // 2) % period - period // 2 for v in x]
    assert out.tolist() == plain


def test_decay_keeps_all_digits_of_the_product():
    x = integers(31)
    factor = np.random.default_rng(1).integers(0, 4097, x.size).astype(np.int32)
    factor[:3] = 0, 4096, 4095
    out = np.empty_like(x)
    write_decayed(x, factor, out)
    plain = [
        (abs(int(v)) * int(f) // 4096) * (-1 if v < 0 else 1)
        for v, f in zip(x, factor, strict=True)
    ]
    assert out.tolist() == plain


def test_scaling_rounds_towards_zero():
    x = integers(15)
    exponent = np.random.default_rng(2).integers(-31, 16, x.size).astype(np.int32)
    out = np.empty_like(x)
    write_scaled(x, exponent, out)
    plain = [int(int(v) * 2.0 ** int(e)) for v, e in zip(x, exponent, strict=True)]
    assert out.tolist() == plain


def test_what_has_decayed_is_nothing():
    x = np.array([0, 1e-20, -1e-20, 9.9e-21, -9.9e-21, 1e-45, 1, -3e38], np.float32)
    out = np.empty_like(x)
    write_flushed(x, out)
    kept = np.abs(x) >= np.float32(1e-20)
    assert np.array_equal(out, np.where(kept, x, 0))
    assert kept.tolist() == [False, True, True, False, False, False, True, True]


def test_doubles_are_inside_the_unit_interval():
    """The middle of one of 2^52 equal parts, by the upper 52 bits of both words."""
    rng = np.random.default_rng(3)
    x, y = rng.integers(0, 2**32, (2, 1000), dtype=np.uint32)
    x[:2], y[:2] = (0, 2**32 - 1), (0, 2**32 - 1)
    out = np.empty(x.size)
    write_doubles(x, y, out)
    plain = [((int(a) << 32 | int(b)) // 4096 + 0.5) / 2**52 for a, b in zip(x, y, strict=True)]
    assert out.tolist() == plain
    assert out.min() > 0.0
    assert out.max() < 1.0


def splitmix(x: int) -> int:
    """The finaliser as published (Steele, Lea & Flood 2014, and Vigna's splitmix64.c)."""
    x = ((x ^ (x >> 30)) * 0xBF58476D1CE4E5B9) & U64
    x = ((x ^ (x >> 27)) * 0x94D049BB133111EB) & U64
    return x ^ (x >> 31)


def test_stirred_bits_are_those_of_splitmix():
    x = np.random.default_rng(4).integers(0, 2**64, 100, dtype=np.uint64)
    out = np.empty_like(x)
    write_mixed(x, out)
    assert out.tolist() == [splitmix(int(v)) for v in x]
    # First outputs of splitmix64 for seed 0: the state advances by the golden ratio's word.
    golden = 0x9E3779B97F4A7C15
    assert splitmix(golden) == 0xE220A8397B1DCDAF
    assert splitmix(2 * golden & U64) == 0x6E789E6AA1B965F4


def test_digests_are_sums_over_all():
    rng = np.random.default_rng(5)
    step, gid = rng.integers(0, 2**32, (2, 50), dtype=np.uint32)
    digest = np.array([11], np.uint64)
    digest_spikes(step, gid, digest)
    spikes = (splitmix(int(s) << 32 | int(g)) for s, g in zip(step, gid, strict=True))
    assert int(digest[0]) == (11 + sum(spikes)) & U64
    digest[0] = 0
    digest_state(1000, 3, gid, digest)
    states = (splitmix(splitmix(1000 + i + (3 << 40)) ^ int(b)) for i, b in enumerate(gid))
    assert int(digest[0]) == sum(states) & U64


@pytest.mark.parametrize("tau", [1e-300, 1e-3, 0.7, 20.0, 3333.3, 1e6])
def test_tables_of_decay(tau):
    """Two roundings and a product: three halves of the last digit; nothing below 1e-12."""
    fine, coarse = decay_tables([tau])
    k = np.unique(np.r_[0, 1, 2, 1023, 1024, 1025, np.geomspace(1, 40 * max(tau, 1), 500)])
    k = np.minimum(k, 2**31 - 1).astype(np.int64)
    out = np.empty(k.size, np.float32)
    write_decay(k, fine, coarse, out)
    with np.errstate(over="ignore"):
        exact = np.exp(-k / tau)
    assert out[0] == 1.0
    seen = exact > 1e-12
    assert (np.abs(out[seen] / exact[seen] - 1) < 1.6 * 2.0**-23).all()
    assert (out[~seen] < 1e-12).all()


def test_powers_and_logarithms():
    rng = np.random.default_rng(6)
    x = np.r_[0.0, 1.0, 1e-31, 0.5, np.geomspace(1e-29, 1.0, 400)].astype(np.float32)
    for mu in (0.0, 1.0, 0.02, 0.4, 3.0, *rng.uniform(0, 2, 5)):
        out, logarithms = np.empty_like(x), np.empty_like(x)
        write_powers(x, np.full(x.size, mu, np.float32), out, logarithms)
        exponent = float(np.float32(mu))
        plain = x.astype(np.float64) ** exponent
        if 0.0 < exponent != 1.0:
            plain[x < 1e-30] = 0.0
        big = plain > 1e-30
        # The logarithm's error, relative to the largest |mu log x| = 70, becomes the power's.
        assert (np.abs(out[big] / plain[big] - 1) < 3e-7 * (1 + 67 * exponent)).all()
        assert (out[~big] <= 1.1e-30).all()
    logs = np.log(x[4:].astype(np.float64))
    assert (np.abs(logarithms[4:] - logs) <= 2e-7 * np.maximum(1, np.abs(logs))).all()
