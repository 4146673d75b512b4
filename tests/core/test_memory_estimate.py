"""What a run will need, and what there is."""

from __future__ import annotations

import numpy as np
import pytest

from distsnn.comm.serial import SerialComm
from distsnn.core import memory_estimate
from distsnn.errors import CapacityError
from distsnn.networks.ready import loihi
from distsnn.report.document import document
from distsnn.simulation import simulate

MEMINFO = "MemTotal:       24000000 kB\nMemFree:         1000000 kB\nMemAvailable:    8000000 kB\n"


def write(root, path, text):
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_text(text)


def test_memory_of_the_machine_and_of_the_container(tmp_path):
    assert memory_estimate.available_bytes(tmp_path) is None
    write(tmp_path, "proc/meminfo", MEMINFO)
    assert memory_estimate.available_bytes(tmp_path) == 8_000_000 * 1024
    write(tmp_path, "sys/fs/cgroup/memory.max", "max\n")
    write(tmp_path, "sys/fs/cgroup/memory.current", "100\n")
    assert memory_estimate.available_bytes(tmp_path) == 8_000_000 * 1024
    write(tmp_path, "sys/fs/cgroup/memory.max", "3000000000\n")
    write(tmp_path, "sys/fs/cgroup/memory.current", "1000000000\n")
    assert memory_estimate.available_bytes(tmp_path) == 2e9


class TwoMachines(SerialComm):
    """Four ranks, three of them on a machine with ``free`` bytes."""

    n_ranks = 4

    def __init__(self, free):
        super().__init__()
        self.free = free

    def gather_arrays(self, array):
        own = np.array([1, self.free], dtype=np.int64)
        return [own, own, own, np.array([2, 10**12], dtype=np.int64)]


def test_each_machine_must_hold_its_ranks():
    network = loihi.build(patches=128)
    needed = memory_estimate.estimated_bytes(network, 1000.0, 4)
    assert 128e6 * 4 < needed < 128e6 * 7
    memory_estimate.require_memory(network, 1000.0, TwoMachines(int(0.76 * needed)))
    with pytest.raises(CapacityError, match="on a machine with 3 of the ranks"):
        memory_estimate.require_memory(network, 1000.0, TwoMachines(int(0.74 * needed)))


def test_foresight_is_near_what_a_run_takes():
    """Of a process that has only run this network; memory of a test process is larger."""
    network = loihi.build(patches=16, scale=0.5)
    result = simulate(network, duration_ms=50.0)
    report = document(result)
    synapses = memory_estimate.BYTES_PER_SYNAPSE * report["n_synapses"]
    assert memory_estimate.estimated_bytes(network, 50.0) > synapses
    assert report["memory_bytes"] > 0.5 * synapses
