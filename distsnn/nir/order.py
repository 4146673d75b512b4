"""The order in which a step passes the nodes of a graph, and the edges that lead back."""

from __future__ import annotations

from dataclasses import dataclass

from distsnn.nir.graph import Graph
from distsnn.nir.nodes.kinds import NEURONS


@dataclass(frozen=True)
class Order:
    """names: every node after all that reach it, but for edges that lead back to neurons."""

    graph: Graph
    names: tuple[str, ...]
    closing: frozenset[tuple[str, str]]

    def before(self, name: str) -> list[str]:
        """Return the nodes that reach a node in the same step."""
        return [source for source in self.graph.before(name) if (source, name) not in self.closing]

    def back(self, name: str) -> list[str]:
        """Return the nodes that reach a node one step later."""
        return [source for source in self.graph.before(name) if (source, name) in self.closing]


def in_order(graph: Graph, start: str) -> Order:
    """Return the order from the Input on. Raises InputFileError for loops without neurons.

    A loop is cut where it enters a node of neurons, the first that is met from the Input.
    """
    after = _targets(graph)
    closing: set[tuple[str, str]] = set()
    done: list[str] = []
    state: dict[str, bool] = {start: False}  # False: on the path from the start, True: behind it
    stack = [(start, iter(after.get(start, [])))]
    # Depth first: an edge onto the path itself closes a loop.
    while stack:
        name, targets = stack[-1]
        target = next(targets, None)
        if target is None:
            stack.pop()
            state[name] = True
            done.append(name)
        elif target not in state:
            state[target] = False
            stack.append((target, iter(after.get(target, []))))
        elif not state[target]:
            closing.add(_cut(graph, [name for name, _ in stack], target))
    unreached = [name for name in graph.nodes if name not in state]
    if unreached:
        limit = "a graph whose nodes are all reached from the Input"
        raise graph.refused(limit, repr(graph.nodes[unreached[0]]), "Join or remove it.")
    return Order(graph, tuple(reversed(done)), frozenset(closing))


def _targets(graph: Graph) -> dict[str, list[str]]:
    targets: dict[str, list[str]] = {}
    for source, target in sorted(graph.edges):
        targets.setdefault(source, []).append(target)
    return targets


def _cut(graph: Graph, path: list[str], target: str) -> tuple[str, str]:
    """Return the edge that closes a loop: it enters a node of neurons."""
    if graph.nodes[target].kind not in NEURONS:
        loop = path[path.index(target) :]
        limit = "a graph whose loops are entered at a node of neurons"
        raise graph.refused(limit, f"one at {graph.nodes[loop[0]]!r}", "Change the graph.")
    return path[-1], target
