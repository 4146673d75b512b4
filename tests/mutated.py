"""Files with a few wrong bytes, always the same ones: what a reader must refuse in one line."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from time import perf_counter

from distsnn.errors import DistsnnError

TOKENS = (
    b"nan", b"inf", b"-1", b"0", b"1e400", b"9" * 400, b"9" * 5000, b"[", b"]", b"{", b'"', b"'",
    b"=", b"\n", b"\x00", b"\xff", b"#", b",", b"true", b"2026-11-30", b'"""', b"\\", b".", b"0x10",
    b"[" * 2000,
)  # fmt: skip
MAX_SHOWN = 600  # characters of a message


def mutations(content: bytes, seed: int) -> Iterator[bytes]:
    """Yield copies of a file with one to four places changed: bits, pieces, tokens, its end."""
    rng = random.Random(seed)
    while True:
        changed = bytearray(content)
        for _ in range(rng.randint(1, 4)):
            at = rng.randrange(len(changed) + 1)
            end = min(len(changed), at + rng.choice((1, 1, 3, 20)))
            kind = rng.randrange(6)
            if kind == 0 and at < len(changed):
                changed[at] ^= 1 << rng.randrange(8)
            elif kind == 1:
                changed[at:at] = rng.choice(TOKENS)
            elif kind == 2:
                changed[at:end] = rng.choice(TOKENS)
            elif kind == 3:
                del changed[at:end]
            elif kind == 4:
                other = rng.randrange(len(changed) + 1)
                changed[at:at] = changed[other : other + 30]
            elif rng.random() < 0.1:
                del changed[at:]
        yield bytes(changed)


def refused_in_one_line(
    read: Callable[[bytes], object], contents: Iterator[bytes], n: int, name: str
) -> int:
    """Read n contents; return how many were refused. All must be by the product's own errors.

    name: what every message names. None may take longer than two seconds.
    """
    n_refused = 0
    for _ in range(n):
        content = next(contents)
        began = perf_counter()
        try:
            read(content)
        except DistsnnError as error:
            text = str(error)
            assert name in text, text[:MAX_SHOWN]
            assert "\n" not in text, text[:MAX_SHOWN]
            assert len(text) < MAX_SHOWN, text
            n_refused += 1
        assert perf_counter() - began < 2.0, content[:MAX_SHOWN]
    return n_refused
