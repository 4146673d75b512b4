"""Reports of SONATA: which state variables of which nodes are recorded, and when."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from distsnn.checks import is_number, must_be
from distsnn.errors import InputFileError
from distsnn.network import Population
from distsnn.sonata.made import SonataNetwork
from distsnn.sonata.nodes import Nodes, chosen_nodes

# Variables of reports in NEST's words -> ours; all others have their own names
VARIABLES = {"V_m": "v", "membrane_potential": "v", "g_ex": "g_e", "g_in": "g_i", "I_syn_ex": "i_e",
             "I_syn_in": "i_i"}  # fmt: skip
# The words that are heeded; a point neuron is one section.
WORDS = ("cells", "node_set", "variable_name", "module", "sections", "dt", "file_name", "start_time",
         "end_time", "enabled", "unit")  # fmt: skip


@dataclass(frozen=True)
class Column:
    """Nodes of a report in one population of the network. neurons: their indices there, ascending."""

    nodes: Nodes
    part: int
    population: Population
    neurons: np.ndarray


def record_reports(made: SonataNetwork) -> None:
    """Record what the reports ask for. Raises InputFileError for what cannot be had."""
    for name, report in made.config.reports.items():
        for word in report:
            if word not in WORDS:
                limit = f"of {', '.join(WORDS)}"
                raise InputFileError(must_be(f"report {name}", limit, word, "Leave it out."))
        variable, every_ms = variable_of(report), interval_of(made, name, report)
        times_of(made, name, report)
        for column in columns_of(made, report):
            states = column.population.model.states
            if variable not in states:
                # the first of NEST's words for each of ours
                ours = {value: key for key, value in reversed(VARIABLES.items())}
                limit = f"one of {', '.join(ours.get(state, state) for state in states) or 'none'}"
                subject, got = f"report {name}: variable_name", report.get("variable_name")
                raise InputFileError(must_be(subject, limit, got, "Leave the report out."))
            chosen = column.neurons.tolist()
            made.network.record(column.population, variable, neurons=chosen, every_ms=every_ms)


def columns_of(made: SonataNetwork, report: dict[str, Any]) -> list[Column]:
    """Return the nodes of a report, by population of the network."""
    given = report.get("cells", report.get("node_set", "all"))
    columns = []
    for nodes, places in chosen_nodes(made.config.node_sets, given, made.nodes):
        for part, population in enumerate(made.parts[nodes.name]):
            own = made.index_of[nodes.name][places][made.part_of[nodes.name][places] == part]
            # Lines of an input have no state.
            if own.size and not population.model.is_source:
                columns.append(Column(nodes, part, population, np.unique(own)))
    return columns


def variable_of(report: dict[str, Any]) -> str:
    """Return our name of a report's variable."""
    given = str(report.get("variable_name", "V_m"))
    return VARIABLES.get(given, given)


def interval_of(made: SonataNetwork, name: str, report: dict[str, Any]) -> float:
    """Return the time between two samples in ms."""
    return _number(name, report, "dt", made.network.dt_ms)


def times_of(made: SonataNetwork, name: str, report: dict[str, Any]) -> tuple[float, float]:
    """Return begin and end of a report in ms, as times of the configuration."""
    begin_ms = _number(name, report, "start_time", made.config.start_ms)
    end = made.config.start_ms + made.config.duration_ms
    return begin_ms, _number(name, report, "end_time", end)


def _number(name: str, report: dict[str, Any], word: str, default: float) -> float:
    value = report.get(word, default)
    if not is_number(value):
        raise InputFileError(must_be(f"report {name}: {word}", "a number", value, "Correct it."))
    return float(value)
