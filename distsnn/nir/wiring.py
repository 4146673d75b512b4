"""From a graph to layers of neurons, and the matrices through which they reach each other.

All linear nodes between two layers become one matrix for each delay. The step of a framework lets a
spike pass all layers at once; on a chip each projection takes a step. Layer k steps away from the
input (its ``depth``) therefore runs k steps behind: its step t + k is the framework's step t. Links
that close a loop deliver a spike one step later, in both.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from distsnn.nir.graph import Graph, Node, Shape
from distsnn.nir.nodes.kinds import NEURONS, SILENT
from distsnn.nir.nodes.neurons import Rules, parameters_of
from distsnn.nir.order import in_order
from distsnn.nir.signals import Signals


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
    """Neurons of one node, and what reaches them.

    parameters, bias: by neuron, float64 [size]. depth: steps behind the input on the chip.
    """

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

    output: the layer that the Output node shows. long_loops: links (source, target) that close a loop
    through several layers, which takes as many steps on a chip, and here, and one in frameworks.
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
    def output_layer(self) -> Layer:
        """The layer that the Output node shows."""
        return next(layer for layer in self.layers if layer.name == self.output)

    @property
    def is_silent(self) -> bool:
        """Whether the output never spikes, and its potential is read instead."""
        return self.output_layer.node.kind in SILENT


def program_of(graph: Graph, rules: Rules) -> Program:
    """Return the layers of a graph. Raises InputFileError for what cannot run."""
    signals = Signals(graph, rules)
    # Layers first; which links lead back is seen only in the whole graph.
    layers = {}
    for node in graph.nodes.values():
        if node.kind in NEURONS:
            layers[node.name] = _layer(signals, node)
    start = signals.input.name
    names, closing = in_order(start, _targets(layers))
    ordered = _placed(start, [layers[name] for name in names if name != start], closing)
    output = _shown(signals, layers)
    loops = tuple(sorted(pair for pair in closing if pair[0] != pair[1]))
    return Program(graph, rules, start, signals.input_shape, tuple(ordered), output, loops)


def _layer(signals: Signals, node: Node) -> Layer:
    # What reaches the neurons, in the same step or, where the link leads back, one later.
    incoming = signals.into(node)
    # In the order of names, so that the network is the same however edges are listed.
    links = [
        Link(source, _canonical(matrix), delay)
        for (source, delay), matrix in sorted(incoming.parts.items())
    ]
    bias = np.zeros(incoming.size) if incoming.bias is None else incoming.bias
    parameters = parameters_of(signals.graph, node, incoming.shape)
    return Layer(node, incoming.shape, parameters, bias, tuple(links))


def _targets(layers: Mapping[str, Layer]) -> dict[str, set[str]]:
    targets: dict[str, set[str]] = {}
    for layer in layers.values():
        for link in layer.links:
            targets.setdefault(link.source, set()).add(layer.name)
    return targets


def _placed(start: str, layers: list[Layer], closing: set[tuple[str, str]]) -> list[Layer]:
    """Return the layers with their depths, and the links with their lags.

    depth: one more than that of any layer before it.
    """
    # depth(layer) = 1 + max depth(source), over links that do not lead back
    depths = {start: 0}
    for layer in layers:
        before = [s.source for s in layer.links if (s.source, layer.name) not in closing]
        depths[layer.name] = 1 + max((depths[source] for source in before), default=0)
    placed = []
    for layer in layers:
        depth, links = depths[layer.name], []
        for link in layer.links:
            leads_back = (link.source, layer.name) in closing
            # Delay on the chip: lag + depth of the target - depth of the source, at least 1.
            least = 1 - depth + depths[link.source]
            lag = max(link.lag + leads_back, least)
            links.append(replace(link, lag=lag, closes_loop=leads_back))
        placed.append(replace(layer, depth=depth, links=tuple(links)))
    return placed


def _shown(signals: Signals, layers: Mapping[str, Layer]) -> str:
    """Return the layer that the Output shows."""
    graph = signals.graph
    # What never spikes has nothing to send.
    sources = {link.source for layer in layers.values() for link in layer.links}
    for name in sorted(sources & set(layers)):
        node = layers[name].node
        if node.kind in SILENT:
            limit = "the last node before the Output, since it sends no spikes"
            remedy = "Replace it by a LIF node."
            raise graph.refused(limit, "one that leads on", remedy, node)
    signal = signals.into(signals.output)
    (source, delay), matrix = next(iter(signal.parts.items()))
    n = matrix.shape[0]
    # The output must be the spikes of one layer: the identity matrix.
    is_plain = len(signal.parts) == 1 and source in layers and delay == 0 and signal.bias is None
    is_plain = is_plain and matrix.shape == (n, n) and matrix.nnz == n
    if not is_plain or not (matrix.diagonal() == 1).all():
        limit = "reached from one node of neurons, without weights between"
        remedy = "Put a LIF or LI node before it."
        raise graph.refused(limit, "another signal", remedy, signals.output)
    return source


def _canonical(matrix: Any) -> Any:
    """Return a matrix as sorted rows without zeros, alike however it was made."""
    matrix = matrix.tocsr().copy()
    matrix.sum_duplicates()
    matrix.eliminate_zeros()
    matrix.sort_indices()
    return matrix
