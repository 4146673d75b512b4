"""Injected spikes of the populations that play recordings."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from distsnn.core.neurons.state import NeuronState
from distsnn.kernels.loop.steps import append_given
from distsnn.network import Network


class SourceSpikes:
    """Injected spikes of the sources on one rank, sorted by step, then slot.

    slots: uint32 [spikes]. start: int64 [steps + 1], index of the first spike of each step, from
    first_step on.
    """

    first_step = 0

    def __init__(self, network: Network, state: NeuronState, n_steps: int) -> None:
        steps, slots = [], []
        for piece, _, flat in state.slices:
            model = network.populations[piece.population].model
            if model.is_source:
                t, source = model.given_spikes(network.dt_ms)
                here = (source >= piece.start) & (source < piece.stop) & (t < n_steps)
                steps.append(t[here])
                slots.append(source[here].astype(np.int64) - piece.start + flat)
        t = np.concatenate([np.empty(0, np.int64), *steps])
        slot = np.concatenate([np.empty(0, np.int64), *slots])
        order = np.lexsort((slot, t))
        self.slots = slot[order].astype(np.uint32)
        n_known = int(t.max(initial=-1)) + 1  # the kernel looks no later step up
        self.start = np.searchsorted(t[order], np.arange(n_known + 1))
        n_of_step = np.diff(self.start)
        self.most_in_a_step = int(n_of_step.max()) if n_of_step.size else 0
        self.is_empty = not self.slots.size

    def bind(self, spikes: np.ndarray) -> Callable[..., int]:
        """Return the kernel (step from first_step on, n) that appends to spikes[:n]."""
        return append_given.bind(self.start, self.slots, spikes)
