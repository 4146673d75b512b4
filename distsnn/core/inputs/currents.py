"""Direct currents into the neurons of one rank that are constant from change to change.

The current of a neuron is the exact sum of its stimuli, rounded once, a function of the step alone.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from distsnn.core.inputs.driven import RankNeurons
from distsnn.network import Network, Stimulus
from distsnn.stimuli.course import Course


@dataclass(eq=False)
class Source:
    """A stimulus on this rank. at: places of its neurons in the population's; pa: of each, float64.

    Its current is pa * level of the course.
    """

    stimulus: Stimulus
    course: Course
    positions: np.ndarray
    at: np.ndarray
    pa: np.ndarray

    def values(self, t: int) -> np.ndarray | None:
        """Return the currents in pA at step ``t``, None if there is none."""
        # The level of the last edge up to step t; none before the first.
        k = int(np.searchsorted(self.course.first, t, side="right")) - 1
        level = float(self.course.levels[k]) if k >= 0 else 0.0
        return self.pa * level if level else None


class DirectCurrents:
    """All such currents of a rank, which are written into arrays of its slots."""

    def __init__(self, network: Network, neurons: RankNeurons, out: tuple[np.ndarray, ...]) -> None:
        self._neurons, self._out = neurons, out
        self._of: dict[int, list[Source]] = {}
        self._changing: dict[int, list[Source]] = {}
        for stimulus in network.stimuli:
            course = stimulus.what.current_course(network.dt_ms)
            if course is None:
                continue
            positions, at = neurons.driven(stimulus)
            if not at.size:
                continue
            pa = neurons.values(stimulus, "pa", positions)
            source = Source(stimulus, course, positions, at, pa)
            self._of.setdefault(stimulus.target.index, []).append(source)
            for step in course.first.tolist():
                self._changing.setdefault(step, []).append(source)
        self._is_due = True
        self.change_steps = sorted(self._changing)

    def write(self, t: int) -> None:
        """Write what changes at step ``t``: all after ``set`` and at the beginning of a run."""
        if t == 0 or self._is_due:
            self._is_due = False
            for population, sources in self._of.items():
                self._write(population, [source.at for source in sources], t)
            return
        # Only neurons of which a stimulus changes at this step.
        changed: dict[int, list[np.ndarray]] = {}
        for source in self._changing.get(t, ()):
            changed.setdefault(source.stimulus.target.index, []).append(source.at)
        for population, parts in changed.items():
            self._write(population, parts, t)

    def set(self, stimulus: int, neurons: np.ndarray, pa: np.ndarray) -> None:
        """Change the constant current of neurons of a stimulus; acts from the next ``write`` on."""
        for source in (source for sources in self._of.values() for source in sources):
            if source.stimulus.index == stimulus:
                own, _ = self._neurons.of(source.stimulus.target.index)
                places, given = np.intersect1d(own[source.at], neurons, return_indices=True)[1:]
                source.pa[places] = pa[given]
                self._is_due = True

    def take(self, other: DirectCurrents, changed: int | None) -> None:
        """Have the currents of each stimulus that another object has, but of one stimulus."""
        known = {s.stimulus.index: s for sources in other._of.values() for s in sources}
        for source in (source for sources in self._of.values() for source in sources):
            same = known.get(source.stimulus.index)
            if same is not None and source.stimulus.index != changed:
                source.pa[:] = same.pa
        self._is_due = True

    def forget(self) -> None:
        """Write all currents at the next ``write``."""
        self._is_due = True

    def _write(self, population: int, parts: Sequence[np.ndarray], t: int) -> None:
        _, slots = self._neurons.of(population)
        is_changed = np.zeros(slots.size, dtype=bool)
        for at in parts:
            is_changed[at] = True
        # The sum is formed from scratch, so what a current was before leaves no trace in it.
        there = [(s.at, s.values(t)) for s in self._of[population]]
        totals = exact_sums(slots.size, [(at, pa) for at, pa in there if pa is not None])
        for out in self._out:
            out[slots[is_changed]] = totals[is_changed].astype(np.float32)


def exact_sums(n: int, parts: Sequence[tuple[np.ndarray, np.ndarray]]) -> np.ndarray:
    """Return n sums, float64, of values at places, each rounded once.

    parts: places (int64, none twice within one part) and their values.
    """
    sums = np.zeros(n, dtype=np.float64)
    count = np.zeros(n, dtype=np.int64)
    for at, values in parts:
        sums[at] += values  # exact to the last bit with two values
        count[at] += 1
    if not (count > 2).any():
        return sums
    places = np.concatenate([at for at, _ in parts])
    values = np.concatenate([values for _, values in parts])
    order = np.argsort(places, kind="stable")
    ends = np.cumsum(count)
    known: dict[bytes, float] = {}  # neurons with the same currents
    for place in np.flatnonzero(count > 2).tolist():
        several = values[order[ends[place] - count[place] : ends[place]]]
        key = several.tobytes()
        if key not in known:
            known[key] = math.fsum(several.tolist())
        sums[place] = known[key]
    return sums
