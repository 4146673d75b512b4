"""Nodes of SONATA: populations of point neurons and of sources of spikes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from distsnn.checks import must_be
from distsnn.errors import InputFileError
from distsnn.input_files.hdf5_files import open_hdf5
from distsnn.input_files.limits import refused
from distsnn.sonata.own import LANES, Rungs, rungs_of_text
from distsnn.sonata.tables import Attributes, read_attributes, read_types

VIRTUAL = "virtual"
POINTS = ("point_process", "point_neuron", "point_soma")


@dataclass(frozen=True, eq=False)
class Nodes:
    """A population of nodes.

    ids: their node_id, int64 [n], ascending from 0 as a rule. rungs: by receptor, the quanta of the
    weights onto it, if the file says them.
    """

    name: str
    path: Path
    ids: np.ndarray
    attributes: Attributes
    rungs: dict[int, Rungs] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """Number of nodes."""
        return self.ids.size

    def index_of(self, ids: np.ndarray) -> np.ndarray:
        """Return the places of node ids. Raises InputFileError for unknown ones."""
        # Ids are mostly 0, 1, 2, ..., but may be any different numbers.
        order = np.argsort(self.ids, kind="stable")
        places = np.searchsorted(self.ids, ids, sorter=order)
        is_known = places < self.size
        found = order[np.minimum(places, self.size - 1)] if self.size else places
        is_known &= (self.ids[found] == ids) if self.size else False
        if not np.all(is_known):
            got = int(np.asarray(ids)[~is_known][0])
            limit, remedy = f"a node of population {self.name}", "Correct it."
            raise InputFileError(must_be("node id", limit, got, remedy))
        return found

    def is_virtual(self) -> bool:
        """Return whether all nodes only send spikes. Raises InputFileError for other kinds."""
        kinds = set(self.attributes.text("model_type").tolist())
        if kinds == {VIRTUAL}:
            return True
        if kinds <= set(POINTS):
            return False
        limit = f"{VIRTUAL}, or of {' or '.join(POINTS)}, all of a population alike"
        got = ", ".join(sorted(kinds)) or "none"
        raise InputFileError(
            must_be(f"population {self.name}: model_type", limit, got, "Split or leave it out.")
        )


def read_nodes(path: Path, types_path: Path) -> list[Nodes]:
    """Return the populations of a file of nodes. Raises InputFileError."""
    types = read_types(types_path, "node_type_id")
    with open_hdf5(path) as file:
        populations = []
        for name in file.names("nodes"):
            attributes = read_attributes(file, path, f"nodes/{name}", "node", types)
            n = attributes.type_ids.size
            ids = np.arange(n)
            if file.has(f"nodes/{name}", "node_id"):
                ids = file.numbers(f"nodes/{name}", "node_id", 1).astype(np.int64)
            if ids.size != n or np.unique(ids).size != n:
                limit = f"a file with {n} different values of node_id in {name}"
                raise refused(path, limit, ids.size, "Correct it.")
            rungs: dict[int, Rungs] = {}
            if file.has_attribute(f"nodes/{name}", LANES):
                subject = f"{path}: attribute {LANES} of {name}"
                rungs = rungs_of_text(subject, file.attribute(f"nodes/{name}", LANES))
            populations.append(Nodes(name, path, ids, attributes, rungs))
    return populations


def chosen_nodes(
    node_sets: Mapping[str, Any], given: Any, populations: Mapping[str, Nodes]
) -> list[tuple[Nodes, np.ndarray]]:
    """Return the nodes of a node set, by population, as places in it.

    given: name of a set, a list of names, or a set itself: attributes and their values. Raises
    InputFileError for what is unknown.
    """
    # A population is a set of its own name, "all" is everything, unless sets of these names exist.
    if isinstance(given, str):
        if given == "all" and given not in node_sets:
            return [(nodes, np.arange(nodes.size)) for nodes in populations.values()]
        if given in populations and given not in node_sets:
            return [(populations[given], np.arange(populations[given].size))]
        if given not in node_sets:
            limit = f"one of {', '.join([*node_sets, *populations])}"
            raise InputFileError(must_be("node set", limit, given, "Define it."))
        # Without the set itself, so that sets which contain each other are refused.
        return chosen_nodes({k: v for k, v in node_sets.items() if k != given}, node_sets[given],
                            populations)  # fmt: skip
    if isinstance(given, list):
        if given and not isinstance(given[0], str):
            return chosen_nodes(node_sets, {"node_id": given}, populations)
        return _joined(
            [part for one in given for part in chosen_nodes(node_sets, one, populations)]
        )
    if not isinstance(given, dict):
        limit = "a name, a list of names, or attributes and values"
        raise InputFileError(must_be("node set", limit, given, "Write it so."))
    return [
        (nodes, places)
        for nodes in populations.values()
        if (places := _matching(nodes, given)).size
    ]


def _joined(parts: list[tuple[Nodes, np.ndarray]]) -> list[tuple[Nodes, np.ndarray]]:
    """Return each population once, with all of its places."""
    by_name: dict[str, tuple[Nodes, list[np.ndarray]]] = {}
    for nodes, places in parts:
        by_name.setdefault(nodes.name, (nodes, []))[1].append(places)
    return [(nodes, np.unique(np.concatenate(own))) for nodes, own in by_name.values()]


def _matching(nodes: Nodes, wanted: Mapping[str, Any]) -> np.ndarray:
    """Return the places of the nodes whose attributes have the wanted values."""
    # All conditions must hold; a list of values means one of them.
    is_chosen = np.ones(nodes.size, dtype=bool)
    for name, value in wanted.items():
        values = value if isinstance(value, list) else [value]
        if name == "population":
            is_chosen &= nodes.name in values
        elif name in ("node_id", "node_ids", "gid", "gids"):
            is_chosen &= np.isin(nodes.ids, values)
        elif name == "node_type_id":
            is_chosen &= np.isin(nodes.attributes.type_ids, values)
        elif nodes.attributes.has(name):
            own = nodes.attributes.text(name)
            is_chosen &= np.isin(own, [str(one) for one in values])
        else:
            is_chosen[:] = False
    return np.flatnonzero(is_chosen)
