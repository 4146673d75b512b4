"""Edges of SONATA: synapses between two populations of nodes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from distsnn.checks import is_number, must_be
from distsnn.errors import InputFileError
from distsnn.input_files.hdf5_files import Hdf5, open_hdf5
from distsnn.input_files.limits import refused
from distsnn.input_files.whole import read_json
from distsnn.sonata.models import IGNORED
from distsnn.sonata.tables import read_attributes, read_types

DEFAULT_DELAY_MS = 1.0  # NEST's
STATIC = ("static_synapse", "nest:static_synapse", "")
WEIGHTS = ("wmax", "default", "")  # functions whose value is the weight in the file
RECEPTOR = "distsnn_receptor"  # a word of this package
ATTRIBUTE = "node_population"
PARAMETERS = {"weight": "syn_weight", "delay": "delay"}  # in NEST's words -> in those of SONATA


@dataclass(frozen=True, eq=False)
class Edges:
    """A population of edges.

    pre, post: node ids, int64 [n]. weights, delays_ms: float64 [n]. receptor: of all, None for that of
    each weight's sign.
    """

    name: str
    path: Path
    source: str
    target: str
    pre: np.ndarray
    post: np.ndarray
    weights: np.ndarray
    delays_ms: np.ndarray
    receptor: str | None = None


def read_edges(path: Path, types_path: Path, folder: Path) -> list[Edges]:
    """Return the populations of a file of edges. Raises InputFileError for what cannot be had.

    folder: of the parameters that types of edges name.
    """
    types = read_types(types_path, "edge_type_id")
    for number, row in types.items():
        subject = f"{types_path}: edge type {number}"
        _require_known(subject, row)
        _add_parameters(subject, row, folder)
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
    receptors = set(attributes.text(RECEPTOR).tolist()) or {""}
    if len(receptors) > 1:
        limit, remedy = f"one {RECEPTOR} for all edges of {name}", "Make two populations."
        raise refused(path, limit, ", ".join(sorted(receptors)), remedy)
    (receptor,) = receptors
    return Edges(name, path, source, target, pre, post, weights, delays_ms, receptor or None)


def _add_parameters(subject: str, row: dict[str, Any], folder: Path) -> None:
    """Enter the parameters of a file that a type names, where the type has none of its own."""
    name = row.get("dynamics_params")
    if name is None:
        return
    given = read_json(folder / name)
    for word, value in given.items():
        if word in IGNORED:
            continue
        if word not in PARAMETERS or not is_number(value):
            limit = f"one of {', '.join(PARAMETERS)} with a number"
            got = {word: value}
            raise InputFileError(
                must_be(f"{subject}: {folder / name}", limit, got, "Leave it out.")
            )
        row.setdefault(PARAMETERS[word], str(value))


def _require_known(subject: str, row: dict[str, str]) -> None:
    """Raise InputFileError for synapses that learn, and for weights that a program computes."""
    for name, known in (("model_template", STATIC), ("weight_function", WEIGHTS)):
        value = row.get(name, "")
        if value not in known:
            limit = f"one of {', '.join(word for word in known if word)}"
            raise InputFileError(must_be(f"{subject}: {name}", limit, value, "Leave it out."))
