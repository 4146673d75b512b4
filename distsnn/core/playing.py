"""Plays recordings to a network one after another, each as a run of its own.

Steps are counted from the beginning of each recording, as in a run of it alone, so that noise, stimuli,
rewards, epochs and samples are the same; and all that neurons and synapses hold is set back before it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from distsnn import checks
from distsnn.core.rank import Rank
from distsnn.core.source_spikes import SourceSpikes
from distsnn.errors import UsageError

MAX_STEPS = (1 << 31) - 1  # of a recording: steps are kept in 32 bits where spikes are recorded


@dataclass(frozen=True, eq=False)
class Recording:
    """Spikes of the lines of one source population.

    step: whole numbers from 0 on, in any order, counted from the recording's beginning. line: whole
    numbers, as many, the neurons of the population that spike. n_steps: how long the network runs;
    spikes after that are not played, as those of a source after the end of a run. Kept as int64
    arrays. Raises UsageError.
    """

    step: Any
    line: Any
    n_steps: int

    def __post_init__(self) -> None:
        n_steps = checks.whole(
            "recording: n_steps", self.n_steps, 1, MAX_STEPS, remedy="Give steps.", error=UsageError
        )
        step = checks.array("recording: step", self.step, "i", low=0, error=UsageError)
        line = checks.array("recording: line", self.line, "i", low=0, error=UsageError)
        if step.size != line.size:
            raise UsageError(
                checks.must_be(
                    "recording: line", f"{step.size} numbers, as many as step has", line.size,
                    "Give a line for each step.",
                )
            )  # fmt: skip
        for name, value in (("step", step), ("line", line), ("n_steps", n_steps)):
            object.__setattr__(self, name, value)

    @property
    def most_in_a_step(self) -> int:
        """The most spikes in one step that is played."""
        played = self.step[self.step < self.n_steps]
        return int(np.unique(played, return_counts=True)[1].max(initial=0))


class PlayedSpikes(SourceSpikes):
    """The given spikes of a rank while recordings are played, loaded anew for each.

    Those of the other sources of the network, which play the same in every recording, are among them.
    """

    is_empty = False

    def __init__(self, rank: Rank, population: int) -> None:
        self._slices = [
            (piece.start, piece.stop, flat)
            for piece, _, flat in rank.state.slices
            if piece.population == population
        ]
        self._others = rank.sources

    def load(self, recording: Recording) -> None:
        """Take the spikes of a recording."""
        n = recording.n_steps
        n_of_step = np.diff(self._others.start[: n + 1])
        step = [np.repeat(np.arange(n_of_step.size), n_of_step)]
        slot = [self._others.slots[: step[0].size].astype(np.int64)]
        for start, stop, flat in self._slices:
            here = (recording.line >= start) & (recording.line < stop) & (recording.step < n)
            step.append(recording.step[here])
            slot.append(recording.line[here] - start + flat)
        steps, slots = np.concatenate(step), np.concatenate(slot)
        order = np.lexsort((slots, steps))
        self.slots = slots[order].astype(np.uint32)
        self.start = np.searchsorted(steps[order], np.arange(n + 1))


class InitialState:
    """What the neurons and synapses of a rank hold before the first step, to go back to."""

    def __init__(self, rank: Rank) -> None:
        self._rank = rank
        self._rows = rank.state.rows.copy()
        self._current = rank.state.current.copy()
        self._synapses = rank.plastic.columns()

    def begin_run(self, n_steps: int, n_recorded: int) -> None:
        """Set all back and begin a run of ``n_steps``; see ``Rank.begin_run``."""
        rank = self._rank
        np.copyto(rank.state.rows, self._rows)
        np.copyto(rank.state.current, self._current)
        rank.ring.fill(0)
        rank.plastic.begin_run(n_steps, self._synapses)
        rank.begin_run(n_steps, n_recorded)
