"""From a graph to layers of neurons, and the matrices through which they reach each other.

All linear nodes between two layers become one matrix for each delay. The step of a framework lets a
spike pass all layers at once; on a chip each projection takes a step. Layer k steps away from the
input (its ``depth``) therefore runs k steps behind: its step t + k is the framework's step t. Edges
that close a loop deliver a spike one step later, in both.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from distsnn.nir.graph import Graph, Node, Shape
from distsnn.nir.nodes.kinds import ENDS, NEURONS, SILENT
from distsnn.nir.nodes.linear import linear_of
from distsnn.nir.nodes.neurons import MS_PER_S, Rules, parameters_of
from distsnn.nir.order import in_order

MAX_ELEMENTS = 1 << 24
MAX_DELAY = 1 << 13


@dataclass(frozen=True, eq=False)
class Link:
    """Synapses from one layer (or the input) onto another.

    matrix: sparse, float64 [source, target]. lag: steps from a spike to its effect, as frameworks
    count: 0 is the same step. closes_loop: the link leads back.
    """

    source: str
    matrix: Any
    lag: int
    closes_loop: bool = False


@dataclass(frozen=True, eq=False)
class Layer:
    """Neurons of one node, and what reaches them. depth: steps from the input on the chip."""

    node: Node
    shape: Shape
    parameters: Mapping[str, np.ndarray]
    bias: np.ndarray
    links: tuple[Link, ...]
    depth: int = 0

    @property
    def name(self) -> str:
        """The name of the node."""
        return self.node.name

    @property
    def size(self) -> int:
        """Number of neurons."""
        return math.prod(self.shape)


@dataclass(frozen=True, eq=False)
class Program:
    """A graph as layers, in the order in which a step passes them.

    output: the layer that the Output node shows. delays_of_loops: loops through several layers, which
    take as many steps on a chip and here, and one in frameworks: (source, target).
    """

    graph: Graph
    rules: Rules
    input_name: str
    input_shape: Shape
    layers: tuple[Layer, ...]
    output: str
    long_loops: tuple[tuple[str, str], ...] = ()

    @property
    def input_size(self) -> int:
        """Number of input lines."""
        return math.prod(self.input_shape)

    @property
    def depth(self) -> int:
        """Steps by which the output layer runs behind the input."""
        return self.layer(self.output).depth

    def layer(self, name: str) -> Layer:
        """Return a layer by name."""
        return next(layer for layer in self.layers if layer.name == name)

    @property
    def is_silent(self) -> bool:
        """Whether the output never spikes, and its potential is read instead."""
        return self.layer(self.output).node.kind in SILENT


@dataclass(eq=False)
class Signal:
    """What a node passes on: a sum over (layer, delay in steps) of spikes times a matrix, and a bias."""

    shape: Shape
    parts: dict[tuple[str, int], Any] = field(default_factory=dict)
    bias: np.ndarray | None = None


class Wiring:
    """Follows the edges of a graph; ``program`` is what comes out. Raises InputFileError."""

    def __init__(self, graph: Graph, rules: Rules) -> None:
        self._graph, self._rules = graph, rules
        self._input = self._end("Input")
        self._output = self._end("Output")
        self._order = in_order(graph, self._input.name)
        self._shapes: dict[str, Shape] = {}
        self._signals: dict[str, Signal] = {}

    def program(self) -> Program:
        """Return the layers of the graph."""
        graph = self._graph
        neurons = []
        for name in self._order.names:
            node = graph.nodes[name]
            if node.kind in NEURONS:
                neurons.append(node)
            self._shapes[name] = self._pass(node)
        layers = self._placed([self._layer(node) for node in neurons])
        output = self._shown([layer.name for layer in layers])
        shape = self._shapes[self._input.name]
        loops = tuple(
            (link.source, layer.name)
            for layer in layers
            for link in layer.links
            if link.closes_loop and link.source != layer.name
        )
        name = self._input.name
        return Program(graph, self._rules, name, shape, tuple(layers), output, loops)

    def _end(self, kind: str) -> Node:
        """Return the Input or Output of the whole graph; those of subgraphs pass on what they get."""
        graph = self._graph
        joined = {edge[kind == "Input"] for edge in graph.edges}
        ends = [n for n in graph.nodes.values() if n.kind == kind and n.name not in joined]
        if len(ends) != 1:
            limit = f"a graph with one {kind} node"
            raise graph.refused(limit, f"{len(ends)}", "Export it with one.")
        return ends[0]

    def _pass(self, node: Node) -> Shape:
        """Note what a node passes on; return its shape."""
        graph = self._graph
        if node is self._input:
            shape = self._given_shape(node)
            self._signals[node.name] = _identity(node.name, shape)
            return shape
        incoming = self._incoming(node, self._order.before(node.name))
        if node.kind in NEURONS:
            if node.kind in SILENT and any(a == node.name and graph.nodes[b].kind != "Output"
                                           for a, b in graph.edges):  # fmt: skip
                limit = "the last node before the Output, since it sends no spikes"
                raise graph.refused(limit, "one that leads on", "Replace it by a LIF node.", node)
            self._signals[node.name] = _identity(node.name, incoming.shape)
        elif node.kind in ENDS:
            self._signals[node.name] = incoming
        elif node.kind == "Delay":
            self._signals[node.name] = self._delayed(node, incoming)
        else:
            self._signals[node.name] = self._through(node, incoming)
        return self._signals[node.name].shape

    def _given_shape(self, node: Node) -> Shape:
        numbers = np.asarray(node.numbers["shape"]).ravel()
        is_right = 0 < numbers.size <= 8 and (numbers >= 1).all() and (numbers < 2**24).all()
        if not is_right or np.prod(numbers.astype(np.float64)) > MAX_ELEMENTS:
            limit = f"one of at most {MAX_ELEMENTS} elements along 1 to 8 axes"
            got = f"shape {numbers[:8].tolist()}"
            raise self._graph.refused(limit, got, "Export the graph again.", node)
        return tuple(int(number) for number in numbers)

    def _incoming(self, node: Node, before: list[str]) -> Signal:
        """Return the sum of what reaches a node over these edges."""
        if not before:
            limit = "reached from the Input"
            raise self._graph.refused(limit, "a node without input", "Join or remove it.", node)
        signals = [self._signals[name] for name in before]
        sizes = {math.prod(signal.shape) for signal in signals}
        if len(sizes) != 1:
            limit = "reached by signals of one size"
            got = f"sizes {sorted(sizes)}"
            raise self._graph.refused(limit, got, "Export the graph again.", node)
        total = replace(signals[0], parts=dict(signals[0].parts))
        for signal in signals[1:]:
            for key, matrix in signal.parts.items():
                total.parts[key] = total.parts[key] + matrix if key in total.parts else matrix
            total.bias = _sum(total.bias, signal.bias)
        return total

    def _through(self, node: Node, incoming: Signal) -> Signal:
        linear = linear_of(self._graph, node, incoming.shape)
        if linear.matrix is None:
            return replace(incoming, shape=linear.shape)
        parts = {key: matrix @ linear.matrix for key, matrix in incoming.parts.items()}
        before = None if incoming.bias is None else linear.matrix.T @ incoming.bias
        return Signal(linear.shape, parts, _sum(before, linear.bias))

    def _delayed(self, node: Node, incoming: Signal) -> Signal:
        """Return a signal with each element delayed by its own number of steps."""
        n = math.prod(incoming.shape)
        steps = np.asarray(node.numbers["delay"], dtype=np.float64).ravel()
        steps = np.round(steps * MS_PER_S / self._rules.dt_ms)
        if steps.size not in (1, n) or not ((steps >= 0) & (steps <= MAX_DELAY)).all():
            limit = f"one of {n} delays from 0 to {MAX_DELAY} steps"
            got = f"{steps.size} from {steps.min():g} to {steps.max():g}" if steps.size else "none"
            raise self._graph.refused(limit, got, "Choose another step.", node)
        if incoming.bias is not None and incoming.bias.any():
            limit = "one that delays spikes alone"
            raise self._graph.refused(limit, "a bias before it", "Move the bias behind it.", node)
        signal = Signal(incoming.shape)
        steps = np.broadcast_to(steps, n)
        from scipy import sparse

        for delay in np.unique(steps):
            chosen = sparse.diags_array((steps == delay).astype(np.float64)).tocsr()
            for (source, before), matrix in incoming.parts.items():
                key = source, before + int(delay)
                own = matrix @ chosen
                signal.parts[key] = signal.parts[key] + own if key in signal.parts else own
        return signal

    def _layer(self, node: Node) -> Layer:
        """Return a layer; edges that close a loop are part of its input, one step later."""
        forward = self._incoming(node, self._order.before(node.name))
        links = [Link(source, _clean(m), lag) for (source, lag), m in forward.parts.items()]
        bias = forward.bias
        back = self._order.back(node.name)
        if back:
            signal = self._incoming(node, back)
            links += [Link(s, _clean(m), d + 1, True) for (s, d), m in signal.parts.items()]
            bias = _sum(bias, signal.bias)
        shape = forward.shape
        parameters = parameters_of(self._graph, node, shape)
        n = math.prod(shape)
        return Layer(node, shape, parameters, np.zeros(n) if bias is None else bias, tuple(links))

    def _placed(self, layers: list[Layer]) -> list[Layer]:
        """Return the layers with their depths: one more than that of any layer that reaches them."""
        depths = {self._input.name: 0}
        placed = []
        for layer in layers:
            depth = 1 + max(
                (depths[link.source] for link in layer.links if not link.closes_loop), default=0
            )
            depths[layer.name] = depth
            placed.append(replace(layer, depth=depth))
        # A loop through several layers takes at least a step for each projection.
        return [
            replace(layer, links=tuple(
                replace(link, lag=max(link.lag, 1 - layer.depth + depths[link.source]))
                for link in layer.links
            ))
            for layer in placed
        ]  # fmt: skip

    def _shown(self, layers: list[str]) -> str:
        """Return the layer that the Output shows."""
        signal = self._signals[self._output.name]
        (source, delay), matrix = next(iter(signal.parts.items()))
        n = matrix.shape[0]
        is_plain = len(signal.parts) == 1 and source in layers and delay == 0
        is_plain = is_plain and signal.bias is None and matrix.shape == (n, n)
        is_plain = is_plain and matrix.nnz == n and (matrix.diagonal() == 1).all()
        if not is_plain:
            limit = "reached from one node of neurons, directly"
            remedy = "Put a LIF or LI node before it."
            raise self._graph.refused(limit, "weights between", remedy, self._output)
        return source


def program_of(graph: Graph, rules: Rules) -> Program:
    """Return the layers of a graph. Raises InputFileError for what cannot run."""
    return Wiring(graph, rules).program()


def _identity(name: str, shape: Shape) -> Signal:
    from scipy import sparse

    return Signal(shape, {(name, 0): sparse.eye_array(math.prod(shape), format="csr")})


def _clean(matrix: Any) -> Any:
    """Return a matrix as sorted rows without zeros, alike however it was made."""
    matrix = matrix.tocsr().copy()
    matrix.sum_duplicates()
    matrix.eliminate_zeros()
    matrix.sort_indices()
    return matrix


def _sum(a: np.ndarray | None, b: np.ndarray | None) -> np.ndarray | None:
    if a is None or b is None:
        return b if a is None else a
    return a + b


