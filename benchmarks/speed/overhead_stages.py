"""Stages of the start of a rank, then steps of an almost empty core; started by overhead_rank.py.

Writes, from rank 0: for each stage when it ended (seconds since the launch, by rank) and the processor
seconds that it took; microseconds of a step and its phases, of the fastest and the median block.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterable
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from distsnn.chip import load_chip
from distsnn.comm import start
from distsnn.core.rank import Rank
from distsnn.kernels.compile.declare import Kernel
from distsnn.kernels.compile.library import function_address
from distsnn.network import FixedInDegree, Network
from distsnn.neurons import LifExp
from distsnn.running.building import KERNEL_MODULES, build_rank, compile_kernels
from distsnn.simulation import Settings
from distsnn.stimuli import Poisson

NEURONS_PER_CORE = 8
DT_MS = 0.1
BLOCK = 200


STAGES: dict[str, tuple[float, float]] = {}  # name: time.time(), time.process_time() at its end


def mark(stage: str) -> None:
    """Note that a stage has ended."""
    STAGES[stage] = (time.time(), time.process_time())


def almost_empty(n_cores: int, rate_hz: float) -> Network:
    """Return n_cores cores of 8 neurons, 4 synapses onto each, and a delay of one step."""
    network = Network(dt_ms=DT_MS, seed=1, name="almost-empty")
    cells = network.population("cells", NEURONS_PER_CORE * n_cores, LifExp())
    network.connect(cells, cells, FixedInDegree(4), weight=1.0, delay_ms=DT_MS)
    if rate_hz > 0.0:  # one spike of the input makes one of the neuron
        network.stimulate(cells, Poisson(rate_hz=rate_hz, weight=50_000.0))
    return network


def load_kernels(modules: Iterable[str]) -> None:
    """Load the object code of the modules, which otherwise happens at the first use of each."""
    from importlib import import_module

    for name in modules:
        for item in list(vars(import_module(name)).values()):
            if isinstance(item, Kernel) and item.module == name:
                function_address(item)


def blocks_of_steps(rank: Rank, first: int, n_blocks: int) -> list[dict[str, float]]:
    """Run blocks of steps; return microseconds per step and phase of each. Collective."""
    found = []
    for block in range(n_blocks):
        rank.forget_seconds()
        rank.comm.barrier()
        began = time.perf_counter()
        rank.advance(first + (block + 1) * BLOCK)
        one = {"step": time.perf_counter() - began, **rank.seconds}
        found.append({name: seconds / BLOCK * 1e6 for name, seconds in one.items()})
    return found


def gathered(comm: Any, values: list[float]) -> np.ndarray:
    """Return values [ranks, ...] on rank 0. Collective."""
    parts = comm.gather_arrays(np.array(values, dtype=np.float64)[None])
    return np.concatenate(parts) if parts else np.zeros((0, len(values)))


def measure(began: tuple[float, float]) -> None:
    """Start, step, write. began: times of the interpreter's first line. Collective."""
    STAGES["interpreter"] = began
    mark("imports")
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--launched", type=float, required=True, help="time.time() of the launch")
    parser.add_argument("--blocks", type=int, default=20)
    parser.add_argument("--rate", type=float, default=0.0, metavar="HZ")
    parser.add_argument("--json", type=Path, required=True)
    options = parser.parse_args()
    comm = start()
    mark("MPI")
    network = almost_empty(comm.n_ranks, options.rate)
    compile_kernels(network)
    mark("compiler")
    load_kernels([*KERNEL_MODULES, "distsnn.neurons.lif_exp"])
    mark("kernels")
    n_steps = BLOCK * (options.blocks + 1)
    settings = Settings(neurons_per_core=NEURONS_PER_CORE)
    rank = build_rank(network, n_steps, load_chip("loihi"), settings, comm)
    comm.barrier()
    mark("build")
    rank.advance(1)
    mark("first step")
    rank.advance(BLOCK)
    steps = blocks_of_steps(rank, BLOCK, options.blocks)
    ended = gathered(comm, [at - options.launched for at, _ in STAGES.values()])
    used = gathered(comm, [cpu for _, cpu in STAGES.values()])
    if comm.rank == 0:
        used = np.diff(used, axis=1, prepend=0.0)
        document = {
            "n_ranks": comm.n_ranks,
            "steps_per_exchange": rank.batch,
            "ended_s": {name: ended[:, k].tolist() for k, name in enumerate(STAGES)},
            "processor_s": {name: used[:, k].tolist() for k, name in enumerate(STAGES)},
            "fastest_us": min(steps, key=lambda one: one["step"]),
            "median_us": {name: median(one[name] for one in steps) for name in steps[0]},
        }
        options.json.write_text(json.dumps(document) + "\n")
    rank.fabric.close()
