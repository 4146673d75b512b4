"""The network of a SONATA configuration."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from distsnn.checks import must_be
from distsnn.errors import InputFileError
from distsnn.network import Network
from distsnn.sonata.config import SonataConfig, read_config
from distsnn.sonata.edge_rules import End, edge_rules
from distsnn.sonata.edges import Edges, read_edges
from distsnn.sonata.inputs import Drive, SpikeInputs, read_inputs
from distsnn.sonata.made import SonataNetwork
from distsnn.sonata.models import model_of, read_parameters, template_of
from distsnn.sonata.nodes import Nodes, chosen_nodes, read_nodes
from distsnn.sonata.reports import record_reports
from distsnn.sonata.tables import PARAMETERS
from distsnn.stimuli import SpikeSource


def build(config: SonataConfig, dt_ms: float, seed: int = 1) -> SonataNetwork:
    """Return the network of a configuration. Raises InputFileError for what cannot be had."""
    tables = [nodes for files in config.nodes for nodes in read_nodes(*files)]
    made = SonataNetwork(
        config,
        Network(dt_ms=dt_ms, seed=seed, name=config.path.stem),
        {nodes.name: nodes for nodes in tables},
    )
    # Spikes first: a population that plays them is made with them.
    spikes, drives = read_inputs(config, made.nodes)
    for nodes in made.nodes.values():
        if nodes.is_virtual():
            _add_sources(made, nodes, spikes)
        else:
            _add_neurons(made, nodes)
    folder = config.components.get("synaptic_models_dir", config.path.parent)
    for files in config.edges:
        for edges in read_edges(*files, folder):
            _connect(made, edges)
    _add_drives(made, drives)
    record_reports(made)
    return made


def _add_sources(made: SonataNetwork, nodes: Nodes, spikes: SpikeInputs) -> None:
    times_ms, places = spikes.of(nodes.name)
    source = SpikeSource(times_ms, places, n_sources=max(1, nodes.size), measured=True)
    made.parts[nodes.name] = [made.network.population(nodes.name, nodes.size, source)]
    made.part_of[nodes.name] = np.zeros(nodes.size, dtype=np.int64)
    made.index_of[nodes.name] = np.arange(nodes.size)


def _add_neurons(made: SonataNetwork, nodes: Nodes) -> None:
    """Add the neurons of a population, those of each template together."""
    subject = f"population {nodes.name}"
    # A population of the network has one model, so that templates of different kinds are parted.
    templates = np.array(
        [template_of(subject, text) for text in nodes.attributes.text("model_template").tolist()]
    )
    files = nodes.attributes.text("dynamics_params")
    made.parts[nodes.name] = []
    made.part_of[nodes.name] = np.zeros(nodes.size, dtype=np.int64)
    made.index_of[nodes.name] = np.zeros(nodes.size, dtype=np.int64)
    several = np.unique(templates)
    for part, template in enumerate(several.tolist()):
        places = np.flatnonzero(templates == template)
        columns = _columns(made.config, subject, template, files[places])
        columns.update(_own_columns(nodes, subject, columns, places))
        name = nodes.name if several.size == 1 else f"{nodes.name}.{template}"
        model, initial = model_of(subject, template, columns)
        population = made.network.population(name, places.size, model, initial=initial or None)
        for receptor, rungs in nodes.rungs.items():
            made.network.given_rungs[population.index, receptor] = rungs
        made.parts[nodes.name].append(population)
        made.part_of[nodes.name][places] = part
        made.index_of[nodes.name][places] = np.arange(places.size)


def _columns(
    config: SonataConfig, subject: str, template: str, files: np.ndarray
) -> dict[str, Any]:
    """Return NEST's parameters: a number where all neurons agree, else one per neuron."""
    folder = config.components.get("point_neuron_models_dir", config.path.parent)
    # Each file of parameters is read once; where files differ, parameters are arrays by neuron.
    kinds, kind = np.unique(files, return_inverse=True)
    rows = [
        read_parameters(subject, template, folder / name if name else None)
        for name in kinds.tolist()
    ]
    columns: dict[str, Any] = {}
    for name in rows[0]:
        different = {row[name] for row in rows}
        is_one = len(different) == 1
        columns[name] = rows[0][name] if is_one else np.array([row[name] for row in rows])[kind]
    return columns


def _own_columns(
    nodes: Nodes, subject: str, columns: dict[str, Any], places: np.ndarray
) -> dict[str, Any]:
    """Return the parameters that are given node by node, which go before those of types."""
    own: dict[str, Any] = {}
    # dynamics_params/NAME in the group of a node's attributes
    for name in nodes.attributes.parameters:
        values = nodes.attributes.columns[f"{PARAMETERS}/{name}"][places]
        if values.dtype.kind != "f" or name not in columns:
            limit = f"one of {', '.join(columns)} with numbers"
            remedy = "Leave it out."
            raise InputFileError(must_be(f"{subject}: {PARAMETERS}", limit, name, remedy))
        # A node without a value of its own has that of its type.
        missing = np.isnan(values)
        if not missing.all():
            usual = columns[name]
            if missing.any() and usual is None:
                limit, remedy = f"a number for each node as {name}", "Add the missing ones."
                raise InputFileError(must_be(f"{subject}: {PARAMETERS}", limit, "none", remedy))
            own[name] = np.where(missing, usual, values) if missing.any() else values
    return own


def _connect(made: SonataNetwork, edges: Edges) -> None:
    """Add the synapses of a population of edges, between all parts of its two populations."""
    for name in (edges.source, edges.target):
        if name not in made.nodes:
            limit = f"one of {', '.join(made.nodes)}"
            subject = f"{edges.path}: population of nodes"
            raise InputFileError(must_be(subject, limit, name, "Name its file of nodes."))
    if made.nodes[edges.target].is_virtual():
        limit, remedy = "a population of point neurons", "Remove these edges."
        raise InputFileError(must_be(f"{edges.path}: target", limit, edges.target, remedy))
    source, target = (
        End(made.nodes[name], made.part_of[name], made.index_of[name])
        for name in (edges.source, edges.target)
    )
    sources, targets = made.parts[edges.source], made.parts[edges.target]
    rules = edge_rules(edges, source, target)
    for i, j in sorted(rules, key=lambda parts: parts[::-1]):
        made.network.connect(sources[i], targets[j], rules[i, j], receptor=edges.receptor)


def _add_drives(made: SonataNetwork, drives: list[Drive]) -> None:
    for drive in drives:
        for nodes, places in chosen_nodes(made.config.node_sets, drive.node_set, made.nodes):
            for part, population in enumerate(made.parts[nodes.name]):
                own = made.index_of[nodes.name][places][made.part_of[nodes.name][places] == part]
                if own.size:
                    is_all = own.size == population.size
                    target = population if is_all else population[np.unique(own)]
                    made.network.stimulate(target, drive.what)


def load_circuit(
    path: str | Path, dt_ms: float | None = None, seed: int | None = None
) -> SonataNetwork:
    """Return the network of a configuration file.

    dt_ms, seed: instead of those of the configuration, which has 0.1 and 1 unless it says otherwise.
    Raises InputFileError for what cannot be had.
    """
    config = read_config(path)
    if seed is None:
        seed = 1 if config.seed is None else config.seed
    return build(config, config.dt_ms if dt_ms is None else dt_ms, seed)
