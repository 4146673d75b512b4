"""Estimates the memory of a run, so that one that does not fit is refused before it starts."""

from __future__ import annotations

import hashlib
import socket
from pathlib import Path

import numpy as np

from distsnn.comm import Comm
from distsnn.core.inputs.plain_rates import is_plain
from distsnn.errors import CapacityError
from distsnn.network import Network

# Measured on the built-in networks with 0.05 to 60 million synapses, including the peak while building.
BYTES_PER_SYNAPSE = 4.6
BYTES_PER_COMPUTED_SYNAPSE = 1.5  # axons and the cores that they reach
BYTES_PER_NEURON = 200.0
BYTES_PER_DRIVEN_NEURON = 120.0  # of inputs that differ between neurons or change in time
BYTES_PER_STEP = 70.0  # counters of the mesh, spike counts, offsets of injected spikes
BYTES_PER_RANK = 40e6  # interpreter and libraries

MEMORY_LIMITS = (
    # Limit and current usage of the container: cgroup version 2, then version 1.
    ("sys/fs/cgroup/memory.max", "sys/fs/cgroup/memory.current"),
    ("sys/fs/cgroup/memory/memory.limit_in_bytes", "sys/fs/cgroup/memory/memory.usage_in_bytes"),
)


def estimated_bytes(network: Network, n_steps: float = 0.0, n_ranks: int = 1) -> float:
    """Return the estimated peak memory of all ranks together, in bytes."""
    n_computed = sum(p.expected_synapses() for p in network.projections if p.is_computed)
    in_synapses = (network.expected_synapses() - n_computed) * BYTES_PER_SYNAPSE
    in_synapses += n_computed * BYTES_PER_COMPUTED_SYNAPSE
    in_probes = sum(
        4.0 * probe.neurons.size * n_steps * network.dt_ms / probe.every_ms
        for probe in network.probes
    )
    in_inputs = sum(
        BYTES_PER_DRIVEN_NEURON * stimulus.n_neurons
        for stimulus in network.stimuli
        if not is_plain(stimulus)
    )
    of_ranks = n_ranks * (BYTES_PER_RANK + n_steps * BYTES_PER_STEP)
    in_neurons = network.n_neurons * BYTES_PER_NEURON
    return in_synapses + in_probes + in_inputs + in_neurons + of_ranks


def require_memory(network: Network, n_steps: float, comm: Comm) -> None:
    """Raise CapacityError on all ranks if any machine lacks memory for its ranks. Collective.

    A machine is assumed to need memory in proportion to the number of its ranks.
    """
    available = available_bytes()
    own_machine = np.array(
        [_machine_key(), -1 if available is None else int(available)], dtype=np.int64
    )
    gathered = comm.gather_arrays(own_machine)
    error = None
    if comm.rank == 0:
        machines = np.stack(gathered)
        size = (
            f"{network.n_neurons:,} neurons, {network.expected_synapses():.4g} synapses and "
            f"{n_steps:,.0f} steps"
        )
        needed = estimated_bytes(network, n_steps, comm.n_ranks)
        error = _capacity_error(f"network {network.name}", size, needed, machines)
    comm.agree(error)


def _capacity_error(
    subject: str, size: str, needed: float, machines: np.ndarray
) -> CapacityError | None:
    """Return the error for the first machine with too little memory, None if all have enough.

    machines: int64 [ranks, 2], for each rank the key of its machine and the bytes available there
    (-1: unknown).
    """
    n_ranks = machines.shape[0]
    for key in np.unique(machines[:, 0]):
        # The ranks of a machine ask one after another; the smallest answer counts.
        free = machines[machines[:, 0] == key, 1]
        share = needed * free.size / n_ranks
        if free.min() >= 0 and share > free.min():
            where = "" if free.size == n_ranks else f" on a machine with {free.size} of the ranks"
            return CapacityError(
                f"{subject}: {size} must fit in the free memory{where}, {free.min() / 1e9:.3g} GB, got "
                f"about {share / 1e9:.3g} GB. "
                "Make it smaller or shorter, or use more machines."
            )
    return None


def _machine_key() -> int:
    """Return a number that is the same for all ranks of a machine: a hash of its name, 56 bits."""
    name = hashlib.blake2b(socket.gethostname().encode(), digest_size=7).digest()
    return int.from_bytes(name, "little")


def available_bytes(root: Path = Path("/")) -> float | None:
    """Return the memory available to this process in bytes, None if the system does not report it."""
    limits = [
        free for free in (_free_of_machine(root), _free_of_container(root)) if free is not None
    ]
    return min(limits, default=None)


def _free_of_machine(root: Path) -> float | None:
    try:
        lines = (root / "proc/meminfo").read_text().splitlines()
    except OSError:
        return None
    for line in lines:
        if line.startswith("MemAvailable:"):
            return float(line.split()[1]) * 1024
    return None


def _free_of_container(root: Path) -> float | None:
    for limit, used in MEMORY_LIMITS:
        try:
            return float((root / limit).read_text()) - float((root / used).read_text())
        except (OSError, ValueError):  # no such file, or the word "max"
            continue
    return None
