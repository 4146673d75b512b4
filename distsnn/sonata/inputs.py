"""Inputs of SONATA: spikes from files, and current clamps."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from distsnn.checks import must_be
from distsnn.errors import InputFileError
from distsnn.input_files.hdf5_files import open_hdf5
from distsnn.input_files.limits import refused
from distsnn.input_files.whole import read_text
from distsnn.sonata.config import SonataConfig
from distsnn.sonata.nodes import Nodes, chosen_nodes

KINDS = ("spikes", "current_clamp")


@dataclass(frozen=True)
class Currents:
    """A current clamp of the nodes of a set."""

    node_set: Any
    pa: float
    start_ms: float
    duration_ms: float


@dataclass
class SpikeInputs:
    """Spikes by population: times in ms and places of nodes."""

    parts: dict[str, list[tuple[np.ndarray, np.ndarray]]] = field(default_factory=dict)

    def of(self, name: str) -> tuple[np.ndarray, np.ndarray]:
        """Return all spikes of a population: times_ms float64, places int64."""
        parts = self.parts.get(name, [])
        times = np.concatenate([np.empty(0), *(times for times, _ in parts)])
        places = np.concatenate([np.empty(0, dtype=np.int64), *(places for _, places in parts)])
        return times, places


def read_inputs(
    config: SonataConfig, populations: Mapping[str, Nodes]
) -> tuple[SpikeInputs, list[Currents]]:
    """Return all inputs of a configuration. Raises InputFileError for kinds that cannot be had."""
    spikes, currents = SpikeInputs(), []
    for name, given in config.inputs.items():
        kind = given.get("input_type", given.get("module"))
        if kind == "spikes":
            _add_spikes(config, name, given, populations, spikes)
        elif kind in ("current_clamp", "IClamp"):
            currents.append(_current(name, given))
        else:
            limit = f"one of {', '.join(KINDS)}"
            remedy = "Leave the input out."
            raise InputFileError(must_be(f"input {name}: input_type", limit, kind, remedy))
    return spikes, currents


def _current(name: str, given: dict[str, Any]) -> Currents:
    # amp without a default: a clamp of nothing is a mistake
    values = []
    for key, default in (("amp", None), ("delay", 0.0), ("duration", None)):
        value = given.get(key, default)
        if not isinstance(value, int | float) or isinstance(value, bool):
            raise InputFileError(must_be(f"input {name}: {key}", "a number", value, "Give one."))
        values.append(float(value))
    # bmtk's point neurons take pA, as NEST does
    return Currents(given.get("node_set", "all"), *values)


def _add_spikes(
    config: SonataConfig,
    name: str,
    given: dict[str, Any],
    populations: Mapping[str, Nodes],
    spikes: SpikeInputs,
) -> None:
    file = given.get("input_file")
    if not isinstance(file, str):
        raise InputFileError(must_be(f"input {name}: input_file", "a path", file, "Give one."))
    path = config.path.parent / file
    # A file without populations belongs to the only population of the set.
    chosen = chosen_nodes(config.node_sets, given.get("node_set", "all"), populations)
    read = read_csv_spikes(path) if path.suffix == ".csv" else read_h5_spikes(path)
    for nodes, places in chosen:
        for population, times_ms, ids in read:
            if population not in (None, nodes.name) and len(chosen) + len(read) > 2:
                continue
            # Spikes of nodes outside the set are of no use.
            own = np.isin(ids, nodes.ids[places])
            part = times_ms[own], nodes.index_of(ids[own])
            spikes.parts.setdefault(nodes.name, []).append(part)


def read_h5_spikes(path: Path) -> list[tuple[str | None, np.ndarray, np.ndarray]]:
    """Return (population, times_ms, node ids) of a file; the population is None in old files."""
    # /spikes/POPULATION/timestamps; before populations were named, /spikes/timestamps
    with open_hdf5(path) as file:
        if file.has("spikes", "timestamps"):  # before version 0.1 of the format
            ids = "gids" if file.has("spikes", "gids") else "node_ids"
            times_ms = file.numbers("spikes", "timestamps", 1).astype(np.float64)
            return [(None, times_ms, file.numbers("spikes", ids, 1).astype(np.int64))]
        parts: list[tuple[str | None, np.ndarray, np.ndarray]] = []
        for name in file.names("spikes"):
            group = f"spikes/{name}"
            times_ms = file.numbers(group, "timestamps", 1).astype(np.float64)
            ids_of = file.numbers(group, "node_ids", 1).astype(np.int64)
            if times_ms.size != ids_of.size:
                limit = f"a file with a node id for each time in {name}"
                raise refused(path, limit, ids_of.size, "Correct it.")
            parts.append((name, times_ms, ids_of))
        return parts


def read_csv_spikes(path: Path) -> list[tuple[str | None, np.ndarray, np.ndarray]]:
    """Return (population, times_ms, node ids) of a table with timestamps and node_ids."""
    text = read_text(path)
    header = text.splitlines()[0] if text.strip() else ""
    rows = csv.DictReader(io.StringIO(text), delimiter=" " if " " in header else ",")
    parts: dict[str | None, tuple[list[float], list[int]]] = {}
    for number, row in enumerate(rows, 2):
        try:
            times, ids = parts.setdefault(row.get("population"), ([], []))
            times.append(float(row["timestamps"]))
            ids.append(int(row["node_ids"]))
        except (KeyError, TypeError, ValueError):
            limit = "a table with numbers as timestamps and node_ids"
            raise refused(path, limit, f"another row {number}", "Correct it.") from None
    return [(name, np.array(times), np.array(ids)) for name, (times, ids) in parts.items()]
