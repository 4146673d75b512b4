"""Separation: the distance of the states of a liquid for different inputs.

Source: Maass, Natschlaeger & Markram 2002, Neural Comput 14:2531, fig. 2.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from distsnn.comm import Comm
from distsnn.liquid.inputs.encoders import InputSpikes
from distsnn.liquid.liquid import Liquid
from distsnn.liquid.measures.probes import (
    RATE_HZ,
    TAU_MS,
    LiquidSpikes,
    filtered,
    play_inputs,
    poisson_inputs,
)
from distsnn.random_streams import generator
from distsnn.simulation import Settings
from distsnn.time_grid import nearest_steps

DISTANCES = (0.0, 0.1, 0.2, 0.4)
TRAIN_KERNEL_MS = 5.0  # of the distance between input trains


def train_distance(u: InputSpikes, v: InputSpikes, n_channels: int, dt_ms: float) -> float:
    """Return d(u, v): the squared distance of the filtered trains, mean over channels.

    Trains are filtered by a Gaussian in which one spike has norm 1. The square is divided by the
    duration and by 2 ``RATE_HZ``: about 1 for independent trains of that rate, whatever their length.
    """
    width = TRAIN_KERNEL_MS / dt_ms
    reach = int(4 * width)
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / width) ** 2)
    # Norm 1: one spike contributes 1 to the squared distance.
    kernel /= np.sqrt((kernel**2).sum())
    # u - v as a sum of impulses, then the squared norm after the filter.
    difference = np.zeros((n_channels, u.n_steps + 2 * reach))
    np.add.at(difference, (u.channel, u.step + reach), 1.0)
    np.add.at(difference, (v.channel, v.step + reach), -1.0)
    square = sum(float((np.convolve(row, kernel) ** 2).sum()) for row in difference)
    # Mean over channels, per second, relative to two independent trains of rate RATE_HZ.
    return square / n_channels / (u.n_steps * dt_ms * 1e-3) / (2.0 * RATE_HZ)


def mixed(u: InputSpikes, w: InputSpikes, share: float, random: np.random.Generator) -> InputSpikes:
    """Return a train in which a ``share`` of u's spikes is replaced by the same number of w's."""
    # u keeps a spike with probability 1 - share, w gives one with probability share.
    keep, take = random.random(u.step.size) >= share, random.random(w.step.size) < share
    step = np.concatenate([u.step[keep], w.step[take]])
    channel = np.concatenate([u.channel[keep], w.channel[take]])
    return InputSpikes.of(step, channel, u.n_steps)


def separation(
    liquid: Liquid,
    settings: Settings,
    comm: Comm,
    n_pairs: int = 20,
    duration_ms: float = 500.0,
    every_ms: float = 5.0,
) -> dict[str, Any] | None:
    """Return the distance of the liquid's states over time for pairs of inputs, on rank 0.

    The inputs of a pair share all but a part of their spikes: the part is d(u, v), the mean share of
    the distance of two independent trains. Curves: mean over pairs of |x_u(t) - x_v(t)| /
    sqrt(neurons). Collective.
    """
    n_steps = max(1, int(nearest_steps(duration_ms, liquid.dt_ms)))
    groups = _groups(liquid, n_pairs, n_steps)
    inputs = [train for group in groups for train in group]
    responses = play_inputs(liquid, inputs, settings, comm)
    if comm.rank != 0:
        return None
    every = max(1, int(nearest_steps(every_ms, liquid.dt_ms)))
    curves = np.zeros((len(DISTANCES), -(-n_steps // every)))
    measured = np.zeros(len(DISTANCES))
    size = 1 + len(DISTANCES)
    for number, group in enumerate(groups):
        own = responses[number * size : (number + 1) * size]
        # Groups are consecutive responses: u, then one train per distance.
        curves += _state_distances(own, liquid, n_steps, every) / n_pairs
        for k, train in enumerate(group[1:]):
            measured[k] += (
                train_distance(group[0], train, liquid.n_channels, liquid.dt_ms) / n_pairs
            )
    return {
        "time_ms": (np.arange(curves.shape[1]) * every * liquid.dt_ms).tolist(),
        "curves": {f"{d:g}": curve.tolist() for d, curve in zip(DISTANCES, curves, strict=True)},
        "input_distance": {f"{d:g}": float(m) for d, m in zip(DISTANCES, measured, strict=True)},
        "pairs": n_pairs,
    }


def _groups(liquid: Liquid, n_pairs: int, n_steps: int) -> list[list[InputSpikes]]:
    """Return for each pair a train, then one at each of ``DISTANCES`` from it."""
    random = generator(liquid.seed, "separation")
    groups = []
    for _ in range(n_pairs):
        u, w = (
            poisson_inputs(liquid.n_channels, n_steps, RATE_HZ, liquid.dt_ms, random) for _ in "uw"
        )
        groups.append([u, *(mixed(u, w, share, random) for share in DISTANCES)])
    return groups


def _state_distances(
    responses: list[LiquidSpikes], liquid: Liquid, n_steps: int, every: int
) -> np.ndarray:
    """Return the distance of the first state from each other one, [others, times]."""
    tau = TAU_MS / liquid.dt_ms
    states = [
        filtered(response.step, response.neuron, liquid.n_neurons, n_steps, tau)[::every]
        for response in responses
    ]
    # |x_u - x_v| / sqrt(neurons) at each time
    return np.stack([np.sqrt(((state - states[0]) ** 2).mean(axis=1)) for state in states[1:]])
