"""Compares the descriptions that the ranks have of one object."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

Parts = Sequence[tuple[str, str]]  # name of each part, and its value as text

MAX_SHOWN = 60  # characters of a value in a message
REMEDY = "Let the description depend on its parameters alone, and give random generators a seed."


def digest_of(parts: Parts) -> str:
    """Return a digest of all names and values."""
    digest = hashlib.blake2b(digest_size=16)
    for name, value in parts:
        digest.update(f"{name}\0{value}\0".encode())
    return digest.hexdigest()


def difference(subject: str, of_ranks: Sequence[Parts]) -> str:
    """Return a message that names the first difference between rank 0 and the first rank that differs.

    subject: name of the object that is described. of_ranks: the description of each rank.
    """
    first = of_ranks[0]
    rank = next((r for r, parts in enumerate(of_ranks) if list(parts) != list(first)), 0)
    other = of_ranks[rank]
    for (name, value), (other_name, other_value) in zip(first, other, strict=False):
        if name != other_name:
            return _message(subject, name, rank, other_name)
        if value != other_value:
            return _message(subject, f"{name} {_shortened(value)}", rank, _shortened(other_value))
    # One description is the beginning of the other: name the first part that only the longer one has.
    longer = first if len(first) > len(other) else other
    extra = longer[min(len(first), len(other))][0] if len(first) != len(other) else "the same"
    value, other_value = (extra, "none") if longer is first else ("none", extra)
    return _message(subject, value, rank, other_value)


def _message(subject: str, value: str, rank: int, other_value: str) -> str:
    got = f"{value} on rank 0, {other_value} on rank {rank}"
    return f"{subject}: must be the same on all ranks, got {got}. {REMEDY}"


def _shortened(text: str) -> str:
    return text if len(text) <= MAX_SHOWN else f"{text[: MAX_SHOWN - 3]}..."
