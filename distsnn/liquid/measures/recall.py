"""A task that needs memory: to classify earlier patterns from the final state.

An input is four segments in a row, each a jittered copy of one of two templates of Poisson trains;
at the end a linear read-out predicts for each segment which template it was. It can be right about
the early segments only if the liquid remembers them.

Source: Maass, Natschlaeger & Markram 2002, Neural Comput 14:2531, fig. 4.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from distsnn.comm import Comm
from distsnn.liquid.classify.readout import dual_scores, gram_matrix, targets_of
from distsnn.liquid.inputs.encoders import InputSpikes
from distsnn.liquid.liquid import Liquid
from distsnn.liquid.measures.probes import RATE_HZ, TAU_MS, play_inputs, poisson_inputs
from distsnn.random_streams import generator
from distsnn.simulation import Settings
from distsnn.time_grid import nearest_steps

N_SEGMENTS = 4
JITTER_MS = 4.0
ALPHAS = (0.01, 0.1, 1.0, 10.0)


def segmented_inputs(
    n_channels: int, n_inputs: int, segment_ms: float, dt_ms: float, random: np.random.Generator
) -> tuple[list[InputSpikes], np.ndarray]:
    """Return inputs and the number of each segment's template, int64 [inputs, segments]."""
    n_steps = max(1, int(nearest_steps(segment_ms, dt_ms)))
    templates = [
        [poisson_inputs(n_channels, n_steps, RATE_HZ, dt_ms, random) for _ in range(2)]
        for _ in range(N_SEGMENTS)
    ]
    chosen = random.integers(0, 2, (n_inputs, N_SEGMENTS))
    inputs = []
    for row in chosen:
        step, channel = [], []
        for k, number in enumerate(row):
            template = templates[k][number]
            # Each spike of the template is moved by Gaussian jitter within its segment.
            jitter = random.normal(0.0, JITTER_MS / dt_ms, template.step.size)
            moved = nearest_steps(template.step + jitter, 1.0)
            step.append(np.clip(moved, 0, n_steps - 1) + k * n_steps)
            channel.append(template.channel)
        # A channel has at most one spike in a step.
        pairs = np.unique(np.stack([np.concatenate(step), np.concatenate(channel)]), axis=1)
        inputs.append(InputSpikes.of(pairs[0], pairs[1], N_SEGMENTS * n_steps))
    return inputs, chosen


def recall(
    liquid: Liquid,
    settings: Settings,
    comm: Comm,
    n_inputs: int = 400,
    segment_ms: float = 100.0,
    factors: Sequence[float] = (1.0, 0.0),
) -> dict[float, list[float]] | None:
    """Return the percentage right for each segment (first to last), by recurrence, on rank 0.

    factors: on the recurrent weights. Three quarters of the inputs train, the rest is tested; the
    regularisation is chosen on the training inputs.
    """
    random = generator(liquid.seed, "recall")
    inputs, chosen = segmented_inputs(liquid.n_channels, n_inputs, segment_ms, liquid.dt_ms, random)
    percent_right = {}
    for factor in factors:
        # Same wiring with scaled recurrent weights; factor 0: no memory but that of the filter.
        base = liquid.column.recurrence
        scaled = replace(liquid, column=replace(liquid.column, recurrence=base * factor))
        responses = play_inputs(scaled, inputs, settings, comm)
        if comm.rank != 0:
            continue
        last, tau = inputs[0].n_steps, TAU_MS / liquid.dt_ms
        states = np.stack([
            # x(T) = sum of exp(-(T - t) / tau) at the last step
            np.bincount(r.neuron, np.exp(-(last - 1 - r.step) / tau), liquid.n_neurons)
            for r in responses
        ])  # fmt: skip
        percent_right[factor] = [right_of(states, chosen[:, k]) for k in range(N_SEGMENTS)]
    return percent_right if comm.rank == 0 else None


def right_of(states: np.ndarray, labels: np.ndarray) -> float:
    """Return the percentage right on the last quarter after training on the rest."""
    # The square root evens out the variance of counts, as in ``states``.
    gram, targets = gram_matrix(np.sqrt(states)), targets_of(labels, 2)
    n = labels.size
    # Half of the inputs fit, a quarter chooses alpha, the last quarter tests.
    fit, choose = np.arange(n // 2), np.arange(n // 2, 3 * n // 4)
    train, test = np.arange(3 * n // 4), np.arange(3 * n // 4, n)
    right = [
        (dual_scores(gram, targets, fit, choose, alpha).argmax(axis=1) == labels[choose]).mean()
        for alpha in ALPHAS
    ]
    best = ALPHAS[int(np.argmax(right))]
    scores = dual_scores(gram, targets, train, test, best)
    return 100.0 * float((scores.argmax(axis=1) == labels[test]).mean())
