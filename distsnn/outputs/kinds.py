"""Kinds of result folders: what is in them, and how a folder is known to be one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

MAX_MARKER_BYTES = 1 << 28


@dataclass(frozen=True)
class Kind:
    """What a command leaves in a folder.

    title: the command that does. names: patterns of all its files. marker, keys: the JSON file, and
    the keys in it, by which such a folder is known; no marker for pictures, which say themselves
    who has drawn them. is_growing: files are added one by one instead of replaced together.
    lists_files: the marker gets a list of the files with their digests.
    """

    title: str
    names: tuple[str, ...]
    marker: str = ""
    keys: tuple[str, ...] = ()
    is_growing: bool = False
    lists_files: bool = False

    def has(self, name: str) -> bool:
        """Return whether a file of this name belongs to such a folder."""
        return any(fnmatchcase(name, pattern) for pattern in self.names)

    def found_in(self, folder: Path) -> Iterator[str]:
        """Give the names of files in a folder that belong to this kind by their names."""
        try:
            entries = sorted(path.name for path in folder.iterdir())
        except OSError:
            return
        yield from (name for name in entries if self.has(name))

    def marks(self, folder: Path) -> bool:
        """Return whether a folder is one of this kind by its marker."""
        content = self.content_of_marker(folder)
        return bool(self.keys) and all(key in content for key in self.keys)

    def content_of_marker(self, folder: Path) -> dict[str, Any]:
        """Return what the marker of a folder says, {} where there is none that can be read."""
        return _json_in(folder / self.marker) if self.marker else {}

    def is_own_piece(self, folder: Path, name: str) -> bool:
        """Return whether a file is one of this kind in a folder without its marker.

        Pieces that are added one by one say themselves what they belong to, and are checked by that
        when they are read; reports name the product.
        """
        if not self.is_growing or name == self.marker:
            return False
        return not name.endswith(".json") or "distsnn" in _json_in(folder / name)


def _json_in(path: Path) -> dict[str, Any]:
    """Return the object in a JSON file, {} where there is none that can be read."""
    try:
        if not path.is_file() or path.stat().st_size > MAX_MARKER_BYTES:
            return {}
        content = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}


RUN = Kind(
    "distsnn run",
    ("spikes.h5", "counters.h5", "traces.h5", "weights.h5", "raster.png", "mesh.png",
     "settings.json"),
    "settings.json", ("distsnn", "network", "traffic_digest"), lists_files=True,
)  # fmt: skip
LSM = Kind(
    "distsnn lsm train",
    ("readouts.npz", "accuracies.png", "confusion.png", "recording.png", "eval_confusion.png",
     "run.json"),
    "run.json", ("version", "readouts", "encoder"),
)  # fmt: skip
MEASURES = Kind(
    "distsnn lsm measure", ("measures.png", "measures.json"), "measures.json",
    ("neurons", "separation", "spectral_radius"),
)  # fmt: skip
SDNN = Kind(
    "distsnn sdnn train",
    ("report.json", "eval.json", "layer-*.npz", "svm-*.npz", "features", "settings.json"),
    "settings.json", ("settings", "classes", "images"), is_growing=True,
)  # fmt: skip
CIRCUIT = Kind(
    "distsnn sonata",
    ("config.json", "circuit_config.json", "simulation_config.json", "*_nodes.h5", "*_node_types.csv",
     "*_edges.h5", "*_edge_types.csv", "*_spikes.h5", "*_cells.json", "*_synapses.json"),
    "circuit_config.json", ("distsnn", "networks"), lists_files=True,
)  # fmt: skip
PICTURES = Kind("pictures", ("*.png", "*.pdf", "*.svg"), is_growing=True)
MARKED = (RUN, LSM, MEASURES, SDNN, CIRCUIT)


def other_kind_in(folder: Path, kind: Kind) -> Kind | None:
    """Return the other kind of result that a folder holds, None if there is none."""
    return next((one for one in MARKED if one != kind and one.marks(folder)), None)
