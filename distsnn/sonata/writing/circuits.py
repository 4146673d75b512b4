"""Writes a network as a circuit and a simulation in the SONATA format.

Models that NEST has are written in NEST's words, all else in this package's own (see ``own``).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from distsnn.checks import file_path, must_be, number
from distsnn.comm import Comm, collective, start
from distsnn.errors import DistsnnError, NetworkError, UsageError
from distsnn.network import Network, Population, Projection
from distsnn.network.distributions.listed import Listed
from distsnn.network.rules.listing import Listing
from distsnn.network.weights.lanes import PRECISION
from distsnn.network.weights.quanta import Quanta
from distsnn.outputs import OutputFolder, json_bytes, write_file
from distsnn.outputs.kinds import CIRCUIT
from distsnn.parameters import Drawn
from distsnn.running.settings import require_network
from distsnn.running.synapses import Connections
from distsnn.simulation import Simulation
from distsnn.sonata.nodes import VIRTUAL
from distsnn.sonata.own import OWN, words_of
from distsnn.sonata.writing.files import (
    BASE,
    EdgeTable,
    NodeTable,
    Place,
    write_edges,
    write_nodes,
    write_spikes,
)
from distsnn.sonata.writing.models import model_words
from distsnn.stimuli import SpikeSource
from distsnn.version import __version__

CONFIG, SIMULATION = "config.json", "simulation_config.json"


@collective("sonata.write_circuit()")
def write_circuit(
    network: Network, folder: str | Path, *, duration_ms: float = 1000.0, comm: Comm | None = None
) -> Path:
    """Write a network into a folder, which is made; return the path of its configuration. Collective.

    An older circuit that was written there is replaced, all of it or nothing.

    What is drawn (synapses, parameters, starting values) is written as it was drawn, so that ``run``
    gives the same bits; random inputs are drawn again from the same seed. duration_ms: of the
    simulation that the configuration describes. Raises NetworkError for what SONATA cannot hold:
    learning and short-term rules, rewards, models from text or with compartments, inputs as functions
    of time; and OutputFileError for a folder that cannot be written.
    """
    path = file_path("sonata.write_circuit: folder", folder, error=UsageError)
    number("sonata.write_circuit: duration_ms", duration_ms, above=0.0, error=UsageError)
    require_network("sonata.write_circuit", network, comm)
    comm = comm or start()
    _require_static(network)
    # The same build as that of a run draws everything.
    with Simulation(network, comm=comm) as simulation:
        nodes = [_nodes(simulation, population) for population in network.populations]
        edges = [_edges(simulation, projection) for projection in network.projections]
        inputs = _inputs(simulation)
    error: DistsnnError | None = None
    if comm.rank == 0:
        try:
            place = OutputFolder(path, CIRCUIT)
            try:
                _fill(network, place.place, duration_ms, nodes, _numbered(edges), inputs)
                place.commit()
            finally:
                place.close()
        except DistsnnError as refused:
            error = refused
    comm.agree(error)
    return path / CONFIG


def _require_static(network: Network) -> None:
    """Raise NetworkError for parts that SONATA has no words for."""
    for projection in network.projections:
        if projection.plasticity is not None:
            got = type(projection.plasticity).__name__
            raise _refused(projection.name, "static synapses", got)
    if network.modulations:
        raise _refused(network.modulations[0].projection.name, "synapses without rewards", "one")


def _refused(subject: str, limit: str, got: object, remedy: str = "Leave it out.") -> NetworkError:
    return NetworkError(must_be(f"SONATA: {subject}", limit, got, remedy))


def _nodes(simulation: Simulation, population: Population) -> NodeTable:
    """Return the words of a population. Collective."""
    template = VIRTUAL
    words: dict[str, Any] = {}
    columns: dict[str, np.ndarray] = {}
    if not isinstance(population.model, SpikeSource):
        template, words, columns = model_words(simulation, population)
    quanta = Quanta(simulation.network)
    rungs: dict[int, list[tuple[float, float]]] = {}
    for receptor in range(len(population.model.receptors)):
        ladder = quanta.ladder(population.index, receptor)
        # A model of a chip prescribes its quanta; without synapses there are none.
        if not ladder.is_prescribed and np.isfinite(ladder.tops[0]):
            rungs[receptor] = list(zip(ladder.quanta, ladder.tops, strict=True))
    return NodeTable(
        population.name, population.size, template, words, columns, rungs, population.positions
    )


def _edges(simulation: Simulation, projection: Projection) -> EdgeTable:
    """Return the synapses of a projection. Collective."""
    synapses = simulation.connections(projection)
    positive, negative = projection.receptors
    names = projection.target.model.receptors
    # Without a receptor of its own, a weight goes to the first or the last one by its sign.
    is_by_sign = (positive, negative) == (0, len(names) - 1)
    weights = _given(projection, synapses)
    if weights is None:
        weights = _within_lanes(projection, synapses.weights, simulation.network)
    return EdgeTable(
        projection.source.name, projection.target.name, projection.source.size,
        projection.target.size, synapses.pre, synapses.post, weights, synapses.delays_ms,
        None if is_by_sign else names[positive],
    )  # fmt: skip


def _given(projection: Projection, synapses: Connections) -> np.ndarray | None:
    """Return the weights of a list as they were given, None where they were not, or not in an order."""
    rule, weight, delay = projection.rule, projection.weight, projection.delay
    if not isinstance(rule, Listing) or not isinstance(weight, Listed):
        return None
    pre, post = rule.ends_of()
    n_targets = projection.target.size
    delays_ms = np.zeros(pre.size)
    if isinstance(delay, Listed):
        delays_ms = rule.values_onto(delay, 0, n_targets)
    # By target, source and delay, as synapses are; several of one delay may be in another order.
    given = rule.values_onto(weight, 0, n_targets)[np.lexsort((delays_ms, pre, post))]
    is_same = np.abs(given - synapses.weights) <= 2.0 * PRECISION * np.abs(given)
    return given if is_same.all() else None


def _within_lanes(projection: Projection, stored: np.ndarray, network: Network) -> np.ndarray:
    """Return stored weights, those that rounding took above the largest of their lane at that."""
    code = Quanta(network).code(projection)
    weights = stored.copy()
    for sign, ladder in ((1.0, code.positive), (-1.0, code.negative)):
        for quantum, top in zip(ladder.quanta, ladder.tops, strict=True):
            # nearest(top / q) q > top would be read as a weight of the next coarser lane.
            rounded = np.rint(top / quantum) * quantum if np.isfinite(top) else top
            if rounded > top:
                is_above = np.isclose(stored, sign * rounded, rtol=1e-12, atol=0.0)
                weights[is_above] = sign * top
    return weights


def _inputs(simulation: Simulation) -> dict[str, dict[str, Any]]:
    """Return the stimuli in order, as inputs of a configuration. Collective."""
    inputs: dict[str, dict[str, Any]] = {}
    for stimulus in simulation.network.stimuli:
        what, target = stimulus.what, stimulus.target
        values = {
            name: simulation.get(stimulus, name) if isinstance(value, Drawn) else value
            for name, value in what.values().items()
        }
        words = words_of(what, values)
        if words is None:
            raise _refused(f"input of {target.name}", "one of numbers and texts", what)
        if what.has_receptor:
            words["receptor"] = target.model.receptors[stimulus.receptor]
        node_set: dict[str, Any] = {"population": target.name}
        if stimulus.neurons is not None:
            node_set["node_id"] = stimulus.neurons.tolist()
        inputs[f"input_{stimulus.index}"] = {
            "input_type": OWN, "module": type(what).__name__, "node_set": node_set, **words,
        }  # fmt: skip
    return inputs


def _numbered(edges: list[EdgeTable]) -> dict[str, EdgeTable]:
    """Return the tables of edges by name; several between two populations are numbered."""
    named: dict[str, EdgeTable] = {}
    for table in edges:
        name = f"{table.source}_to_{table.target}"
        known = sum(other == name or other.startswith(f"{name}_") for other in named)
        named[name if not known else f"{name}_{known + 1}"] = table
    return named


def _fill(
    network: Network,
    place: Place,
    duration_ms: float,
    nodes: list[NodeTable],
    edges: dict[str, EdgeTable],
    inputs: dict[str, dict[str, Any]],
) -> None:
    # Some programs open only the populations that are listed.
    networks: dict[str, list[dict[str, Any]]] = {"nodes": [], "edges": []}
    for table in nodes:
        files = write_nodes(place, table)
        entry = dict(zip(("nodes_file", "node_types_file"), files, strict=True))
        kind = VIRTUAL if table.template == VIRTUAL else "point_neuron"
        networks["nodes"].append({**entry, "populations": {table.name: {"type": kind}}})
    for name, edge_table in edges.items():
        files = write_edges(place, name, edge_table)
        entry = dict(zip(("edges_file", "edge_types_file"), files, strict=True))
        networks["edges"].append({**entry, "populations": {name: {}}})
    trains = {
        f"spikes_{population.name}": write_spikes(place, population, network.dt_ms)
        for population in network.populations
        if isinstance(population.model, SpikeSource)
    }
    simulation = _simulation(network, duration_ms, {**trains, **inputs})
    both = {"network": f"./{CIRCUIT.marker}", "simulation": f"./{SIMULATION}"}
    write_file(place(SIMULATION), json_bytes(simulation))
    write_file(place(CONFIG), json_bytes(both))
    write_file(place(CIRCUIT.marker), json_bytes(_circuit(networks)))


def _circuit(networks: dict[str, list[dict[str, Any]]]) -> dict[str, Any]:
    return {
        "distsnn": __version__,
        "manifest": {BASE: "."},
        "components": {"point_neuron_models_dir": BASE, "synaptic_models_dir": BASE},
        "networks": networks,
    }


def _simulation(
    network: Network, duration_ms: float, inputs: dict[str, dict[str, Any]]
) -> dict[str, Any]:
    reports = {
        f"{probe.population.name}_{probe.variable}": {
            "module": "membrane_report", "variable_name": probe.variable, "dt": probe.every_ms,
            "cells": {"population": probe.population.name, "node_id": probe.neurons.tolist()},
        }
        for probe in network.probes
    }  # fmt: skip
    return {
        "manifest": {BASE: ".", "$OUTPUT_DIR": f"{BASE}/output"},
        "network": f"{BASE}/{CIRCUIT.marker}",
        "run": {
            "tstart": 0.0, "tstop": duration_ms, "dt": network.dt_ms, "random_seed": network.seed,
        },
        "inputs": inputs,
        "reports": reports,
        "output": {
            "output_dir": "$OUTPUT_DIR", "spikes_file": "spikes.h5", "spikes_sort_order": "by_time",
        },
    }  # fmt: skip
