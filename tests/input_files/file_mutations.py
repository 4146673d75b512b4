"""Damages files, the same way for the same seed."""

from __future__ import annotations

import random
from collections.abc import Iterator

# What headers say of sizes: limits of types, one more, one less, and far beyond.
SIZES = tuple(
    (value % 2 ** (8 * width)).to_bytes(width, order)
    for width in (1, 2, 4, 8)
    for value in (
        0,
        1,
        -1,
        -2,
        2 ** (8 * width - 1),
        2 ** (8 * width - 1) - 1,
        2 ** (8 * width - 4),
    )
    for order in ("little", "big")
)
WORDS = (
    b"nan", b"inf", b"-1", b"1e400", b"9" * 40, b"\xff\xfe", b"\0", b"\n", b",", b'"', b"{", b"[" * 9,
    b"1e-400", b"true", b"null", b"0x10", "é".encode(), b"-0.0", b"(", b"%", b"#",
)  # fmt: skip


def mutated(content: bytes, seed: int) -> bytes:
    """Return damaged content; one to four damages of all kinds."""
    rng = random.Random(seed)
    data = bytearray(content)
    for _ in range(rng.choice((1, 1, 1, 2, 4))):
        at = rng.randrange(len(data) + 1)
        # Headers stand at the beginning, directories at the end.
        if rng.random() < 0.5:
            at = min(at, rng.randrange(64))
        elif rng.random() < 0.2:
            at = max(0, len(data) - 1 - rng.randrange(128))
        _damage(data, at, rng)
    return bytes(data)


def _damage(data: bytearray, at: int, rng: random.Random) -> None:
    kind = rng.randrange(9)
    if kind == 0 and at < len(data):
        data[at] ^= 1 << rng.randrange(8)
    elif kind == 1:
        del data[at:]
    elif kind == 2:
        size = rng.choice(SIZES)
        data[at : at + len(size)] = size
    elif kind == 3:
        del data[at : at + rng.randint(1, 16)]
    elif kind == 4:
        data[at:at] = rng.randbytes(rng.randint(1, 16))
    elif kind == 5:
        part = data[at : at + rng.randint(1, 64)]
        place = rng.randrange(len(data) + 1)
        data[place:place] = part
    elif kind == 6:
        n = rng.randint(1, 64)
        data[at : at + n] = bytes(min(n, len(data) - at))
    elif kind == 7:
        word = rng.choice(WORDS)
        data[at : at + rng.choice((0, len(word)))] = word
    else:
        n = rng.randint(1, 8)
        data[at : at + n] = rng.randbytes(n)


def mutations(content: bytes, first_seed: int = 0) -> Iterator[bytes]:
    """Give damaged contents without end: first the empty file and cuts, then all kinds."""
    yield b""
    for n in range(1, 8):
        yield content[: n * len(content) // 8]
    seed = first_seed
    while True:
        yield mutated(content, seed)
        seed += 1
