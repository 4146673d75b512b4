"""Nothing is allocated in the time loop: every array is made before it begins."""

from __future__ import annotations

import gc
import tracemalloc

import pytest

from distsnn.chip import load_chip
from distsnn.comm import start
from distsnn.networks import build_network
from distsnn.running.building import build_rank
from distsnn.simulation import Settings

CASES = {
    "loihi": {"patches": 2, "scale": 0.2},
    "microcircuit": {"scale": 0.02},
    "brunel": {"scale": 0.1},
}
N_WARM, N_STEPS = 300, 700  # blocks of the mesh's counters, of 128 steps, end in both
ROOM = {1: 1200, 2: 5000}  # bytes: the frames of a call from Python; on more ranks, MPI's requests


def loop_memory(name: str) -> tuple[int, int]:
    """Return what the loop has left, and the most that it had, in bytes. Collective."""
    comm = start()
    network = build_network(name, CASES[name])
    rank = build_rank(network, N_STEPS, load_chip("loihi"), Settings(), comm)
    rank.advance(N_WARM)
    gc.collect()
    gc.disable()
    tracemalloc.start()
    try:
        rank.advance((N_WARM + N_STEPS) // 2)  # what is made once, and past the end of a block
        tracemalloc.reset_peak()
        before, _ = tracemalloc.get_traced_memory()
        rank.advance(N_STEPS)
        after, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
        gc.enable()
    assert comm.sum(int((rank.spikes.n_of_step[N_WARM:] > 0).sum())) > 20  # it did something
    rank.fabric.close()
    return after - before, peak - before


@pytest.mark.parametrize("name", CASES)
def test_no_allocation_in_the_loop(name):
    left, most = loop_memory(name)
    assert most < ROOM[1], (left, most)


@pytest.mark.mpi(min_size=2)
@pytest.mark.parametrize("name", CASES)
def test_no_allocation_between_ranks(name):
    left, most = loop_memory(name)
    assert most < ROOM[2], (left, most)
