"""Foresees the memory of a run, so that it is refused before the machine is full."""

from __future__ import annotations

from pathlib import Path

from distsnn.errors import CapacityError
from distsnn.network import Network

BYTES_PER_SYNAPSE = 4.6  # word, header and axon tables, measured on the ready networks
BYTES_PER_NEURON = 200.0


def foreseen_bytes(network: Network) -> float:
    """Return the bytes that all ranks together will need, libraries not included."""
    in_synapses = network.expected_synapses() * BYTES_PER_SYNAPSE
    return in_synapses + network.n_neurons * BYTES_PER_NEURON


def require_memory(network: Network) -> None:
    """Raise CapacityError if this machine cannot hold the network."""
    needed, there = foreseen_bytes(network), available_bytes()
    if there is not None and needed > there:
        raise CapacityError(
            f"network {network.name}: needs about {needed / 1e9:.1f} GB for "
            f"{network.expected_synapses():.3g} synapses, limit {there / 1e9:.1f} GB that are free. "
            "Make it smaller (--scale) or use more machines."
        )


def available_bytes(path: Path = Path("/proc/meminfo")) -> float | None:
    """Return the memory that can still be had here, None where the system does not tell."""
    try:
        lines = path.read_text().splitlines()
    except OSError:
        return None
    for line in lines:
        if line.startswith("MemAvailable:"):
            return float(line.split()[1]) * 1024
    return None
