"""Threefry-2x32: known answers, the compiled form against plain integers, and its statistics."""

from __future__ import annotations

import numpy as np
import pytest
from sampling import P_LIMIT, chi_square
from word_kernel import write_words

from distsnn.kernels.numbers.threefry import stream_key, threefry_words
from distsnn.network.draw import draw_uniform

ONES = 0xFFFFFFFF
# Published with the reference implementation (Random123, kat_vectors). The digits of pi as key and
# counter are its third case.
KNOWN = [
    (20, (0, 0), (0, 0), (0x6B200159, 0x99BA4EFE)),
    (20, (ONES, ONES), (ONES, ONES), (0x1CB996FC, 0xBB002BE7)),
    (20, (0x13198A2E, 0x03707344), (0x243F6A88, 0x85A308D3), (0xC4923A9C, 0x483DF7A0)),
    (13, (0, 0), (0, 0), (0x9D1C5EC6, 0x8BD50731)),
    (13, (ONES, ONES), (ONES, ONES), (0xFD36D048, 0x2D17272C)),
    (13, (0x13198A2E, 0x03707344), (0x243F6A88, 0x85A308D3), (0xBA3E4725, 0xF27D669E)),
]


def words_of(key: int, identity: int, n_chunks: int = 1, chunk: int = 0) -> np.ndarray:
    words = np.empty(32 * n_chunks, dtype=np.uint32)
    write_words(key & ONES, key >> 32, identity, chunk, n_chunks, words)
    return words


@pytest.mark.parametrize(("n_rounds", "key", "counter", "words"), KNOWN)
def test_known_answers(n_rounds, key, counter, words):
    assert threefry_words(key, counter, n_rounds) == words


@pytest.mark.parametrize("identity", [0, 1, 77, 2**31, ONES])
def test_compiled_equals_plain_integers(identity):
    key = stream_key(5, "test", identity)
    got = words_of(key, identity, n_chunks=2, chunk=3)
    for c in range(2):
        for j in range(16):
            expected = threefry_words((key & ONES, key >> 32), (identity, 16 * (3 + c) + j))
            assert (got[32 * c + j], got[32 * c + 16 + j]) == expected


def test_kernel_equals_its_python_source():
    words = np.empty(64, dtype=np.uint32)
    with np.errstate(over="ignore"):
        write_words.python(123, 456, 789, 2, 2, words)
    expected = np.empty(64, dtype=np.uint32)
    write_words(123, 456, 789, 2, 2, expected)
    assert (words == expected).all()


def test_uniform_in_every_byte():
    words = words_of(stream_key(1, "test"), 9, n_chunks=1 << 15)
    for shift in (0, 8, 16, 24):
        counts = np.bincount((words >> np.uint32(shift)) & 0xFF, minlength=256)
        assert chi_square(counts, np.full(256, words.size / 256)) > P_LIMIT


def test_neighbours_are_independent():
    """The joint distribution of 4-bit parts of words whose counter, identity or key is next."""
    n_chunks = 1 << 13
    first = words_of(stream_key(1, "test", 3), 9, n_chunks)
    others = {
        "next counter": words_of(stream_key(1, "test", 3), 9, n_chunks, chunk=1),
        "other word of the block": first.reshape(-1, 2, 16)[:, ::-1].ravel(),
        "next identity": words_of(stream_key(1, "test", 3), 10, n_chunks),
        "next stream": words_of(stream_key(1, "test", 4), 9, n_chunks),
        "next seed": words_of(stream_key(2, "test", 3), 9, n_chunks),
        "other purpose": words_of(stream_key(1, "tesu", 3), 9, n_chunks),
    }
    for name, second in others.items():
        for a, b in ((28, 28), (0, 0), (28, 0)):
            pairs = ((first >> np.uint32(a)) & 15) * 16 + ((second >> np.uint32(b)) & 15)
            counts = np.bincount(pairs, minlength=256)
            assert chi_square(counts, np.full(256, first.size / 256)) > P_LIMIT, name


def test_one_bit_of_the_counter_changes_half_of_the_words_bits():
    flips = []
    for bit in range(32):
        for counter in range(64):
            a = threefry_words((1, 2), (counter, 3))
            b = threefry_words((1, 2), (counter ^ 1 << bit, 3))
            flips.append(sum((x ^ y).bit_count() for x, y in zip(a, b, strict=True)))
    assert np.mean(flips) == pytest.approx(32.0, abs=5 * 4.0 / np.sqrt(len(flips)))


def test_stream_keys_differ():
    keys = {
        stream_key(seed, purpose, *ids)
        for seed in (0, 1, 2**32, 2**64 - 1)
        for purpose in ("", "a", "ab", "weights", "a long purpose of many words", "delays")
        for ids in [(), (0,), (1,), (0, 0), (0, 1), (1, 0), (2**32,), *((2, i) for i in range(99))]
    }
    assert len(keys) == 4 * 6 * 106
    assert all(0 <= key < 2**64 for key in keys)


def test_doubles_are_uniform_and_belong_to_neurons():
    key = stream_key(1, "initial", 0)
    u = draw_uniform(key, 0, 100_000)
    assert 0.0 < u.min() < 1e-4
    assert 1.0 - 1e-4 < u.max() < 1.0
    counts = np.bincount((u * 500).astype(int), minlength=500)
    assert chi_square(counts, np.full(500, u.size / 500)) > P_LIMIT
    assert (draw_uniform(key, 777, 1234) == u[777:1234]).all()
