"""A graph of the Neuromorphic Intermediate Representation as plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from distsnn.errors import InputFileError

Shape = tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Node:
    """One node of a graph.

    name: in the whole graph; nodes of a subgraph are called ``subgraph.node``. kind: as NIR names it.
    numbers: its numeric fields, arrays of their own shapes. texts: fields that are text.
    """

    name: str
    kind: str
    numbers: Mapping[str, np.ndarray]
    texts: Mapping[str, str] = field(default_factory=dict)

    def __repr__(self) -> str:
        return f"{self.kind} {self.name!r}"


@dataclass(frozen=True, eq=False)
class Graph:
    """Nodes by name, and edges from node to node; subgraphs are resolved.

    source: the file that it was read from, for messages.
    """

    source: str
    nodes: Mapping[str, Node]
    edges: tuple[tuple[str, str], ...]

    def before(self, name: str) -> list[str]:
        """Return the nodes whose output a node takes, by name."""
        return sorted({source for source, target in self.edges if target == name})

    def only(self, kind: str) -> Node:
        """Return the node of a kind of which a graph has one. Raises InputFileError."""
        nodes = [node for node in self.nodes.values() if node.kind == kind]
        if len(nodes) != 1:
            limit = f"a graph with one {kind} node"
            raise self.refused(limit, f"{len(nodes)}", "Export it with one.")
        return nodes[0]

    def refused(
        self, limit: str, got: str, remedy: str, node: Node | None = None
    ) -> InputFileError:
        """Return the one-line error about the graph or one of its nodes."""
        subject = self.source if node is None else f"{self.source}: {node}"
        return InputFileError(f"{subject}: must be {limit}, got {got}. {remedy}")
