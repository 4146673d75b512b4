"""What differs between the descriptions that ranks have of one thing."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

Parts = Sequence[tuple[str, str]]  # what it is, and its value as text

MAX_SHOWN = 60  # characters of a value
REMEDY = "Let the description depend on its parameters alone, and give random generators a seed."


def digest_of(parts: Parts) -> str:
    """Return a digest of all parts."""
    digest = hashlib.blake2b(digest_size=16)
    for what, value in parts:
        digest.update(f"{what}\0{value}\0".encode())
    return digest.hexdigest()


def difference(thing: str, of_ranks: Sequence[Parts]) -> str:
    """Return one line that says what differs first between rank 0 and the first rank that does."""
    first = of_ranks[0]
    rank = next((r for r, parts in enumerate(of_ranks) if list(parts) != list(first)), 0)
    other = of_ranks[rank]
    for (what, value), (other_what, other_value) in zip(first, other, strict=False):
        if what != other_what:
            return _line(thing, what, rank, other_what)
        if value != other_value:
            return _line(thing, f"{what} {_short(value)}", rank, _short(other_value))
    longer = first if len(first) > len(other) else other
    more = longer[min(len(first), len(other))][0] if len(first) != len(other) else "the same"
    has, has_not = (more, "none") if longer is first else ("none", more)
    return _line(thing, has, rank, has_not)


def _line(thing: str, value: str, rank: int, other: str) -> str:
    got = f"{value} on rank 0, {other} on rank {rank}"
    return f"{thing}: must be the same on all ranks, got {got}. {REMEDY}"


def _short(text: str) -> str:
    return text if len(text) <= MAX_SHOWN else f"{text[: MAX_SHOWN - 3]}..."
