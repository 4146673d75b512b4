"""Reads the HDF5 files of NIR.

They are read by this package's own bounded reader instead of the package ``nir``, which follows links
out of the file, takes arrays of any size and raises many types of errors for damaged ones.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from distsnn.input_files.hdf5_files import Hdf5, open_hdf5
from distsnn.input_files.limits import as_path, printable, refused
from distsnn.nir.graph import Graph, Node
from distsnn.nir.nodes.kinds import FIELDS, GRAPH

ROOT = "node"
MAX_NODES = 10_000
Edge = tuple[str, str]


def read_graph(path: str | Path) -> Graph:
    """Return the graph of a NIR file, its subgraphs resolved.

    Raises InputFileError for a file that is not NIR, is damaged, or has nodes of an unknown kind.
    """
    path = as_path(path)
    with open_hdf5(path) as file:
        # A file has the group and a version.
        if not file.has_group(ROOT):
            limit = f"a NIR file, with a group {ROOT!r}"
            raise refused(path, limit, ", ".join(file.names()) or "an empty file", "Name a graph.")
        if _kind(file, ROOT) != GRAPH:
            limit = f"a NIR file whose root is a {GRAPH}"
            raise refused(path, limit, _kind(file, ROOT), "Wrap the node in a graph.")
        nodes: dict[str, Node] = {}
        edges = _read_subgraph(file, path, ROOT, "", nodes)
    return Graph(printable(path), nodes, tuple(edges))


def _read_subgraph(
    file: Hdf5, path: Path, group: str, prefix: str, nodes: dict[str, Node]
) -> list[Edge]:
    """Add the nodes of a graph and of its subgraphs; return their edges.

    Edges of a subgraph begin at its Input and end at its Output, which pass on what they get.
    """
    names = file.names(f"{group}/nodes")
    if len(nodes) + len(names) > MAX_NODES:
        raise refused(path, f"a graph of at most {MAX_NODES} nodes", "more", "Split it.")
    edges: list[Edge] = []
    # name in this graph -> node at which its edges end, and from which they start
    entry, leave = {}, {}
    for name in names:
        place, full = f"{group}/nodes/{name}", prefix + printable(name)
        # A subgraph is entered at its Input and left from its Output.
        if _kind(file, place) == GRAPH:
            edges += _read_subgraph(file, path, place, f"{full}.", nodes)
            entry[name] = _inner(nodes, f"{full}.", "Input", path, full)
            leave[name] = _inner(nodes, f"{full}.", "Output", path, full)
        else:
            nodes[full] = _read_node(file, path, place, full)
            entry[name] = leave[name] = full
    # Edges of this graph, after those inside its subgraphs.
    for source, target in _edges(file, path, group):
        if source not in leave or target not in entry:
            limit = "a graph whose edges join nodes that it has"
            raise refused(path, limit, f"{prefix}{source} -> {target}", "Export it again.")
        edges.append((leave[source], entry[target]))
    return edges


def _inner(nodes: dict[str, Node], prefix: str, kind: str, path: Path, name: str) -> str:
    """Return the one Input or Output of a subgraph."""
    # Only of this subgraph, not of one inside it.
    inner = [
        node.name
        for node in nodes.values()
        if node.kind == kind
        and node.name.startswith(prefix)
        and "." not in node.name[len(prefix) :]
    ]
    if len(inner) != 1:
        limit = f"a graph whose subgraph {name!r} has one {kind} node"
        raise refused(path, limit, f"{len(inner)}", "Export it so.")
    return inner[0]


def _edges(file: Hdf5, path: Path, group: str) -> list[Edge]:
    if not file.has_text(group, "edges"):
        return []  # of a graph without edges h5py stores an empty array of numbers
    pairs = file.texts(group, "edges", 2)
    if pairs.shape[1] != 2:
        limit = "a graph whose edges are pairs"
        raise refused(path, limit, f"an array of shape {pairs.shape}", "Export it again.")
    # An edge given twice is one edge.
    return list(dict.fromkeys((str(a), str(b)) for a, b in pairs))


def _kind(file: Hdf5, group: str) -> str:
    return str(file.texts(group, "type", 0)[()])


def _read_node(file: Hdf5, path: Path, group: str, name: str) -> Node:
    kind = _kind(file, group)
    if kind not in FIELDS:
        limit = f"a graph of nodes of the kinds {', '.join(sorted(FIELDS))}"
        raise refused(path, limit, f"{printable(kind)} {name!r}", "Replace it.")
    needed, optional = FIELDS[kind]
    numbers: dict[str, np.ndarray] = {}
    texts: dict[str, str] = {}
    # A field is numbers or, as the padding of a convolution may be, a word.
    for key in (*needed, *optional):
        if file.has_text(group, key):
            texts[key] = str(file.texts(group, key, 0)[()])
        elif key in needed or file.has(group, key):
            numbers[key] = file.numbers(group, key)
    return Node(name, kind, numbers, texts)
