"""Plays recordings to a network one after another, each from the same initial state.

The running time goes on: ring slots, calendar and mesh counters need no new beginning, only what
neurons and synapses hold is set back. A recording takes a whole number of exchange intervals, so
that nothing is under way when the next one begins.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from distsnn.core.rank import Rank
from distsnn.core.source_spikes import SourceSpikes


@dataclass(frozen=True)
class Recording:
    """Spikes of the lines of one source population.

    step: int64, ascending, counted from the recording's beginning. line: integers. n_steps: how
    long the network runs.
    """

    step: np.ndarray
    line: np.ndarray
    n_steps: int


class PlayedSpikes(SourceSpikes):
    """The given spikes of a rank from recordings; loaded anew for each, then given to the rank."""

    is_empty = False

    def __init__(self, rank: Rank, population: int) -> None:
        self._slices = [
            (piece.start, piece.stop, flat)
            for piece, _, flat in rank.state.slices
            if piece.population == population
        ]

    def load(self, first_step: int, recording: Recording) -> None:
        """Take the spikes of a recording that begins at running step ``first_step``."""
        self.first_step = first_step
        step, slot = [], []
        line = np.asarray(recording.line, dtype=np.int64)
        for start, stop, flat in self._slices:
            here = (line >= start) & (line < stop) & (recording.step < recording.n_steps)
            step.append(recording.step[here])
            slot.append(line[here] - start + flat)
        steps = np.concatenate([np.empty(0, np.int64), *step])
        slots = np.concatenate([np.empty(0, np.int64), *slot])
        order = np.lexsort((slots, steps))
        self.slots = slots[order].astype(np.uint32)
        self.start = np.searchsorted(steps[order], np.arange(recording.n_steps + 1))


class InitialState:
    """What a rank's neurons hold before the first step, to go back to."""

    def __init__(self, rank: Rank) -> None:
        self._rank = rank
        self._rows = rank.state.rows.copy()

    def restore(self) -> None:
        """Set neurons, synaptic input, short-term plasticity and fabric turns back to the beginning."""
        rank = self._rank
        np.copyto(rank.state.rows, self._rows)
        rank.state.spiked.fill(0)
        rank.state.slow.origin = rank.t
        rank.ring.fill(0)
        rank.turn.fill(0)
        rank.forget_spikes()
        rank.plastic.reset()
