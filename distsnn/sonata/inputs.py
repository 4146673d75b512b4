"""Inputs of SONATA: spikes from files, current clamps, and inputs of this package."""

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
from distsnn.sonata.own import OWN, own_input
from distsnn.stimuli import Current, Input

KINDS = ("spikes", "current_clamp", "distsnn")
COMMON = ("input_type", "module", "node_set", "enabled")
# By kind: the words that are heeded. "trial" and the place of a clamp have no meaning here.
WORDS = {
    "spikes": (*COMMON, "input_file", "trial"),
    "current_clamp": (
        *COMMON, "amp", "delay", "duration", "section_name", "section_index", "section_dist"
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Drive:
    """An input other than given spikes, of the nodes of a set."""

    node_set: Any
    what: Input


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
) -> tuple[SpikeInputs, list[Drive]]:
    """Return all inputs of a configuration. Raises InputFileError for kinds that cannot be had."""
    spikes, drives = SpikeInputs(), []
    for name, given in config.inputs.items():
        kind = given.get("input_type", given.get("module"))
        kind = "current_clamp" if kind == "IClamp" else kind
        _require_known(name, kind, given)
        if kind == "spikes":
            _add_spikes(config, name, given, populations, spikes)
        elif kind == "current_clamp":
            clamp = _current(name, given, config.start_ms)
            drives += [] if clamp is None else [Drive(given.get("node_set", "all"), clamp)]
        elif kind == OWN:
            drives.append(Drive(given.get("node_set", "all"), own_input(name, given)))
        else:
            limit = f"one of {', '.join(KINDS)}"
            remedy = "Leave the input out."
            raise InputFileError(must_be(f"input {name}: input_type", limit, kind, remedy))
    return spikes, drives


def _require_known(name: str, kind: Any, given: dict[str, Any]) -> None:
    """Raise InputFileError for words of an input that nobody would heed."""
    for word in given if kind in WORDS else ():
        if word not in WORDS[kind]:
            limit = f"of {', '.join(WORDS[kind])}"
            raise InputFileError(must_be(f"input {name}", limit, word, "Leave it out."))


def _current(name: str, given: dict[str, Any], begin_ms: float) -> Current | None:
    """Return the current of a clamp, None for one that is over before the simulation begins."""
    # amp without a default: a clamp of nothing is a mistake
    values = []
    for key, default in (("amp", None), ("delay", 0.0), ("duration", None)):
        value = given.get(key, default)
        if not isinstance(value, int | float) or isinstance(value, bool):
            raise InputFileError(must_be(f"input {name}: {key}", "a number", value, "Give one."))
        values.append(float(value))
    pa, delay_ms, duration_ms = values
    stop_ms = delay_ms + duration_ms - begin_ms
    if stop_ms <= 0.0:
        return None
    # bmtk's point neurons take pA, as NEST does
    return Current(pa=pa, start_ms=max(0.0, delay_ms - begin_ms), stop_ms=stop_ms)


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
            if config.start_ms > 0.0:
                own &= times_ms > config.start_ms
            part = times_ms[own] - config.start_ms, nodes.index_of(ids[own])
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
