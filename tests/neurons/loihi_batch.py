"""Runs many small networks of Loihi compartments at once: all blocks in one call per step."""

from __future__ import annotations

import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
from scipy.sparse import coo_matrix

from distsnn.kernels.neuron import driver as drv
from distsnn.neurons.loihi_cuba import LoihiCuba, advance

sys.path.insert(0, str(Path(__file__).with_name("reference")))
from loihi_networks import N_STEPS, NAMES, draw_network, noise_key


def run_networks(seeds: range) -> list[dict[str, np.ndarray]]:
    """Return per network u, v and spiked, int32 [steps, compartments].

    ``saturations``: int32 [1, compartments], after the last step.
    """
    networks = [draw_network(seed) for seed in seeds]
    models, table, starts = [], [], [0]
    for seed, network in zip(seeds, networks, strict=True):
        start = starts[-1]
        for block, (n, parameters) in enumerate(network["blocks"]):
            model, key = LoihiCuba(**parameters), noise_key(seed, block)
            low, high = (key & 0xFFFFFFFF, key >> 32) if model.is_noisy else (0, 0)
            table.append((start, n, start, 0, 0, 0, len(models), low, high, 1, 1))
            models.append((model, n))
            start += n
        starts.append(start)
    matrix, n_inputs, input_starts = connect(networks, starts)
    given = [np.zeros(n_inputs, dtype=np.int64) for _ in range(N_STEPS)]
    for network, first in zip(networks, input_starts, strict=True):
        for step, indices in network["inputs"].items():
            given[step][np.array(indices, dtype=int) + first] = 1
    return run(models, table, matrix, given, starts)


def connect(networks: list[dict], starts: list[int]) -> tuple:
    """Return the sparse matrix [compartments, inputs + compartments] of mantissas."""
    input_starts = np.cumsum([0, *(network["n_inputs"] for network in networks)])
    rows, columns, values = [], [], []
    for network, start, first in zip(networks, starts, input_starts, strict=False):
        offsets = start + np.cumsum([0, *(n for n, _ in network["blocks"])])
        for source, target, mantissas in network["connections"]:
            origin = first if source < 0 else input_starts[-1] + offsets[source]
            i, j = np.indices(mantissas.shape)
            columns.append((origin + i).ravel())
            rows.append((offsets[target] + j).ravel())
            values.append(mantissas.ravel())
    shape = (starts[-1], input_starts[-1] + starts[-1])
    parts = [np.concatenate(part) for part in (values, rows, columns)]
    matrix = coo_matrix((parts[0], (parts[1], parts[2])), shape=shape).tocsr()
    return matrix, int(input_starts[-1]), input_starts[:-1]


def run(models, table, matrix, given, starts) -> list[dict[str, np.ndarray]]:
    """Bind the kernel to all blocks and run all steps."""
    n = starts[-1]
    states = {name: np.zeros(n, dtype=np.int32) for name in LoihiCuba.states}
    states["bias"][:] = np.concatenate([np.full(k, m.initial()["bias"]) for m, k in models])
    ring, spiked = np.zeros(n, dtype=np.int32), np.zeros(n, dtype=np.uint8)
    step = advance.bind(
        np.array(table, dtype=np.int64),
        np.array([0, 0, n], dtype=np.int64),
        np.array([model.constants(1.0) for model, _ in models], dtype=np.float32),
        np.ones((len(table), 1), dtype=np.float32),
        np.zeros((0, drv.N_STIMULUS_COLUMNS), dtype=np.int64),
        np.zeros(0, np.float32), np.zeros(0, np.uint32), np.zeros((1, n), np.float32),
        ring, np.zeros(n, np.float32), np.zeros((1, 128), np.float32), np.zeros(256, np.uint32),
        spiked, *states.values(),
    )  # fmt: skip
    history = {name: np.zeros((N_STEPS, n), dtype=np.int32) for name in NAMES}
    before = np.zeros(matrix.shape[1], dtype=np.int64)
    for t in range(N_STEPS):
        ring += (matrix @ before).astype(np.int32)
        step(t)
        before = np.concatenate([given[t], spiked.astype(np.int64)])
        history["u"][t], history["v"][t] = states["u"], states["v"]
        history["spiked"][t] = spiked
    history["saturations"] = states["saturations"][None]
    return [{name: rows[:, a:b] for name, rows in history.items()} for a, b in pairwise(starts)]
