"""Writes a network as a NIR graph: what NIR can say of it; the rest is refused by name.

Populations become nodes of neurons, projections Affine nodes, delays beyond those of a
feed-forward pass Delay nodes, and the one population of given spikes the Input.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from distsnn.checks import file_path, instance, must_be
from distsnn.errors import NetworkError, UsageError
from distsnn.network import Network, Population
from distsnn.nir.export.neurons import S_PER_MS, Fields, node_of
from distsnn.nir.export.synapses import Matrix, matrices_of
from distsnn.nir.graph import Shape
from distsnn.nir.loading import NirNetwork
from distsnn.nir.order import in_order
from distsnn.outputs import hdf5_bytes, write_file

VERSION = "1.0.8"  # of the package nir, whose files these are


@dataclass
class _Parts:
    """The nodes and edges of a graph; each node has a name of its own."""

    nodes: dict[str, Fields] = field(default_factory=dict)
    edges: list[tuple[str, str]] = field(default_factory=list)

    def add(self, name: str, fields: Fields, before: str | None = None) -> str:
        """Add a node, after another one; return its name."""
        own, number = name, 2
        while own in self.nodes:
            own, number = f"{name}_{number}", number + 1
        self.nodes[own] = fields
        if before is not None:
            self.edges.append((before, own))
        return own


def write(network: Network | NirNetwork, path: str | Path, *, output: str | None = None) -> None:
    """Write a network as a NIR file, which replaces an existing one once it is complete.

    network: of populations with models of NIR, ``IntegrateFire`` or ``LifDelta``, one population of
    given spikes, and static projections; or what ``load`` returned, with the shape of its input. The
    graph has its time constants in seconds; its step is not part of a NIR file. output: the population
    that the Output shows, None for the one that leads nowhere. Raises NetworkError for what NIR cannot
    say, OutputFileError for places that cannot be written.
    """
    instance("nir.write: network", network, (Network, NirNetwork))
    path = file_path("nir.write: path", path, error=UsageError)
    shape: Shape | None = None
    if isinstance(network, NirNetwork):
        shape, output = network.input_shape, output or network.output
        network = network.network
    parts = _graph_of(network, shape, output)
    write_file(path, hdf5_bytes(lambda file: _fill(file, parts)))


def _graph_of(network: Network, shape: Shape | None, output: str | None) -> _Parts:
    source, shown = _source(network), _output(network, output)
    if network.stimuli:
        got = f"one onto {network.stimuli[0].target.name}"
        raise _refused(network, "stimuli", "left out, since NIR has one Input", got)
    # Which projections lead back decides where delays of one step are understood.
    matrices = matrices_of(network)
    targets: dict[str, set[str]] = {}
    for matrix in matrices:
        targets.setdefault(matrix.source, set()).add(matrix.target)
    names, closing = in_order(source.name, targets)
    for population in network.populations:
        if population.name not in names:
            limit = f"reached from {source.name}"
            raise _refused(network, f"population {population.name}", limit, "no way to it")
    parts = _Parts()
    # Dense weights need flat input.
    size = np.array(shape or (source.size,), dtype=np.int64)
    entry = parts.add(source.name, {"type": "Input", "shape": size})
    if size.size > 1:
        flat = {"type": "Flatten", "start_dim": 0, "end_dim": -1, "input_type": size}
        entry = parts.add("flatten", flat, entry)
    # A bias goes into the first projection that reaches its population.
    biases = {}
    for name in names[1:]:
        parts.nodes[name], biases[name] = node_of(network, network.find(name))
    depths = _depths(names, closing, matrices)
    for matrix in sorted(matrices, key=lambda one: (one.target, one.steps, one.source)):
        leads_back = (matrix.source, matrix.target) in closing
        # lag = delay - (depth of target - depth of source), one less where the edge leads back
        lag = matrix.steps - depths[matrix.target] + depths[matrix.source] - leads_back
        before = entry if matrix.source == source.name else matrix.source
        bias = None if leads_back else biases.pop(matrix.target, None)
        _connect(parts, network, matrix, before, lag, bias)
    left = {"type": "Output", "shape": np.array([shown.size], dtype=np.int64)}
    parts.add("output", left, shown.name)
    return parts


def _depths(
    names: list[str], closing: set[tuple[str, str]], matrices: list[Matrix]
) -> Mapping[str, int]:
    """Return the depth of each population: one more than that of any before it."""
    depths = {names[0]: 0}
    for name in names[1:]:
        before = {m.source for m in matrices if m.target == name}
        forward = [depths[b] for b in before if (b, name) not in closing]
        depths[name] = 1 + max(forward, default=0)
    return depths


def _connect(
    parts: _Parts, network: Network, matrix: Matrix, before: str, lag: int, bias: np.ndarray | None
) -> None:
    """Add the nodes of the synapses of one delay."""
    name = f"{matrix.source}_to_{matrix.target}"
    if lag < 0:
        limit = f"at least {matrix.steps - lag} steps, as its target has inputs of more layers"
        raise _refused(network, f"delay of {matrix.source} -> {matrix.target}", limit, matrix.steps)
    if lag > 0:
        delays = np.full(matrix.weights.shape[1], lag * network.dt_ms * S_PER_MS)
        before = parts.add(f"{name}_delay", {"type": "Delay", "delay": delays}, before)
    # Affine also where the bias is 0: Sinabs reads no Linear.
    if bias is None:
        bias = np.zeros(matrix.weights.shape[0])
    fields: Fields = {"type": "Affine", "weight": matrix.weights, "bias": bias}
    parts.edges.append((parts.add(name, fields, before), matrix.target))


def _source(network: Network) -> Population:
    sources = [p for p in network.populations if p.model.is_source]
    if len(sources) != 1:
        limit = "one population of given spikes, the Input"
        raise _refused(network, "network", limit, len(sources))
    return sources[0]


def _output(network: Network, output: str | None) -> Population:
    names = [population.name for population in network.populations]
    if output is not None and (not isinstance(output, str) or output not in names):
        limit = f"None or one of {', '.join(names)}"
        raise NetworkError(must_be("nir.write: output", limit, output, "Check the name."))
    if output is not None:
        return network.find(output)
    leading = {projection.source.name for projection in network.projections}
    ends = [p for p in network.populations if p.name not in leading and not p.model.is_source]
    if len(ends) != 1:
        limit = "the name of the population that the Output shows"
        raise NetworkError(must_be("nir.write: output", limit, output, "Name it."))
    return ends[0]


def _refused(network: Network, part: str, limit: str, got: object) -> NetworkError:
    remedy = "Change the network."
    return NetworkError(must_be(f"network {network.name}: {part}", limit, got, remedy))


def _fill(file: Any, parts: _Parts) -> None:
    """Write the groups of a NIR file."""
    import h5py

    text = h5py.string_dtype()
    file.create_dataset("version", data=VERSION, dtype=text)
    root = file.create_group("node")
    root.create_dataset("type", data="NIRGraph", dtype=text)
    root.create_dataset("edges", data=np.array(parts.edges, dtype=object), dtype=text)
    nodes = root.create_group("nodes")
    for name, fields in parts.nodes.items():
        group = nodes.create_group(name)
        for key, value in fields.items():
            if isinstance(value, str):
                group.create_dataset(key, data=value, dtype=text)
            elif isinstance(value, np.ndarray):
                group.create_dataset(key, data=value, compression="gzip", track_times=False)
            else:
                group.create_dataset(key, data=value)
