"""Accuracy, spikes, traffic, energy and time of a NIR graph on a chip, beside the ideal result."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from distsnn.checks import instance
from distsnn.comm import Comm, collective, start
from distsnn.errors import InputFileError
from distsnn.nir.checks import require_running
from distsnn.nir.data import Labelled
from distsnn.nir.ideal import Outputs, ideal_outputs
from distsnn.nir.loading import NirNetwork
from distsnn.nir.playing import Played, run
from distsnn.nir.wiring import Program
from distsnn.player import Recording
from distsnn.simulation import Settings
from distsnn.traffic import energy_report, traffic_report
from distsnn.version import __version__

Report = dict[str, Any]


@collective("nir.evaluate()")
def evaluate(
    loaded: NirNetwork,
    data: Labelled,
    *,
    settings: Settings | None = None,
    comm: Comm | None = None,
    progress: Callable[[int], None] | None = None,
) -> Report:
    """Return the report on labelled recordings, as plain data; {} on ranks other than 0. Collective.

    It has the accuracy and the spikes of each layer, ideal and on the chip, what rounding the weights
    cost, the packets over each link, and energy and time for each inference. Raises InputFileError if
    there are more classes than outputs, and what ``run`` raises.
    """
    instance("nir.evaluate: loaded", loaded, NirNetwork)
    instance("nir.evaluate: data", data, Labelled)
    require_running("nir.evaluate", settings, comm, progress)
    comm, settings = comm or start(), settings or Settings()
    _require_classes(loaded, data)
    played = run(loaded, data.recordings, settings=settings, comm=comm, progress=progress)
    ideal = shared_ideal(loaded.ideal, data.recordings, comm)
    if not played.is_root or played.outputs is None or ideal is None:
        return {}
    return {
        "distsnn": __version__,
        **_what(loaded, data),
        "digest": played.digest,
        "accuracy": _accuracy(data.labels, ideal, played.outputs),
        "layers": _layers(loaded.program, ideal, played.outputs),
        "weights": _weights(loaded),
        "inference": _inference(played, len(data.recordings)),
        **_mesh(played),
        "limits": _limits(played),
        "n_ranks": comm.n_ranks,
        "simulate_s": played.seconds,
        "recordings": _recordings(data, ideal, played.outputs),
    }


def _require_classes(loaded: NirNetwork, data: Labelled) -> None:
    # A class is the index of an output neuron.
    n_outputs = loaded.program.output_layer.size
    if len(data.classes) > n_outputs:
        limit = f"data of at most {n_outputs} classes, as the graph has outputs"
        raise InputFileError(f"data: must be {limit}, got {len(data.classes)}. Use another graph.")


def shared_ideal(program: Program, recordings: Sequence[Recording], comm: Comm) -> Outputs | None:
    """Return the ideal result on rank 0, of which each rank evaluates a part. Collective.

    Without trains; None on ranks other than 0.
    """
    names = [layer.name for layer in program.layers]
    # Every n-th recording, so that ranks get equal work.
    own = list(recordings[comm.rank :: comm.n_ranks])
    n = program.output_layer.size
    # A row for each recording: counts, potentials, spikes of each layer.
    table = np.zeros((len(own), 2 * n + len(names)))
    if own:
        part = ideal_outputs(program, own)
        table[:, :n] = part.counts
        if part.potentials is not None:
            table[:, n : 2 * n] = part.potentials
        table[:, 2 * n :] = np.stack([part.spikes[name] for name in names], axis=1)
    gathered = comm.gather_arrays(table.ravel())
    if comm.rank != 0:
        return None
    # Recording k is row k // n_ranks of rank k % n_ranks.
    whole = np.zeros((len(recordings), table.shape[1]))
    for rank, rows in enumerate(gathered):
        whole[rank :: comm.n_ranks] = rows.reshape(-1, table.shape[1])
    counts, potentials, spikes = np.split(whole, [n, 2 * n], axis=1)
    of_layers = {name: spikes[:, k].astype(np.int64) for k, name in enumerate(names)}
    return Outputs(
        counts.astype(np.int64), potentials if program.is_silent else None, of_layers, []
    )


def _what(loaded: NirNetwork, data: Labelled) -> Report:
    rules, network = loaded.program.rules, loaded.network
    return {
        "graph": loaded.program.graph.source,
        "dt_ms": rules.dt_ms,
        "method": rules.method,
        "reset": rules.reset,
        "weight_bits": loaded.weight_bits,
        "n_neurons": network.n_neurons - loaded.program.input_size,
        "n_inputs": loaded.program.input_size,
        "n_synapses": sum(k.matrix.nnz for layer in loaded.program.layers for k in layer.links),
        "n_recordings": len(data.recordings),
        "mean_steps": float(np.mean([recording.n_steps for recording in data.recordings])),
        "loops_in_several_steps": [list(pair) for pair in loaded.program.long_loops],
    }


def _accuracy(labels: np.ndarray, ideal: Outputs, chip: Outputs) -> Report:
    return {
        "ideal": float((ideal.decided == labels).mean()),
        "chip": float((chip.decided == labels).mean()),
        "same_decision": float((ideal.decided == chip.decided).mean()),
    }


def _layers(program: Program, ideal: Outputs, chip: Outputs) -> list[Report]:
    entries = []
    for layer in program.layers:
        wanted, counted = ideal.spikes[layer.name], chip.spikes[layer.name]
        total = int(wanted.sum())
        entries.append(
            {
                "name": layer.name,
                "kind": layer.node.kind,
                "shape": list(layer.shape),
                "n_neurons": layer.size,
                "depth": layer.depth,
                "ideal_spikes": float(wanted.mean()),
                "chip_spikes": float(counted.mean()),
                "deviation": float(counted.sum() - total) / total if total else None,
                # mean over recordings of the difference in each
                "deviation_of_recordings": float(np.abs(counted - wanted).mean()),
            }
        )
    return entries


def _weights(loaded: NirNetwork) -> list[Report]:
    return [
        {
            "source": loss.source,
            "target": loss.target,
            "n_synapses": loss.n_synapses,
            "step": loss.step,
            "snr_db": loss.snr_db if math.isfinite(loss.snr_db) else None,
            "n_zeroed": loss.n_zeroed,
        }
        for loss in loaded.losses
    ]


def _inference(played: Played, n: int) -> Report:
    """Return energy, time and traffic for each recording, means."""
    traffic = played.traffic
    if traffic is None:
        return {}
    activity = traffic.activity
    return {
        "energy_j": {
            part: None if joule is None else joule / n for part, joule in traffic.energy_j.items()
        },
        "time_s": None if traffic.seconds is None else traffic.seconds / n,
        "packets": traffic.packets / n,
        "synaptic_events": (activity.synaptic_events or 0.0) / n,
    }


def _mesh(played: Played) -> Report:
    if played.traffic is None:
        return {}
    return {
        "chip": played.traffic.chip.name,
        "n_cores": 0 if played.usage is None else int(played.usage.core_ids.size),
        "n_cores_of_chip": played.traffic.chip.n_cores,
        "traffic": traffic_report(played.traffic, with_links=True),
        **energy_report(played.traffic),
    }


def _limits(played: Played) -> list[Report]:
    usages = played.usage.limits if played.usage is not None else []
    return [
        {
            "name": usage.name, "most": usage.most, "limit": usage.limit,
            "exceeded": usage.is_exceeded,
        }
        for usage in usages
    ]  # fmt: skip


def _recordings(data: Labelled, ideal: Outputs, chip: Outputs) -> list[Report]:
    return [
        {
            "file": f"{path.parent.name}/{path.name}",
            "class": data.classes[label],
            "ideal": int(of_ideal),
            "chip": int(of_chip),
        }
        for path, label, of_ideal, of_chip in zip(
            data.paths, data.labels, ideal.decided, chip.decided, strict=True
        )
    ]
