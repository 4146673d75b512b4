"""What a liquid can tell apart: separation and ranks; and all measures together.

Sources: separation, Maass, Natschlaeger & Markram 2002, Neural Comput 14:2531, fig. 2; kernel
quality and generalisation rank, Legenstein & Maass 2007, Neural Netw 20:323.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from distsnn.comm import Comm
from distsnn.liquid.inputs.encoders import LineSpikes
from distsnn.liquid.liquid import Liquid
from distsnn.liquid.measures.memory import memory
from distsnn.liquid.measures.probes import (
    RATE_HZ,
    TAU_MS,
    filtered,
    generator,
    play_lines,
    poisson_lines,
)
from distsnn.liquid.measures.radius import effects_of, spectral_radius
from distsnn.simulation import Settings
from distsnn.time_grid import nearest_steps

DISTANCES = (0.0, 0.1, 0.2, 0.4)
TRAIN_KERNEL_MS = 5.0  # of the distance between input trains


def train_distance(u: LineSpikes, v: LineSpikes, n_lines: int, dt_ms: float) -> float:
    """Return d(u, v): the distance of the trains seen through a Gaussian, mean over lines.

    Divided by the square root of the norm of one spike and by the duration, so that one spike more
    per second counts about the same whatever the length.
    """
    width = TRAIN_KERNEL_MS / dt_ms
    reach = int(4 * width)
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / width) ** 2)
    kernel /= np.sqrt((kernel**2).sum())
    difference = np.zeros((n_lines, u.n_steps + 2 * reach))
    np.add.at(difference, (u.line, u.step + reach), 1.0)
    np.add.at(difference, (v.line, v.step + reach), -1.0)
    square = sum(float((np.convolve(row, kernel) ** 2).sum()) for row in difference)
    return square / n_lines / (u.n_steps * dt_ms * 1e-3) / (2.0 * RATE_HZ)


def mixed(u: LineSpikes, w: LineSpikes, share: float, random: np.random.Generator) -> LineSpikes:
    """Return a train in which a ``share`` of u's spikes is replaced by as many of w."""
    keep, take = random.random(u.step.size) >= share, random.random(w.step.size) < share
    step = np.concatenate([u.step[keep], w.step[take]])
    line = np.concatenate([u.line[keep], w.line[take]])
    return LineSpikes.of(step, line, u.n_steps)


def separation(
    liquid: Liquid,
    settings: Settings,
    comm: Comm,
    n_pairs: int = 20,
    duration_ms: float = 500.0,
    every_ms: float = 5.0,
) -> dict[str, Any] | None:
    """Return the distance of the liquid's states over time for pairs of inputs, on rank 0.

    Pairs share all but a part of their spikes: the part is d(u, v), the mean share of the distance
    of two independent trains. Curves: mean over pairs of |x_u(t) - x_v(t)| / sqrt(neurons).
    """
    random = generator(liquid.seed, "separation")
    n_steps = max(1, int(nearest_steps(duration_ms, liquid.dt_ms)))
    stimuli = []
    for _ in range(n_pairs):
        u, w = (poisson_lines(liquid.n_lines, n_steps, RATE_HZ, liquid.dt_ms, random) for _ in "uw")
        stimuli += [u, *(mixed(u, w, share, random) for share in DISTANCES)]
    heard = play_lines(liquid, stimuli, settings, comm)
    if comm.rank != 0:
        return None
    every = max(1, int(nearest_steps(every_ms, liquid.dt_ms)))
    tau = TAU_MS / liquid.dt_ms
    curves = np.zeros((len(DISTANCES), -(-n_steps // every)))
    measured = np.zeros(len(DISTANCES))
    for first in range(0, len(heard), 1 + len(DISTANCES)):
        states = [
            filtered(h.step, h.gid, liquid.n_neurons, n_steps, tau)[::every]
            for h in heard[first : first + 1 + len(DISTANCES)]
        ]
        for k, state in enumerate(states[1:]):
            curves[k] += np.sqrt(((state - states[0]) ** 2).mean(axis=1)) / n_pairs
            pair = (stimuli[first], stimuli[first + 1 + k])
            measured[k] += train_distance(*pair, liquid.n_lines, liquid.dt_ms) / n_pairs
    return {
        "time_ms": (np.arange(curves.shape[1]) * every * liquid.dt_ms).tolist(),
        "curves": {f"{d:g}": curve.tolist() for d, curve in zip(DISTANCES, curves, strict=True)},
        "input_distance": {f"{d:g}": float(m) for d, m in zip(DISTANCES, measured, strict=True)},
        "pairs": n_pairs,
    }


def ranks(
    liquid: Liquid, settings: Settings, comm: Comm, n_inputs: int = 100, duration_ms: float = 300.0
) -> dict[str, Any] | None:
    """Return kernel rank and generalisation rank of the final states, on rank 0.

    Kernel rank: of the states after ``n_inputs`` different inputs (the more, the better they can be
    told apart). Generalisation rank: after as many noisy versions of one input (the less, the
    better they are taken for the same). Rank: singular values above a hundredth of the largest.
    """
    random = generator(liquid.seed, "ranks")
    n_steps = max(1, int(nearest_steps(duration_ms, liquid.dt_ms)))

    def lines() -> LineSpikes:
        return poisson_lines(liquid.n_lines, n_steps, RATE_HZ, liquid.dt_ms, random)

    different = [lines() for _ in range(n_inputs)]
    template = lines()
    alike = [mixed(template, lines(), 0.1, random) for _ in range(n_inputs)]
    heard = play_lines(liquid, [*different, *alike], settings, comm)
    if comm.rank != 0:
        return None
    tau = TAU_MS / liquid.dt_ms
    final = np.zeros((2 * n_inputs, liquid.n_neurons))
    for k, one in enumerate(heard):
        weight = np.exp(-(n_steps - 1 - one.step) / tau)
        final[k] = np.bincount(one.gid, weight, liquid.n_neurons)
    return {
        "most": min(n_inputs, liquid.n_neurons),
        "values": {
            "kernel": rank_of(final[:n_inputs]),
            "generalisation": rank_of(final[n_inputs:]),
        },
    }


def rank_of(states: np.ndarray, least: float = 0.01) -> int:
    """Return the number of singular values above ``least`` times the largest."""
    values = np.linalg.svd(states, compute_uv=False)
    return int(np.count_nonzero(values > least * values[0])) if values[0] > 0 else 0


def measure_all(
    liquid: Liquid, settings: Settings, comm: Comm, quick: bool = False
) -> dict[str, Any] | None:
    """Return all measures of a liquid as plain data, on rank 0. Collective."""
    apart = separation(liquid, settings, comm, n_pairs=5 if quick else 20)
    found_ranks = ranks(liquid, settings, comm, n_inputs=40 if quick else 100)
    remembered = memory(liquid, settings, comm, n_samples=600 if quick else 2000)
    if comm.rank != 0:
        return None
    radius = spectral_radius(liquid.network(), liquid.n_neurons, effects_of(liquid))
    return {
        "neurons": liquid.n_neurons,
        "separation": apart,
        "ranks": found_ranks,
        "memory": remembered,
        "spectral_radius": radius,
    }
