"""Compartments joined as a tree: names, parents and what a tree must satisfy."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from distsnn.errors import NetworkError

MOST_COMPARTMENTS = 64


class Named(Protocol):
    """What every compartment has: a name, and its parent's (None for the root)."""

    @property
    def name(self) -> str:
        """The compartment's name; it is also its receptor's."""

    @property
    def parent(self) -> str | None:
        """Name of the compartment that it is joined to, None for the root."""


def require_tree(thing: str, compartments: Sequence[Any]) -> None:
    """Raise NetworkError unless the first is the root and every other follows its parent."""
    if not 1 <= len(compartments) <= MOST_COMPARTMENTS:
        raise NetworkError(
            f"{thing}: has {len(compartments)} compartments, limit 1 to {MOST_COMPARTMENTS}. "
            "Split the neuron."
        )
    seen: list[str] = []
    for compartment in compartments:
        name = compartment.name
        if not isinstance(name, str) or not name.isidentifier() or name in seen:
            raise NetworkError(
                f"{thing}: a compartment is named {name!r}, limit letters, digits and _, each name "
                "once. Choose another."
            )
        if seen and compartment.parent not in seen:
            raise NetworkError(
                f"{thing}: compartment {name} has the parent {compartment.parent!r}, limit one "
                f"named before it ({', '.join(seen)}). List parents before their children."
            )
        if not seen and compartment.parent is not None:
            raise NetworkError(
                f"{thing}: the first compartment {name} has the parent {compartment.parent!r}, "
                "limit none: it is the root. List the root first."
            )
        seen.append(name)


def parents_of(compartments: Sequence[Named]) -> list[int]:
    """Return each compartment's parent's index, -1 for the root."""
    names = [compartment.name for compartment in compartments]
    return [-1 if c.parent is None else names.index(c.parent) for c in compartments]
