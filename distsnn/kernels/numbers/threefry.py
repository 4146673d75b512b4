"""Threefry-2x32: random words as a function of a key and a counter, without any state.

Source: Salmon, Moraes, Dror & Shaw 2011, Parallel random numbers: as easy as 1, 2, 3 (SC11). 13
rounds pass all of BigCrush. A key belongs to a purpose (``stream_key``), a counter to an identity
and the number of the draw, so that no draw depends on rank, order or what was drawn before.

Draws come in chunks of 16 counters = 32 words: chunk c of identity i has the counters
(i, 16 c + j); the first words of all 16 come first, then the second words. So a loop over 16 fills
one vector.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from distsnn.kernels.compile.declare import device

PARITY = 0x1BD11BDA
ROTATIONS = (13, 15, 26, 6, 17, 29, 16, 24)
N_ROUNDS = 13
CHUNK = 32  # words
HALF = 16  # counters of a chunk


@device
def mix(x, y, rotation):
    """Apply one round: add, rotate, exclusive or."""
    x = np.uint32(x + y)
    turned = np.uint32((y << np.uint32(rotation)) | (y >> np.uint32(32 - rotation)))
    return x, np.uint32(turned ^ x)


@device
def inject(x, y, key_x, key_y, number):
    """Add the key; done after every fourth round."""
    return np.uint32(x + key_x), np.uint32(y + np.uint32(key_y + np.uint32(number)))


@device
def threefry(key_low, key_high, counter_low, counter_high):
    """Return two random uint32 words; all four arguments are uint32."""
    key_third = np.uint32(key_low ^ key_high ^ np.uint32(PARITY))
    x = np.uint32(counter_low + key_low)
    y = np.uint32(counter_high + key_high)
    x, y = mix(x, y, 13)
    x, y = mix(x, y, 15)
    x, y = mix(x, y, 26)
    x, y = mix(x, y, 6)
    x, y = inject(x, y, key_high, key_third, 1)
    x, y = mix(x, y, 17)
    x, y = mix(x, y, 29)
    x, y = mix(x, y, 16)
    x, y = mix(x, y, 24)
    x, y = inject(x, y, key_third, key_low, 2)
    x, y = mix(x, y, 13)
    x, y = mix(x, y, 15)
    x, y = mix(x, y, 26)
    x, y = mix(x, y, 6)
    x, y = inject(x, y, key_low, key_high, 3)
    return mix(x, y, 17)


@device
def fill_words(key_low, key_high, identity, chunk, n_chunks, words):
    """words[:32 n_chunks] = the words of the chunks chunk .. chunk + n_chunks - 1."""
    half = min(HALF, words.size)  # = HALF; a constant loop would be unrolled, not vectorised
    for c in range(n_chunks):
        first = np.uint64(c * CHUNK)
        counter = np.uint32((chunk + c) * HALF)
        for j in range(half):
            x, y = threefry(key_low, key_high, identity, np.uint32(counter + np.uint32(j)))
            words[first + np.uint64(j)] = x
            words[first + np.uint64(HALF + j)] = y


@device
def unit_double(x, y):
    """Return a float64 in (0, 1), never 0 nor 1, from two words."""
    word = (np.uint64(x) << np.uint64(32)) | np.uint64(y)
    return (np.float64(np.int64(word >> np.uint64(12))) + 0.5) * 2.0**-52


def threefry_words(
    key: tuple[int, int], counter: tuple[int, int], n_rounds: int = N_ROUNDS
) -> tuple[int, int]:
    """Return the same two words, computed with Python integers, for any number of rounds."""
    mask = 0xFFFFFFFF
    keys = (key[0], key[1], key[0] ^ key[1] ^ PARITY)
    x, y = (counter[0] + keys[0]) & mask, (counter[1] + keys[1]) & mask
    for i in range(n_rounds):
        rotation = ROTATIONS[i % 8]
        x = (x + y) & mask
        y = (((y << rotation) | (y >> (32 - rotation))) & mask) ^ x
        if i % 4 == 3:
            number = i // 4 + 1
            x = (x + keys[number % 3]) & mask
            y = (y + keys[(number + 1) % 3] + number) & mask
    return x, y


@lru_cache(maxsize=1 << 15)  # a projection's keys are used several times while it is built
def stream_key(seed: int, purpose: str, *ids: int) -> int:
    """Return the 64-bit key of the draws for one purpose and the objects that ``ids`` identify.

    seed, ids: integers in [0, 2^64). Each 64-bit word is enciphered with the key so far.
    """
    text = purpose.encode()
    parts = [text[i : i + 8] for i in range(0, len(text), 8)]
    words = [len(text), *(int.from_bytes(part, "little") for part in parts), *ids]
    key = (seed & 0xFFFFFFFF, seed >> 32)
    for word in words:
        key = threefry_words(key, (word & 0xFFFFFFFF, word >> 32))
    return key[0] | key[1] << 32
