"""The report as plain data, which ``--json`` writes and the screen shows."""

from __future__ import annotations

import math
import platform
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from distsnn import __version__
from distsnn.errors import UsageError
from distsnn.mapping import name_of_placement
from distsnn.outputs import json_bytes, write_file
from distsnn.report.weights import weights_report
from distsnn.simulation import Result
from distsnn.traffic import MeshTraffic, energy_report, traffic_report


def mesh_traffic(result: Result) -> MeshTraffic:
    """Return the account of the mesh for a chip that keeps pace with the model's time."""
    if not result.is_root or result.counters is None:
        raise UsageError(
            "report: must be made on rank 0, got another rank. Make it only if result.is_root."
        )
    return MeshTraffic(result.chip, result.counters, step_s=result.network.dt_ms * 1e-3)


def document(
    result: Result, discard_ms: float = 0.0, settings: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Return the report of a run.

    discard_ms: beginning of the run that the statistics of populations leave out. settings: arguments
    that the network was built with.
    """
    traffic = mesh_traffic(result)
    return {
        "distsnn": __version__,
        "digest": result.digest,
        "traffic_digest": result.traffic_digest,
        **_what(result, discard_ms, settings or {}),
        **_how(result),
        "populations": _populations(result, discard_ms),
        "weights": weights_report(result.weight_errors()),
        **_account(result),
        "traffic": traffic_report(traffic),
        **energy_report(traffic),
        "limits": _limits(result),
        "chip": _chip(result),
        "versions": versions(),
    }


def _what(result: Result, discard_ms: float, settings: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "network": result.network.name,
        "n_neurons": result.network.n_neurons,
        "n_synapses": result.n_synapses,
        "duration_ms": result.duration_ms,
        "discard_ms": discard_ms,
        "dt_ms": result.network.dt_ms,
        "seed": result.network.seed,
        "settings": dict(settings),
    }


def _how(result: Result) -> dict[str, Any]:
    return {
        "n_ranks": result.n_ranks,
        "fabric": result.fabric,
        "placement": name_of_placement(result.settings.placement),
        "cut": result.settings.cut,
        "steps_per_exchange": result.steps_per_exchange,
        "cores_used": result.plan.n_blocks,
    }


def _populations(result: Result, discard_ms: float) -> list[dict[str, Any]]:
    entries = []
    for population in result.network.populations:
        of_trains = result.statistics(population.name, discard_ms)
        entries.append(
            {
                "name": population.name,
                "model": type(population.model).__name__,
                "n": population.size,
                "is_recorded": result.network.records_spikes(population),
                "n_spikes": of_trains.n_spikes,
                "rate_hz": of_trains.rate_hz,
                "cv_isi": of_trains.cv_isi,
                "synchrony": of_trains.synchrony,
            }
        )
    return entries


def _account(result: Result) -> dict[str, Any]:
    counted = None if result.counters is None else result.counters.synaptic_events
    events = 0 if counted is None else int(counted.sum())
    memory = result.memory_of_rank
    return {
        "synaptic_events": events,
        "compile_s": result.compile_s,
        "build_s": result.build_s,
        "simulate_s": result.simulate_s,
        "seconds": dict(result.seconds),
        "real_time_factor": result.simulate_s / (result.duration_ms * 1e-3),
        "synaptic_events_per_s": events / result.simulate_s if result.simulate_s else 0.0,
        "memory_bytes": result.memory_bytes,
        "memory_bytes_of_fullest_rank": int(memory.max()) if memory.size else 0,
        "memory_bytes_of_ranks": memory.tolist(),
        "saturations": dict(result.saturations),
    }


def _chip(result: Result) -> dict[str, Any]:
    chip = result.chip
    return {
        "name": chip.name,
        "title": chip.title,
        "link_bytes_per_s": chip.link_bytes_per_s,
        "note": chip.note,
        "sources": chip.sources,
    }


def _limits(result: Result) -> list[dict[str, Any]]:
    if result.usage is None:
        return []
    return [
        {
            "name": usage.name,
            "most": usage.most,
            "mean": float(usage.used.mean()) if usage.used.size else 0.0,
            "limit": usage.limit,
            "exceeded": usage.is_exceeded,
            "cores_exceeded": usage.cores_exceeded,
        }
        for usage in result.usage.limits
    ]


def versions() -> dict[str, str]:
    """Return the versions that a result depends on."""
    version_of = {"python": platform.python_version(), "machine": platform.machine()}
    for name in ("numpy", "numba", "llvmlite", "mpi4py", "openmpi", "mpich"):
        try:
            version_of[name] = version(name)
        except PackageNotFoundError:
            continue
    return version_of


def write_json(report: dict[str, Any], path: Path) -> None:
    """Write a report as JSON. An existing file is replaced once the new one is complete."""
    write_file(path, json_bytes(plain(report)))


def plain(value: Any) -> Any:
    """Return the value for JSON, which has no infinities: they become text."""
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value
