"""Plays recordings to a network one after another, each as a run of its own.

Steps are counted from the beginning of each recording, so that noise, stimuli, rewards, epochs and
samples are the same as in a separate run. Neurons and synapses return to their initial state before
each.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from distsnn import checks
from distsnn.comm import Comm
from distsnn.core.neurons.source_spikes import SourceSpikes
from distsnn.core.rank import Rank
from distsnn.errors import UsageError
from distsnn.network import Population
from distsnn.time_grid import MAX_RUN_STEPS


@dataclass(frozen=True, eq=False)
class Recording:
    """Spikes to inject into the input lines of one source population.

    step: step of each spike, a whole number from 0 on, counted from the beginning of the recording, in
    any order. line: input line of each spike, that is, its neuron's index in the population. n_steps:
    length of the run; later spikes are not played. step and line are stored as int64 [spikes]. Raises
    UsageError for arrays of different lengths and for values of other types.
    """

    step: Any
    line: Any
    n_steps: int

    def __post_init__(self) -> None:
        n_steps = checks.whole(
            "recording: n_steps",
            self.n_steps,
            1,
            MAX_RUN_STEPS,
            remedy="Give steps.",
            error=UsageError,
        )
        step = checks.array("recording: step", self.step, "i", low=0, error=UsageError)
        line = checks.array("recording: line", self.line, "i", low=0, error=UsageError)
        if step.size != line.size:
            raise UsageError(
                checks.must_be(
                    "recording: line", f"an array of {step.size} numbers, like step", line.size,
                    "Give a line for each step.",
                )
            )  # fmt: skip
        for name, value in (("step", step), ("line", line), ("n_steps", n_steps)):
            object.__setattr__(self, name, value)

    @property
    def most_in_a_step(self) -> int:
        """Largest number of spikes in any step that is played."""
        played = self.step[self.step < self.n_steps]
        return int(np.unique(played, return_counts=True)[1].max(initial=0))

    def require_fits(self, subject: str, lines: Population, most_input: int) -> None:
        """Raise UsageError if a line does not exist or a step has more than ``most_input`` spikes."""
        last = int(self.line.max(initial=0))
        if last >= lines.size:
            raise UsageError(
                f"{subject}: line must be a whole number from 0 to {lines.size - 1}, got {last}. "
                f"Population {lines.name!r} has {lines.size} neurons."
            )
        if self.most_in_a_step > most_input:
            raise UsageError(
                f"{subject}: must have at most {most_input} spikes in a step, got "
                f"{self.most_in_a_step}. Make the player with a larger most_input."
            )


def require_same(subject: str, recordings: Sequence[Recording], comm: Comm) -> None:
    """Raise UsageError on all ranks unless they all have the same recordings. Collective."""
    # 7 bytes, so that the digest fits in an int64, which the ranks can compare.
    digest = hashlib.blake2b(digest_size=7)
    for recording in recordings:
        sizes = np.array([recording.n_steps, recording.step.size], dtype=np.int64)
        for array in (sizes, recording.step, recording.line):
            digest.update(array.tobytes())
    own_digest = int.from_bytes(digest.digest(), "little")
    if comm.min(own_digest) != comm.max(own_digest):
        raise UsageError(
            f"{subject}: recordings must be the same on all ranks, got different ones. Read or make "
            "them in the same way on every rank."
        )


class PlayedSpikes(SourceSpikes):
    """The injected spikes of a rank while it plays recordings; ``load`` is called for each of them.

    They include the spikes of the network's other sources, which are the same for every recording.
    """

    is_empty = False

    def __init__(self, rank: Rank, population: int) -> None:
        # (first line, end, first slot) of the slices whose input lines play the recordings
        self._slices = [
            (piece.start, piece.stop, first_slot)
            for piece, _, first_slot in rank.state.slices
            if piece.population == population
        ]
        self._others = rank.sources

    def load(self, recording: Recording) -> None:
        """Load the spikes of a recording."""
        n = recording.n_steps
        # Spikes of the other sources, then those of the recording; sorted by step, then slot.
        n_of_step = np.diff(self._others.start[: n + 1])
        step = [np.repeat(np.arange(n_of_step.size), n_of_step)]
        slot = [self._others.slots[: step[0].size].astype(np.int64)]
        for start, stop, first_slot in self._slices:
            is_played = (recording.line >= start) & (recording.line < stop) & (recording.step < n)
            step.append(recording.step[is_played])
            slot.append(recording.line[is_played] - start + first_slot)
        steps, slots = np.concatenate(step), np.concatenate(slot)
        order = np.lexsort((slots, steps))
        self.slots = slots[order].astype(np.uint32)
        self.start = np.searchsorted(steps[order], np.arange(n + 1))


class InitialState:
    """A copy of the initial state of a rank's neurons and synapses, from which runs begin."""

    def __init__(self, rank: Rank) -> None:
        self._rank = rank
        self._rows = rank.state.rows.copy()
        self._current = rank.state.current.copy()
        self._inputs = {name: values.copy() for name, values in rank.state.inputs.states().items()}
        self._synapses = rank.plastic.columns()

    def begin_run(self, n_steps: int, n_recorded: int) -> None:
        """Restore the initial state and begin a run of ``n_steps``; see ``Rank.begin_run``."""
        rank = self._rank
        # Neurons, inputs and synapses; rings and calendars hold no spikes before the first step.
        np.copyto(rank.state.rows, self._rows)
        np.copyto(rank.state.current, self._current)
        for name, values in rank.state.inputs.states().items():
            np.copyto(values, self._inputs[name])
        rank.state.inputs.forget()
        rank.ring.fill(0)
        rank.plastic.begin_run(n_steps, self._synapses)
        rank.begin_run(n_steps, n_recorded)
