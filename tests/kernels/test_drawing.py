"""Integers and outcomes that kernels draw, word by word, against plain integers."""

from __future__ import annotations

import numpy as np
import pytest
from device_kernels import write_chunk, write_outcomes, write_rejected

from distsnn.kernels.draw.alias import build_alias
from distsnn.kernels.draw.distinct import fill_everyone
from distsnn.kernels.draw.sources import NO_GAP
from distsnn.kernels.numbers.threefry import threefry_words

ALL = 2**32


@pytest.mark.parametrize("bits", [0, 1, 3, 8])
def test_every_outcome_gets_its_words(bits):
    """In each column the words below the threshold are its own; counted up they are what was asked."""
    rng = np.random.default_rng(bits)
    n = 1 << bits
    share = rng.dirichlet(np.full(n, 0.3))
    words = np.floor(share * ALL).astype(np.int64)
    words[np.argmax(words)] += ALL - words.sum()
    table, waiting = np.empty(n, np.uint32), np.empty(n, np.int32)
    build_alias(bits, words.copy(), waiting, table)
    column = ALL >> bits
    got = np.zeros(n, np.int64)
    for c in range(n):
        threshold, other = int(table[c]) >> bits, int(table[c]) & (n - 1)
        probes = {0, threshold - 1, threshold, column - 1}
        low = np.array(sorted(v for v in probes if 0 <= v < column), np.uint32)
        out = np.empty_like(low)
        write_outcomes(bits, np.uint32(c * column) + low, table, out)
        assert out.tolist() == [c if v < threshold else other for v in low.tolist()]
        got[c] += threshold
        got[other] += column - threshold
    assert np.array_equal(got, words)


@pytest.mark.parametrize("n", [1, 2, 3, 1000, 3 * 2**30, 2**32 - 1])
def test_integers_are_exactly_equally_likely(n):
    """Of the words whose high half of word * n is k, as many stay for every k."""
    rng = np.random.default_rng(n)
    kept = ALL // n  # words of each integer
    for k in sorted({k for k in (0, 1, n // 3, n - 2, n - 1) if 0 <= k < n}):
        first, end = -(-k * ALL // n), -(-(k + 1) * ALL // n)
        assert end - first in (kept, kept + 1)
        near = sorted({*range(first, min(end, first + 3)), *range(max(first, end - 3), end)})
        some = rng.integers(first, end, 20).tolist()
        words = np.array([*near, *some], np.uint32)
        out = np.empty(words.size, np.uint8)
        write_rejected(n, words, out)
        plain = [int(w) * n % ALL < ALL % n for w in words]
        assert out.tolist() == plain
        # Only the first word of an integer can be too many.
        assert not any(plain[1 : len(near)])
        assert plain[0] == (end - first > kept and ALL % n > 0)


@pytest.mark.parametrize(
    ("n", "first", "gap"), [(1000, 0, NO_GAP), (77, 300, 310), (3 * 2**30, 0, 5)]
)
def test_a_chunk_of_integers(n, first, gap):
    """Words by Threefry in plain integers; a rejected one is drawn again with another key."""
    key, identity, chunk = (123, 456), 9, 4
    out = np.empty(32, np.uint32)
    write_chunk(*key, identity, chunk, n, first, gap, out)
    plain, n_rejected = [], 0
    for j in range(32):
        x = threefry_words(key, (identity, 16 * chunk + j % 16))[j // 16]
        attempt = 0
        while x * n % ALL < ALL % n:
            attempt += 1
            n_rejected += 1
            pair = threefry_words((key[0] ^ attempt, key[1]), (identity, 2**31 | 32 * chunk + j))
            x = next((word for word in pair if word * n % ALL >= ALL % n), x)
        value = x * n // ALL + first
        plain.append(value + (value >= gap))
    assert out.tolist() == plain
    assert n_rejected > 3 or n < 2**30


def test_everyone_but_oneself():
    counts, out = np.full(3, 4, np.int32), np.empty(12, np.uint32)
    assert fill_everyone(1, 5, 1, counts, out) == 12
    assert out.reshape(3, 4).tolist() == [[0, 2, 3, 4], [0, 1, 3, 4], [0, 1, 2, 4]]
    everyone = np.empty(10, np.uint32)
    assert fill_everyone(1, 5, 0, np.full(2, 5, np.int32), everyone) == 10
    assert everyone.reshape(2, 5).tolist() == [[0, 1, 2, 3, 4]] * 2
