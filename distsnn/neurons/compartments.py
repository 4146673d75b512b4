"""Compartments joined as a tree: names, parents and what a tree must satisfy."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol, runtime_checkable

from distsnn.checks import must_be, shown
from distsnn.errors import NetworkError
from distsnn.neurons.model import NeuronModel

MAX_COMPARTMENTS = 64


@runtime_checkable
class Named(Protocol):
    """What every compartment has: a name, and its parent's (None for the root)."""

    @property
    def name(self) -> str:
        """The compartment's name; it is also its receptor's."""

    @property
    def parent(self) -> str | None:
        """Name of the compartment that it is joined to, None for the root."""


class TreeModel(NeuronModel):
    """What neurons of several compartments share: one receptor per compartment, with its name."""

    compartments: tuple[Any, ...]

    @property
    def n_compartments(self) -> int:
        """Number of compartments, each of which takes a place on its core."""
        return len(self.compartments)

    @property
    def receptors(self) -> tuple[str, ...]:
        """Names of the compartments."""
        return tuple(part.name for part in self.compartments)


def require_tree(thing: str, compartments: Any, kind: type) -> None:
    """Raise NetworkError unless the first is the root and every other follows its parent.

    kind: the class of each compartment.
    """
    is_tuple = isinstance(compartments, tuple)
    if not is_tuple or not all(isinstance(one, kind) for one in compartments):
        limit = f"a tuple of {kind.__name__}"
        raise NetworkError(
            must_be(f"{thing}.compartments", limit, compartments, "List them in brackets.")
        )
    if not 1 <= len(compartments) <= MAX_COMPARTMENTS:
        raise NetworkError(
            f"{thing}.compartments: must be 1 to {MAX_COMPARTMENTS}, got {len(compartments)}. "
            "Split the neuron."
        )
    seen: list[str] = []
    for compartment in compartments:
        name = compartment.name
        if not isinstance(name, str) or not name.isidentifier() or name in seen:
            raise NetworkError(
                f"{thing}.compartments: each name must be letters, digits and _, and taken once, "
                f"got {shown(name)}. Choose another name."
            )
        if seen and compartment.parent not in seen:
            raise NetworkError(
                f"{thing}: the parent of compartment {name} must be named before it "
                f"({', '.join(seen)}), got {shown(compartment.parent)}. List parents before their "
                "children."
            )
        if not seen and compartment.parent is not None:
            raise NetworkError(
                f"{thing}: the parent of the first compartment {name} must be None, since it is "
                f"the root, got {shown(compartment.parent)}. List the root first."
            )
        seen.append(name)


def parents_of(compartments: Sequence[Named]) -> list[int]:
    """Return each compartment's parent's index, -1 for the root."""
    names = [compartment.name for compartment in compartments]
    return [-1 if c.parent is None else names.index(c.parent) for c in compartments]
