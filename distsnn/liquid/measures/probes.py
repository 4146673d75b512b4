"""Inputs that probe a liquid, and its filtered states."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from distsnn.comm import Comm
from distsnn.liquid.inputs.encoders import InputSpikes
from distsnn.liquid.liquid import Liquid
from distsnn.liquid.respond import player_of
from distsnn.player import Recording
from distsnn.simulation import Settings

RATE_HZ = 20.0
TAU_MS = 30.0  # time constant of the filter that turns spikes into a state


def poisson_inputs(
    n_channels: int, n_steps: int, rate_hz: float, dt_ms: float, random: np.random.Generator
) -> InputSpikes:
    """Return independent Poisson trains on all channels, at most one spike per step on each."""
    # P(spike in a step) = rate * dt
    step, channel = np.nonzero(random.random((n_steps, n_channels)) < rate_hz * dt_ms * 1e-3)
    return InputSpikes(step.astype(np.int64), channel.astype(np.int64), n_steps)


@dataclass(frozen=True, eq=False)
class LiquidSpikes:
    """Spikes of a liquid's neurons: step and neuron, int64, sorted by step, then neuron."""

    step: np.ndarray
    neuron: np.ndarray


def play_inputs(
    liquid: Liquid, stimuli: Sequence[InputSpikes], settings: Settings, comm: Comm
) -> list[LiquidSpikes]:
    """Return the liquid's spikes for each input, on rank 0 (elsewhere: []). Collective."""
    recordings = [Recording(s.step, s.channel, s.n_steps) for s in stimuli]
    with player_of(liquid.network(), recordings, settings, comm) as player:
        responses = player.play(recordings)
    # The neurons of the liquid have the lowest gids; the input channels follow.
    is_liquid = [response.gid < liquid.n_neurons for response in responses]
    return [
        LiquidSpikes(response.step[kept], response.gid[kept].astype(np.int64))
        for response, kept in zip(responses, is_liquid, strict=True)
    ]


def filtered(
    step: np.ndarray, neuron: np.ndarray, n_neurons: int, n_steps: int, tau_steps: float
) -> np.ndarray:
    """Return spikes filtered by exp(-t / tau), float32 [n_steps, n_neurons], at the end of steps."""
    state = np.zeros((n_steps, n_neurons), dtype=np.float32)
    np.add.at(state, (step, neuron), np.float32(1.0))
    # x(t) = x(t - 1) exp(-1 / tau) + spikes of step t
    decay = np.float32(np.exp(-1.0 / tau_steps))
    for t in range(1, n_steps):
        state[t] += decay * state[t - 1]
    return state
