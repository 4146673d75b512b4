"""A NIR file as a network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from distsnn import checks
from distsnn.errors import UsageError
from distsnn.network import Matrix, Network
from distsnn.neurons.nir_neuron import METHODS, RESETS
from distsnn.nir.checks import require_step
from distsnn.nir.kernels import convolution_in
from distsnn.nir.nodes.neurons import Rules, model_of
from distsnn.nir.quantising import WeightLoss, quantised
from distsnn.nir.reading import read_graph
from distsnn.nir.wiring import Program, program_of
from distsnn.stimuli import SpikeSource

MIN_BITS, MAX_BITS = 2, 16
INPUT = "input"


@dataclass(frozen=True, eq=False)
class NirNetwork:
    """A network made from a NIR graph.

    network: of the populations ``input`` and one for each node of neurons. ideal: the layers with the
    weights of the file. program: the same with the weights that the network has. weight_bits: None
    for the file's weights. losses: of each link, none with the file's weights. names: population of
    each node of neurons.
    """

    network: Network
    ideal: Program
    program: Program
    weight_bits: int | None
    losses: Sequence[WeightLoss]
    names: dict[str, str]

    @property
    def input(self) -> str:
        """Name of the population that plays the input."""
        return INPUT

    @property
    def output(self) -> str:
        """Name of the population that gives the output."""
        return self.names[self.program.output]

    @property
    def input_shape(self) -> tuple[int, ...]:
        """Shape of the input; lines are counted with the last axis fastest."""
        return self.program.input_shape


def load(
    path: str | Path,
    *,
    dt_ms: float = 1.0,
    method: str = "exact",
    reset: str = "value",
    weight_bits: int | None = None,
) -> NirNetwork:
    """Return the network of a NIR file.

    dt_ms: time step. method: "exact", or "euler", the step of snnTorch and Norse. reset: "value", to
    v_reset as NIR says, or "subtract", by the threshold. weight_bits: bits of a weight with its sign,
    None for the file's weights. Raises InputFileError for files that cannot be read or run.
    """
    dt_ms = require_step("nir.load", dt_ms)
    checks.choice("nir.load: method", method, METHODS)
    checks.choice("nir.load: reset", reset, RESETS)
    if weight_bits is not None:
        checks.whole(
            "nir.load: weight_bits", weight_bits, MIN_BITS, MAX_BITS,
            remedy="Give None for the weights of the file.", error=UsageError,
        )  # fmt: skip
    rules = Rules(dt_ms, method, reset)
    ideal = program_of(read_graph(path), rules)
    program, losses = quantised(ideal, weight_bits)
    names = _population_names(program)
    network = _network_of(program, names, Path(path).stem)
    return NirNetwork(network, ideal, program, weight_bits, losses, names)


def _population_names(program: Program) -> dict[str, str]:
    """Return a name of a population for each layer: letters, digits and _ . + - of the node's."""
    # Names of nodes are any text; those of populations appear in files and on command lines.
    names: dict[str, str] = {}
    for layer in program.layers:
        kept = "".join(
            c if c.isascii() and (c.isalnum() or c in "_.+-") else "_" for c in layer.name
        )
        name = kept[:48] if kept[:1].isalnum() and kept != INPUT else f"n{kept[:48]}"
        # Two nodes may differ only in what is left out.
        taken = {INPUT, *names.values()}
        number = 2
        while name in taken:
            name, number = f"{name[:48]}_{number}", number + 1
        names[layer.name] = name
    return names


def _network_of(program: Program, names: dict[str, str], title: str) -> Network:
    rules = program.rules
    is_name = title.replace("_", "a").replace("-", "a").isalnum() and title.isascii()
    network = Network(dt_ms=rules.dt_ms, name=title[:48] if is_name else "nir")
    populations = {
        program.input_name: network.population(
            INPUT, program.input_size, SpikeSource([], [], n_sources=program.input_size)
        )
    }
    for layer in program.layers:
        model = model_of(layer.node.kind, dict(layer.parameters), layer.bias, layer.depth, rules)
        populations[layer.name] = network.population(names[layer.name], layer.size, model)
    # Neurons first, in the order of the layers; then their synapses.
    depths = {program.input_name: 0} | {layer.name: layer.depth for layer in program.layers}
    shapes = {program.input_name: program.input_shape}
    shapes |= {layer.name: layer.shape for layer in program.layers}
    for layer in program.layers:
        for link in layer.links:
            # All weights may be 0, in a graph that was pruned.
            if not link.matrix.nnz:
                continue
            # A spike of step s of its layer is step s - depth of the framework.
            steps = link.lag + layer.depth - depths[link.source]
            kernel = convolution_in(link.matrix, shapes[link.source], layer.shape)
            network.connect(
                populations[link.source], populations[layer.name],
                Matrix(link.matrix) if kernel is None else kernel, delay_ms=steps * rules.dt_ms,
            )  # fmt: skip
    output = program.output_layer
    if program.is_silent:
        # The output of a node that never spikes is its potential.
        network.record(names[output.name], "v")
    return network
