"""Given spikes onto neurons of one rank; see ``kernels/input/trains.py``."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from distsnn.core.inputs.driven import RankNeurons, stored_weight
from distsnn.kernels.input.trains import drive_trains
from distsnn.network import Stimulus


def bind_trains(
    stimuli: Sequence[Stimulus], neurons: RankNeurons, dt_ms: float, arrived: np.ndarray
) -> list[Callable[..., int]]:
    """Return the kernels (step) that add given spikes to arrived, float32 [receptors, slots]."""
    steps, targets, weights = [], [], []
    for stimulus in stimuli:
        t, position = stimulus.what.trains(dt_ms)
        if not t.size:
            continue
        own, at = neurons.driven(stimulus)
        if not own.size:
            continue
        place = np.minimum(np.searchsorted(own, position), own.size - 1)
        here = own[place] == position
        slots = neurons.of(stimulus.target.index)[1][at[place[here]]]
        steps.append(t[here])
        targets.append(stimulus.receptor * arrived.shape[1] + slots)
        weights.append(np.full(slots.size, stored_weight(stimulus), dtype=np.float32))
    if not steps:
        return []
    # By step; those of one step in the order of the stimuli, as on any number of ranks.
    all_steps = np.concatenate(steps)
    order = np.argsort(all_steps, kind="stable")
    known, first = np.unique(all_steps[order], return_index=True)
    start = np.append(first, order.size).astype(np.int64)
    return [
        drive_trains.bind(
            known, start, np.concatenate(targets)[order], np.concatenate(weights)[order],
            arrived.reshape(-1),
        )
    ]  # fmt: skip
