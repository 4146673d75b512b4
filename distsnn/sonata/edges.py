"""Edges of SONATA: synapses between two populations of nodes, read in blocks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from distsnn.checks import is_number, must_be
from distsnn.errors import InputFileError
from distsnn.input_files.hdf5_files import Hdf5, open_hdf5
from distsnn.input_files.limits import refused
from distsnn.input_files.whole import read_json
from distsnn.network.edges.summary import EdgeBlock
from distsnn.sonata.models import IGNORED
from distsnn.sonata.tables import read_attributes, read_types

DEFAULT_DELAY_MS = 1.0  # NEST's
STATIC = ("static_synapse", "nest:static_synapse", "")
WEIGHTS = ("wmax", "default", "")  # functions whose value is the weight in the file
RECEPTOR = "distsnn_receptor"  # a word of this package
ATTRIBUTE = "node_population"
NUMBERS = ("syn_weight", "nsyns", "delay")
ROWS_AT_ONCE = 1 << 19
GAP = 1 << 12  # rows between two ranges that are cheaper to read than to leave out
# Names of the index by target: those of the format, and those that writers of it used.
INDICES = ("indices", "indicies")
OF_NODES = ("node_id_to_ranges", "node_id_to_range")
OF_RANGES = "range_to_edge_id"
PARAMETERS = {"weight": "syn_weight", "delay": "delay"}  # in NEST's words -> in those of SONATA


@dataclass(eq=False)
class Edges:
    """A population of ``n`` edges.

    receptor: of all, None for that of each weight's sign. rows_read: how many rows were read with all
    their attributes.
    """

    name: str
    path: Path
    source: str
    target: str
    n: int
    types: dict[int, dict[str, Any]]
    receptor: str | None = None
    rows_read: int = 0

    def blocks(self, targets: np.ndarray | None = None) -> Iterator[EdgeBlock]:
        """Yield edges between node ids, int64: those onto targets (ascending), None: all."""
        ranges = [(0, self.n)]
        if targets is not None:
            ranges = self._ranges_onto(targets)
        for batch in _batches(ranges):
            # Opened anew, so that the limit of memory for a file does not hold for other code.
            with open_hdf5(self.path) as file:
                blocks = [self._read(file, slice(*rows), targets) for rows in batch]
            yield from blocks

    def require_index(self, targets: np.ndarray, in_degrees: np.ndarray) -> None:
        """Raise InputFileError unless an index by target lists so many edges onto each target."""
        with open_hdf5(self.path) as file:
            index = self._index(file)
        if index is None:
            return
        of_nodes, of_ranges = index
        # before[k]: edges of all ranges before the k-th
        lengths = of_ranges[:, 1] - of_ranges[:, 0]
        before = np.concatenate([[0], np.cumsum(lengths)])
        listed = np.zeros(in_degrees.size, dtype=np.int64)
        is_in = targets < of_nodes.shape[0]
        own = of_nodes[targets[is_in]]
        listed[is_in] = before[own[:, 1]] - before[own[:, 0]]
        if not np.array_equal(listed, in_degrees):
            k = int(np.argmax(listed != in_degrees))
            limit = f"a file whose index lists the {in_degrees[k]} edges onto node {targets[k]}"
            raise refused(self.path, limit, int(listed[k]), "Write the indices again.")

    def _read(self, file: Hdf5, rows: slice, targets: np.ndarray | None) -> EdgeBlock:
        place = f"edges/{self.name}"
        post = file.numbers(place, "target_node_id", 1, rows=rows).astype(np.int64)
        if targets is not None and not (is_own := np.isin(post, targets)).any():
            return EdgeBlock(post[:0], post[:0], np.zeros(0), np.zeros(0))
        self.rows_read += post.size
        pre = file.numbers(place, "source_node_id", 1, rows=rows).astype(np.int64)
        # weight = syn_weight nsyns: in the edge, else in its type
        attributes = read_attributes(file, self.path, place, "edge", self.types, rows, NUMBERS)
        weights, n_synapses, delays_ms = (
            attributes.numbers(self.path, name, default)
            for name, default in zip(NUMBERS, (1.0, 1.0, DEFAULT_DELAY_MS), strict=True)
        )
        # A row of several synapses at one place is one with their sum of weights.
        block = EdgeBlock(pre, post, weights * n_synapses, delays_ms)
        return block if targets is None else block.chosen(is_own)

    def _ranges_onto(self, targets: np.ndarray) -> list[tuple[int, int]]:
        """Return ranges of rows that hold all edges onto targets: by the index, else all rows."""
        with open_hdf5(self.path) as file:
            index = self._index(file)
        if index is None:
            return [(0, self.n)]
        of_nodes, of_ranges = index
        # A node has the ranges own[k, 0] .. own[k, 1] - 1; the last nodes may be missing.
        own = of_nodes[targets[targets < of_nodes.shape[0]]]
        chosen = np.zeros(of_ranges.shape[0] + 1, dtype=np.int64)
        np.add.at(chosen, own[:, 0], 1)
        np.add.at(chosen, own[:, 1], -1)
        ranges = of_ranges[np.cumsum(chosen[:-1]) > 0]
        ranges = ranges[ranges[:, 1] > ranges[:, 0]]
        joined: list[tuple[int, int]] = []
        for start, stop in ranges[np.argsort(ranges[:, 0])].tolist():
            if joined and start <= joined[-1][1] + GAP:
                joined[-1] = joined[-1][0], max(joined[-1][1], stop)
            else:
                joined.append((start, stop))
        return joined

    def _index(self, file: Hdf5) -> tuple[np.ndarray, np.ndarray] | None:
        """Return ranges of each node, and edges of each range, int64 [n, 2]; None without."""
        for group in (f"edges/{self.name}/{name}/target_to_source" for name in INDICES):
            names = [name for name in OF_NODES if file.has(group, name)]
            if names and file.has(group, OF_RANGES):
                break
        else:
            return None
        of_nodes, of_ranges = (
            file.numbers(group, name, 2).astype(np.int64) for name in (names[0], OF_RANGES)
        )
        # A node without edges may have any empty range.
        for values, most in ((of_nodes, of_ranges.shape[0]), (of_ranges, self.n)):
            is_right = values.shape[1] == 2 and (values[:, 0] >= 0).all()
            if is_right:
                is_right = (values[:, 0] <= values[:, 1]).all() and (values[:, 1] <= most).all()
            if not is_right:
                limit = f"a file whose {group} stays within its edges"
                raise refused(self.path, limit, "others", "Write the indices again.")
        return of_nodes, of_ranges


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
    # Reading no rows tells whether there are numbers at all.
    file.numbers(place, "edge_type_id", 1, rows=slice(0, 0))
    n = file.length(place, "edge_type_id")
    sizes = []
    for end in ("source", "target"):
        file.numbers(place, f"{end}_node_id", 1, rows=slice(0, 0))
        sizes.append(file.length(place, f"{end}_node_id"))
    if sizes != [n, n]:
        limit = f"a file with {n} sources and targets in {name}"
        raise refused(path, limit, f"{sizes[0]} and {sizes[1]}", "Correct it.")
    source, target = (
        file.attribute(f"{place}/{end}_node_id", ATTRIBUTE) for end in ("source", "target")
    )
    return Edges(name, path, source, target, n, types, _receptor(path, types))


def _receptor(path: Path, types: dict[int, dict[str, Any]]) -> str | None:
    """Return the receptor that the types of a file name, which must be one for all."""
    # A projection has one receptor, or the two that signs choose.
    receptors = {row.get(RECEPTOR, "") for row in types.values()} or {""}
    if len(receptors) > 1:
        limit, remedy = f"a file whose types have one {RECEPTOR}", "Make two files."
        raise refused(path, limit, ", ".join(sorted(receptors)), remedy)
    return receptors.pop() or None


def _batches(ranges: list[tuple[int, int]]) -> Iterator[list[tuple[int, int]]]:
    """Yield the ranges, cut and gathered into lists of about ``ROWS_AT_ONCE`` rows."""
    batch: list[tuple[int, int]] = []
    n = 0
    for first, last in ranges:
        for start in range(first, last, ROWS_AT_ONCE):
            batch.append((start, min(last, start + ROWS_AT_ONCE)))
            n += batch[-1][1] - start
            if n >= ROWS_AT_ONCE:
                yield batch
                batch, n = [], 0
    if batch:
        yield batch


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
