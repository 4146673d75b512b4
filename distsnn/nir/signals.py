"""What each node of a graph passes on, as spikes of layers times matrices."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from distsnn.nir.graph import Graph, Node, Shape
from distsnn.nir.nodes.kinds import ENDS, NEURONS
from distsnn.nir.nodes.linear import linear_of
from distsnn.nir.nodes.neurons import MS_PER_S, Rules

MAX_ELEMENTS = 1 << 22
MAX_DELAY = 1 << 13


@dataclass(eq=False)
class Signal:
    """A sum over (layer, delay in steps) of spikes times a sparse matrix, and a bias.

    matrix: float64 [neurons of the layer, elements of the signal]. shape: of the signal.
    """

    shape: Shape
    parts: dict[tuple[str, int], Any] = field(default_factory=dict)
    bias: np.ndarray | None = None

    @property
    def size(self) -> int:
        """Number of elements."""
        return math.prod(self.shape)

    def add(self, key: tuple[str, int], matrix: Any) -> None:
        """Add spikes of a layer times a matrix."""
        self.parts[key] = self.parts[key] + matrix if key in self.parts else matrix


class Signals:
    """The signals of all nodes. Raises InputFileError for graphs that do not fit together."""

    def __init__(self, graph: Graph, rules: Rules) -> None:
        self.graph, self._rules = graph, rules
        self.input, self.output = self._end("Input"), self._end("Output")
        self.input_shape = _given_shape(graph, self.input)
        self._of_node = {self.input.name: _identity(self.input.name, self.input_shape)}
        # A node is passed once all before it are known; loops are entered at neurons.
        waiting = {name: graph.before(name) for name in graph.nodes if name not in self._of_node}
        while waiting:
            known = [name for name in waiting if all(b in self._of_node for b in waiting[name])]
            known = known or self._entered(waiting)
            for name in known:
                self._of_node[name] = self._passed_on(graph.nodes[name], waiting.pop(name))

    def into(self, node: Node) -> Signal:
        """Return the sum of what reaches a node."""
        return self._total(node, self.graph.before(node.name))

    def _end(self, kind: str) -> Node:
        """Return the Input or Output of the whole graph; those of subgraphs have further edges."""
        graph = self.graph
        # No edge leads to the Input, none from the Output.
        joined = {edge[kind == "Input"] for edge in graph.edges}
        ends = [n for n in graph.nodes.values() if n.kind == kind and n.name not in joined]
        if len(ends) != 1:
            limit = f"a graph with one {kind} node"
            raise graph.refused(limit, f"{len(ends)}", "Export it with one.")
        return ends[0]

    def _entered(self, waiting: dict[str, list[str]]) -> list[str]:
        """Return the neurons through which a loop is entered: their spikes need no input first."""
        graph = self.graph
        # Shape and size of neurons follow from any one signal that reaches them.
        entered = [
            name
            for name, before in waiting.items()
            if graph.nodes[name].kind in NEURONS and any(b in self._of_node for b in before)
        ]
        if not entered:
            limit = (
                "a graph whose nodes are all reached from the Input, through neurons in each loop"
            )
            raise graph.refused(limit, repr(graph.nodes[min(waiting)]), "Join or remove it.")
        return entered[:1]

    def _passed_on(self, node: Node, before: list[str]) -> Signal:
        incoming = self._total(node, [name for name in before if name in self._of_node])
        if node.kind in NEURONS:
            return _identity(node.name, incoming.shape)
        if node.kind in ENDS:
            return incoming
        if node.kind == "Delay":
            return self._delayed(node, incoming)
        linear = linear_of(self.graph, node, incoming.shape)
        if linear.matrix is None:
            return replace(incoming, shape=linear.shape)
        # (x A + a) B + b = x A B + (a B + b)
        parts = {key: matrix @ linear.matrix for key, matrix in incoming.parts.items()}
        bias = None if incoming.bias is None else linear.matrix.T @ incoming.bias
        return Signal(linear.shape, parts, _sum(bias, linear.bias))

    def _total(self, node: Node, before: list[str]) -> Signal:
        if not before:
            limit = "reached from the Input"
            raise self.graph.refused(limit, "a node without input", "Join or remove it.", node)
        signals = [self._of_node[name] for name in before]
        # Shapes may differ, as before and behind Flatten.
        sizes = {signal.size for signal in signals}
        if len(sizes) != 1:
            got, remedy = f"sizes {sorted(sizes)}", "Export the graph again."
            raise self.graph.refused("reached by signals of one size", got, remedy, node)
        total = Signal(signals[0].shape)
        for signal in signals:
            for key, matrix in signal.parts.items():
                total.add(key, matrix)
            total.bias = _sum(total.bias, signal.bias)
        return total

    def _delayed(self, node: Node, incoming: Signal) -> Signal:
        """Return a signal with each element delayed by its own number of steps."""
        from scipy import sparse

        n = incoming.size
        # NIR has seconds; the nearest step.
        steps = np.asarray(node.numbers["delay"], dtype=np.float64).ravel()
        steps = np.round(steps * MS_PER_S / self._rules.dt_ms)
        if steps.size not in (1, n) or not ((steps >= 0) & (steps <= MAX_DELAY)).all():
            limit = f"one of {n} delays from 0 to {MAX_DELAY} steps"
            got = f"{steps.size} from {steps.min():g} to {steps.max():g}" if steps.size else "none"
            raise self.graph.refused(limit, got, "Choose another step.", node)
        if incoming.bias is not None and incoming.bias.any():
            limit = "one that delays spikes alone"
            raise self.graph.refused(limit, "a bias before it", "Move the bias behind it.", node)
        signal, steps = Signal(incoming.shape), np.broadcast_to(steps, n)
        # One part for each delay, of the columns that have it.
        for delay in np.unique(steps):
            chosen = sparse.diags_array((steps == delay).astype(np.float64)).tocsr()
            for (source, earlier), matrix in incoming.parts.items():
                signal.add((source, earlier + int(delay)), matrix @ chosen)
        return signal


def _given_shape(graph: Graph, node: Node) -> Shape:
    """Return the shape of the Input."""
    numbers = np.asarray(node.numbers["shape"]).ravel()
    is_right = 0 < numbers.size <= 8 and (numbers >= 1).all() and (numbers < 2**24).all()
    if not is_right or np.prod(numbers.astype(np.float64)) > MAX_ELEMENTS:
        limit = f"one of at most {MAX_ELEMENTS} elements along 1 to 8 axes"
        got = f"shape {numbers[:8].tolist()}"
        raise graph.refused(limit, got, "Export the graph again.", node)
    return tuple(int(number) for number in numbers)


def _identity(name: str, shape: Shape) -> Signal:
    from scipy import sparse

    return Signal(shape, {(name, 0): sparse.eye_array(math.prod(shape), format="csr")})


def _sum(a: np.ndarray | None, b: np.ndarray | None) -> np.ndarray | None:
    if a is None or b is None:
        return b if a is None else a
    return a + b
