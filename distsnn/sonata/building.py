"""The network of a SONATA configuration."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from distsnn.checks import must_be
from distsnn.errors import InputFileError
from distsnn.network import Network, Population
from distsnn.sonata.config import SonataConfig
from distsnn.sonata.edge_rules import End, edge_rules
from distsnn.sonata.edges import Edges, read_edges
from distsnn.sonata.inputs import Currents, SpikeInputs, read_inputs
from distsnn.sonata.models import model_of, read_parameters, template_of
from distsnn.sonata.nodes import Nodes, chosen_nodes, read_nodes
from distsnn.stimuli import Current, SpikeSource

# Variables of reports -> ours
VARIABLES = {"V_m": "v", "v": "v", "membrane_potential": "v", "w": "w", "g_ex": "g_e", "g_in": "g_i",
             "I_syn_ex": "i_e", "I_syn_in": "i_i"}  # fmt: skip


@dataclass(eq=False)
class SonataNetwork:
    """A network, and which nodes its populations are.

    nodes: by name. parts: for each population of nodes the populations of the network that hold it, and
    of each node which one and the index there, int64 [n].
    """

    config: SonataConfig
    network: Network
    nodes: dict[str, Nodes]
    parts: dict[str, list[Population]] = field(default_factory=dict)
    part_of: dict[str, np.ndarray] = field(default_factory=dict)
    index_of: dict[str, np.ndarray] = field(default_factory=dict)

    def node_ids(self, name: str, part: int) -> np.ndarray:
        """Return the node ids of the neurons of one population of the network, in their order."""
        return self.nodes[name].ids[self.part_of[name] == part]


def build(config: SonataConfig, dt_ms: float, seed: int = 1) -> SonataNetwork:
    """Return the network of a configuration. Raises InputFileError for what cannot be had."""
    tables = [nodes for files in config.nodes for nodes in read_nodes(*files)]
    made = SonataNetwork(
        config,
        Network(dt_ms=dt_ms, seed=seed, name=config.path.stem),
        {nodes.name: nodes for nodes in tables},
    )
    # Spikes first: a population that plays them is made with them.
    spikes, currents = read_inputs(config, made.nodes)
    for nodes in made.nodes.values():
        if nodes.is_virtual():
            _add_sources(made, nodes, spikes)
        else:
            _add_neurons(made, nodes)
    for files in config.edges:
        for edges in read_edges(*files):
            _connect(made, edges)
    _add_currents(made, currents)
    _record(made)
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
        name = nodes.name if several.size == 1 else f"{nodes.name}.{template}"
        v_mv = columns.pop("V_m")
        population = made.network.population(
            name, places.size, model_of(template, columns), initial={"v": v_mv}
        )
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
        values = np.array([row[name] for row in rows])
        columns[name] = float(values[0]) if np.ptp(values) == 0.0 else values[kind]
    return columns


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
        made.network.connect(sources[i], targets[j], rules[i, j])


def _add_currents(made: SonataNetwork, currents: list[Currents]) -> None:
    for current in currents:
        for nodes, places in chosen_nodes(made.config.node_sets, current.node_set, made.nodes):
            for part, population in enumerate(made.parts[nodes.name]):
                own = made.index_of[nodes.name][places][made.part_of[nodes.name][places] == part]
                if own.size:
                    stop_ms = current.start_ms + current.duration_ms
                    clamp = Current(pa=current.pa, start_ms=current.start_ms, stop_ms=stop_ms)
                    made.network.stimulate(population[np.unique(own)], clamp)


def _record(made: SonataNetwork) -> None:
    """Record what the reports ask for."""
    for name, report in made.config.reports.items():
        variable = variable_of(name, report)
        every_ms = float(report.get("dt", made.network.dt_ms))
        for nodes, places in report_nodes(made, report):
            for part, population in enumerate(made.parts[nodes.name]):
                own = made.index_of[nodes.name][places][made.part_of[nodes.name][places] == part]
                if own.size:
                    chosen = np.unique(own).tolist()
                    made.network.record(population, variable, neurons=chosen, every_ms=every_ms)


def report_nodes(made: SonataNetwork, report: dict[str, Any]) -> list[tuple[Nodes, np.ndarray]]:
    """Return the nodes of a report, by population."""
    given = report.get("cells", report.get("node_set", "all"))
    return chosen_nodes(made.config.node_sets, given, made.nodes)


def variable_of(name: str, report: dict[str, Any]) -> str:
    """Return our name of a report's variable. Raises InputFileError."""
    given = report.get("variable_name", "V_m")
    if given not in VARIABLES:
        limit = f"one of {', '.join(VARIABLES)}"
        subject = f"report {name}: variable_name"
        raise InputFileError(must_be(subject, limit, given, "Leave the report out."))
    return VARIABLES[given]


def load_circuit(path: str | Path, dt_ms: float | None = None, seed: int = 1) -> SonataNetwork:
    """Return the network of a configuration file, with its own time step unless one is given."""
    from distsnn.sonata.config import read_config

    config = read_config(path)
    return build(config, config.dt_ms if dt_ms is None else dt_ms, seed)
