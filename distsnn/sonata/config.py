"""Configurations of SONATA: JSON files with a manifest of folders.

Source: Dai et al. 2020, PLoS Comput Biol 16:e1007696 (the SONATA data format).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from distsnn.checks import file_path, is_whole, must_be
from distsnn.errors import InputFileError
from distsnn.input_files.limits import refused
from distsnn.input_files.whole import read_json

MAX_DEPTH = 16  # of names of the manifest in each other
RUN = ("tstart", "tstop", "dt", "random_seed")
# Of cells with a shape, of other random numbers, or of other programs: without meaning here.
OTHERS_OF_RUN = (
    "dL", "spike_threshold", "nsteps_block", "calc_ecp", "overwrite_output_dir", "integration_method",
    "stimulus_seed", "ionchannel_seed", "minis_seed", "synapse_seed", "spike_location",
)  # fmt: skip


@dataclass(frozen=True)
class SonataConfig:
    """What to simulate, with all paths resolved.

    path: of the configuration. start_ms: time of the first step, by which times of inputs and outputs
    differ from those of the network. seed: of random inputs, None if the file does not say.
    """

    path: Path
    nodes: list[tuple[Path, Path]] = field(default_factory=list)  # nodes, node types
    edges: list[tuple[Path, Path]] = field(default_factory=list)
    components: dict[str, Path] = field(default_factory=dict)
    node_sets: dict[str, Any] = field(default_factory=dict)
    inputs: dict[str, dict[str, Any]] = field(default_factory=dict)
    reports: dict[str, dict[str, Any]] = field(default_factory=dict)
    start_ms: float = 0.0
    duration_ms: float = 1000.0
    dt_ms: float = 0.1
    seed: int | None = None
    output_dir: Path | None = None
    spikes_file: str = "spikes.h5"
    spikes_sort_order: str = "none"


def read_config(path: str | Path) -> SonataConfig:
    """Return a circuit's or a simulation's configuration, or one of both. Raises InputFileError."""
    # Paths in a file are relative to it, and stay so wherever the program runs.
    path = file_path("SONATA configuration: path", path).absolute()
    # Three ways to write it: one file with all, a simulation that names its circuit, a file that names
    # both.
    content = _merged(path, depth=0)
    simulation, circuit = content.get("simulation", content), content.get("network", content)
    networks = circuit.get("networks")
    if not isinstance(networks, dict) or not networks.get("nodes"):
        limit = "a SONATA configuration with networks and nodes"
        raise refused(path, limit, ", ".join(content) or "none", "Name the circuit as network.")
    run, output = simulation.get("run", {}), simulation.get("output", {})
    _require_known_run(path, run)
    start_ms, tstop, dt_ms = (
        _number(path, run, *item) for item in (("tstart", 0.0), ("tstop", 1000.0), ("dt", 0.1))
    )
    if not 0.0 <= start_ms < tstop:
        limit = f"a time from 0 to below tstop, {tstop:g} ms"
        raise InputFileError(must_be(f"{path}: tstart", limit, start_ms, "Correct it."))
    folder = output.get("output_dir")
    return SonataConfig(
        path=path,
        nodes=_files(path, networks, "nodes", "node"),
        edges=_files(path, networks, "edges", "edge"),
        components={
            name: Path(value) for name, value in circuit.get("components", {}).items()
            if isinstance(value, str)
        },
        node_sets=_node_sets(simulation, circuit),
        inputs=_enabled(path, simulation, "inputs"),
        reports=_enabled(path, simulation, "reports"),
        start_ms=start_ms,
        duration_ms=tstop - start_ms,
        dt_ms=dt_ms,
        seed=_seed(path, run),
        output_dir=Path(folder) if isinstance(folder, str) else None,
        spikes_file=str(output.get("spikes_file") or "spikes.h5"),
        spikes_sort_order=str(output.get("spikes_sort_order") or "none"),
    )  # fmt: skip


def _merged(path: Path, depth: int) -> dict[str, Any]:
    """Return a configuration with its paths resolved, and the files that it names in their place."""
    if depth > 2:
        raise refused(path, "a configuration of two files at most", "more", "Join them.")
    # Paths are relative to the file that has them, so that each file is resolved on its own.
    content = read_json(path)
    content = _resolved(path, content, _manifest(path, content.get("manifest", {})))
    for part in ("network", "simulation"):
        named = content.get(part)
        if isinstance(named, str):
            content[part] = _merged(Path(named), depth + 1)
    # A simulation may name its circuit, and a configuration of both the two.
    inner = content.get("simulation")
    if isinstance(inner, dict) and isinstance(inner.get("network"), dict):
        content.setdefault("network", inner["network"])
    return content


def _manifest(path: Path, manifest: Any) -> dict[str, str]:
    """Return the folders that the names of a manifest stand for."""
    if not isinstance(manifest, dict):
        raise refused(path, "a manifest of names and folders", type(manifest).__name__, "Write it.")
    # A name may be written with or without a dollar and braces, and stand in another one's folder.
    names = {f"${name.strip('${}')}": str(value) for name, value in manifest.items()}
    for name in names:
        for _ in range(MAX_DEPTH):
            names[name] = _replaced(names[name], {k: v for k, v in names.items() if k != name})
        if "$" in names[name]:
            limit = f"a manifest whose {name} ends in a folder"
            raise refused(path, limit, names[name], "Define every name, none by itself.")
    return names


def _replaced(text: str, names: dict[str, str]) -> str:
    # Longer names first, since one may begin like another.
    for name in sorted(names, key=len, reverse=True):
        text = text.replace(f"${{{name[1:]}}}", names[name]).replace(name, names[name])
    return text


def _resolved(path: Path, value: Any, names: dict[str, str]) -> Any:
    """Return the content with names of the manifest replaced and relative paths made whole."""
    if isinstance(value, dict):
        return {
            key: part if key == "manifest" else _resolved(path, part, names)
            for key, part in value.items()
        }
    if isinstance(value, list):
        return [_resolved(path, part, names) for part in value]
    # Only what begins like a path is one: "time" and "cells" are words.
    if isinstance(value, str) and ("$" in value or value.startswith(("./", "../"))):
        whole = _replaced(value, names)
        if "$" in whole:
            limit = "a configuration whose names are in its manifest"
            raise refused(path, limit, value, "Add the name to the manifest.")
        return str(path.parent / whole)
    return value


def _files(path: Path, networks: dict[str, Any], kind: str, one: str) -> list[tuple[Path, Path]]:
    """Return the enabled files of nodes or edges, each with its file of types."""
    found = []
    for entry in networks.get(kind) or []:
        names = [entry.get(f"{kind}_file"), entry.get(f"{one}_types_file")]
        if not isinstance(names[0], str):
            limit = f"a configuration with {kind}_file for all {kind}"
            raise refused(path, limit, ", ".join(entry), "Name the file.")
        if entry.get("enabled", True):
            types = names[1] if isinstance(names[1], str) else ""
            found.append((path.parent / names[0], path.parent / types if types else Path()))
    return found


def _node_sets(simulation: dict[str, Any], circuit: dict[str, Any]) -> dict[str, Any]:
    named = simulation.get("node_sets_file") or circuit.get("node_sets_file")
    # Sets in the simulation go before those in a file of their own.
    sets = read_json(named) if isinstance(named, str) else {}
    own = simulation.get("node_sets")
    return {**sets, **own} if isinstance(own, dict) else sets


def _enabled(path: Path, simulation: dict[str, Any], part: str) -> dict[str, dict[str, Any]]:
    given = simulation.get(part) or {}
    if not isinstance(given, dict) or not all(isinstance(one, dict) for one in given.values()):
        raise refused(path, f"a configuration with {part} by name", "others", "Write them so.")
    return {name: one for name, one in given.items() if one.get("enabled", True)}


def _require_known_run(path: Path, run: Any) -> None:
    """Raise InputFileError for words of ``run`` that nobody would heed."""
    if not isinstance(run, dict):
        raise refused(path, "a configuration with run by name", type(run).__name__, "Write it so.")
    for name in run:
        if name not in RUN + OTHERS_OF_RUN:
            limit = f"one of {', '.join(RUN)}"
            raise InputFileError(must_be(f"{path}: run", limit, name, "Leave it out."))


def _seed(path: Path, run: dict[str, Any]) -> int | None:
    # Neither a flag nor a fraction: the same numbers as --seed takes.
    seed = run.get("random_seed")
    if seed is None or (is_whole(seed) and 0 <= seed < 2**64):
        return seed
    limit = "a whole number from 0 to 2^64 - 1"
    raise InputFileError(must_be(f"{path}: random_seed", limit, seed, "Correct it."))


def _number(path: Path, run: Any, name: str, default: float) -> float:
    value = run.get(name, default) if isinstance(run, dict) else default
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not math.isfinite(value):
        raise InputFileError(must_be(f"{path}: {name}", "a number of ms", value, "Correct it."))
    return float(value)
