"""Spikes injected through source populations."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from distsnn.core.neurons.state import NeuronState
from distsnn.kernels.loop.steps import append_given
from distsnn.network import Network


class SourceSpikes:
    """Injected spikes of the sources on one rank, in compressed form by step.

    slots: uint32 [spikes], sorted by step, then slot. start: int64 [steps + 1], index in ``slots`` of
    the first spike of each step, counted from ``first_step``.
    """

    first_step = 0

    def __init__(self, network: Network, state: NeuronState, n_steps: int) -> None:
        steps, slots = [], []
        for piece, _, first_slot in state.slices:
            model = network.populations[piece.population].model
            if model.is_source:
                t, source = model.given_spikes(network.dt_ms)
                is_own = (source >= piece.start) & (source < piece.stop) & (t < n_steps)
                steps.append(t[is_own])
                slots.append(source[is_own].astype(np.int64) - piece.start + first_slot)
        # Slices come core by core; the kernel needs the spikes of a step to be consecutive.
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
        """Return the bound kernel (step - first_step, n) that appends a step's spikes to spikes[:n]."""
        return append_given.bind(self.start, self.slots, spikes)


class ReplacedSpikes(SourceSpikes):
    """Spikes of the sources of a running rank, of which one population plays others from a step on."""

    def __init__(
        self, before: SourceSpikes, first_step: int, slots: np.ndarray, steps: np.ndarray,
        own_slots: np.ndarray,
    ) -> None:  # fmt: skip
        """first_step: the next step. steps, slots: of the new spikes. own_slots: of the population."""
        self.first_step = first_step
        # The other sources go on as before.
        kept_steps = np.repeat(
            np.arange(before.start.size - 1) + before.first_step, np.diff(before.start)
        )
        is_kept = (kept_steps >= first_step) & ~np.isin(before.slots, own_slots)
        t = np.concatenate([kept_steps[is_kept], steps]).astype(np.int64)
        slot = np.concatenate([before.slots[is_kept], slots]).astype(np.int64)
        order = np.lexsort((slot, t))
        self.slots = slot[order].astype(np.uint32)
        n_known = int(t.max(initial=first_step - 1)) + 1 - first_step
        self.start = np.searchsorted(t[order] - first_step, np.arange(n_known + 1))
        self.most_in_a_step = int(np.diff(self.start).max(initial=0))
        self.is_empty = not self.slots.size
