"""The cost of images on the chip: packets, synaptic events, time and energy per image."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any

import numpy as np

from distsnn import __version__
from distsnn.convnet.engine.counts import Counted
from distsnn.convnet.engine.network import ConvNetwork
from distsnn.convnet.machine import Machine
from distsnn.traffic import MeshTraffic, energy_report, traffic_report


def account_of(counted: Counted, network: ConvNetwork, n_images: int) -> dict[str, Any]:
    """Return the account of ``n_images`` images shown: sums, and means per image.

    Energy in J, times in s. The chip runs as fast as it can: no step waits for real time.
    """
    counters = replace(
        counted.mesh, n_steps=max(1, n_images * network.steps_per_image),
        neurons=network.plan.neurons_of_core(),
    )  # fmt: skip
    traffic = MeshTraffic(network.plan.chip, counters)
    activity = traffic.activity
    energy = energy_report(traffic)
    # Means per image; energy and time are those of the whole chip.
    n = max(1, n_images)
    total = energy["energy_j"]["total"]
    return {
        "n_shown": n_images,
        "steps_per_sample": network.steps_per_image,
        "spikes_per_sample": (activity.spikes or 0.0) / n,
        "packets_per_sample": counters.packets / n,
        "synaptic_events_per_sample": (activity.synaptic_events or 0.0) / n,
        "joules_per_sample": total / n,
        "chip_seconds_per_sample": None if traffic.seconds is None else traffic.seconds / n,
        "traffic": traffic_report(traffic),
        **energy,
        "traffic_digest": counters.digest(),
        "spike_digest": f"{int(counted.digest[0]):016x}",
    }


def connections_report(network: ConvNetwork, per_image: np.ndarray) -> list[dict[str, Any]]:
    """Return the spikes, packets and synaptic events per image of each connection of layers.

    per_image: int64 [images, connections, 3], see ``Counts``.
    """
    entries = []
    for connection in network.connections.values():
        counted = per_image[:, connection.number]
        # Means over images: the columns are SPIKES, PACKETS, EVENTS of an image.
        spikes, packets, events = counted.mean(axis=0) if len(counted) else (0.0, 0.0, 0.0)
        entry = {
            "from": connection.source.name,
            "to": connection.target.name,
            "packets": float(packets),
            "most_packets": int(counted[:, 1].max(initial=0)),
            "synaptic_events": float(events),
        }
        if connection.counts_spikes:
            entry |= {"spikes": float(spikes), "most_spikes": int(counted[:, 0].max(initial=0))}
        entries.append(entry)
    return entries


def run_report(network: ConvNetwork, machine: Machine, per_image: np.ndarray) -> dict[str, Any]:
    """Return what ran where: version, ranks, network and its connections. per_image: see ``Counts``."""
    return {
        "distsnn": __version__,
        "title": network.settings.title,
        "n_ranks": machine.world.n_ranks,
        "replicas": machine.replicas,
        "fabric": network.fabric.name,
        "network": network_report(network),
        "links": connections_report(network, per_image),
    }


def network_report(network: ConvNetwork) -> dict[str, Any]:
    """Return the size of the network, and the cores that it takes."""
    plan = network.plan
    return {
        "layers": [
            {
                "name": layer.name, "kind": layer.kind, "height": layer.height,
                "width": layer.width, "maps": layer.n_maps, "neurons": layer.n_neurons,
                "cores": int(np.unique(plan.layers[layer.name].core_of_patch).size),
            }
            for layer in network.layers
        ],
        "n_neurons": sum(layer.n_neurons for layer in network.layers),
        "cores_used": plan.n_blocks,
        "chips": plan.n_chips,
        "chip": {"name": plan.chip.name, "title": plan.chip.title, "note": plan.chip.note},
    }  # fmt: skip


def digest_of(*arrays: np.ndarray) -> str:
    """Return a digest of the bits, types and shapes of arrays, in order."""
    digest = hashlib.sha256(b"distsnn convnet 1")
    for array in arrays:
        content = np.ascontiguousarray(array)
        digest.update(f"\n{content.dtype.str} {content.shape} ".encode())
        digest.update(content.tobytes())
    return digest.hexdigest()[:32]
