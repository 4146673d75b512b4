"""Edges of SONATA: synapses between two populations of nodes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from distsnn.checks import must_be
from distsnn.errors import InputFileError
from distsnn.input_files.hdf5_files import Hdf5, open_hdf5
from distsnn.input_files.limits import refused
from distsnn.sonata.tables import read_attributes, read_types

DEFAULT_DELAY_MS = 1.0  # NEST's
STATIC = ("static_synapse", "nest:static_synapse", "")
WEIGHTS = ("wmax", "default", "")  # functions whose value is the weight in the file
ATTRIBUTE = "node_population"


@dataclass(frozen=True, eq=False)
class Edges:
    """A population of edges. pre, post: node ids, int64 [n]. weights, delays_ms: float64 [n]."""

    name: str
    path: Path
    source: str
    target: str
    pre: np.ndarray
    post: np.ndarray
    weights: np.ndarray
    delays_ms: np.ndarray


def read_edges(path: Path, types_path: Path) -> list[Edges]:
    """Return the populations of a file of edges. Raises InputFileError for what cannot be had."""
    types = read_types(types_path, "edge_type_id")
    for number, row in types.items():
        _require_known(f"{types_path}: edge type {number}", row)
    with open_hdf5(path) as file:
        return [_population(file, path, name, types) for name in file.names("edges")]


def _population(file: Hdf5, path: Path, name: str, types: dict[int, dict[str, str]]) -> Edges:
    place = f"edges/{name}"
    # weight = syn_weight nsyns: in the edge, else in its type
    attributes = read_attributes(file, path, place, "edge", types)
    pre, post = (
        file.numbers(place, f"{end}_node_id", 1).astype(np.int64) for end in ("source", "target")
    )
    n = attributes.type_ids.size
    if pre.size != n or post.size != n:
        limit = f"a file with {n} sources and targets in {name}"
        raise refused(path, limit, f"{pre.size} and {post.size}", "Correct it.")
    source, target = (
        file.attribute(f"{place}/{end}_node_id", ATTRIBUTE) for end in ("source", "target")
    )
    # A row of several synapses at one place is one with their sum of weights.
    weights = attributes.numbers(path, "syn_weight", 1.0) * attributes.numbers(path, "nsyns", 1.0)
    delays_ms = attributes.numbers(path, "delay", DEFAULT_DELAY_MS)
    return Edges(name, path, source, target, pre, post, weights, delays_ms)


def _require_known(subject: str, row: dict[str, str]) -> None:
    """Raise InputFileError for synapses that learn, and for weights that a program computes."""
    for name, known in (("model_template", STATIC), ("weight_function", WEIGHTS)):
        value = row.get(name, "")
        if value not in known:
            limit = f"one of {', '.join(word for word in known if word)}"
            raise InputFileError(must_be(f"{subject}: {name}", limit, value, "Leave it out."))
