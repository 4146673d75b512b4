"""Inputs that probe a liquid, and its filtered states."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from distsnn.comm import Comm
from distsnn.kernels.numbers.threefry import stream_key
from distsnn.liquid.inputs.encoders import LineSpikes
from distsnn.liquid.liquid import Liquid
from distsnn.liquid.respond import player_of
from distsnn.player import Heard, Recording
from distsnn.simulation import Settings

RATE_HZ = 20.0
TAU_MS = 30.0  # of the filter that a spike train is seen through


def generator(seed: int, purpose: str) -> np.random.Generator:
    """Return a generator for one purpose."""
    return np.random.Generator(np.random.Philox(key=stream_key(seed, purpose)))


def poisson_lines(
    n_lines: int, n_steps: int, rate_hz: float, dt_ms: float, random: np.random.Generator
) -> LineSpikes:
    """Return independent trains on all lines, at most one spike in a step."""
    step, line = np.nonzero(random.random((n_steps, n_lines)) < rate_hz * dt_ms * 1e-3)
    return LineSpikes(step.astype(np.int64), line.astype(np.int64), n_steps)


def play_lines(
    liquid: Liquid, stimuli: Sequence[LineSpikes], settings: Settings, comm: Comm
) -> list[Heard]:
    """Return what the liquid's neurons did, on rank 0 (elsewhere: []). Collective."""
    recordings = [Recording(s.step, s.line, s.n_steps) for s in stimuli]
    with player_of(liquid.network(), recordings, settings, comm) as player:
        heard = player.play(recordings)
    inside = []
    for one in heard:
        mine = one.gid < liquid.n_neurons
        inside.append(Heard(one.step[mine], one.gid[mine].astype(np.int64)))
    return inside


def filtered(
    step: np.ndarray, neuron: np.ndarray, n_neurons: int, n_steps: int, tau_steps: float
) -> np.ndarray:
    """Return spikes seen through exp(-t / tau), float32 [n_steps, n_neurons], at the end of steps."""
    state = np.zeros((n_steps, n_neurons), dtype=np.float32)
    np.add.at(state, (step, neuron), np.float32(1.0))
    decay = np.float32(np.exp(-1.0 / tau_steps))
    for t in range(1, n_steps):
        state[t] += decay * state[t - 1]
    return state
