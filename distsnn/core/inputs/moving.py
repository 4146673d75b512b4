"""Currents of one rank that change in every step; see ``kernels/input/currents.py``."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from distsnn.core.inputs.driven import RankNeurons
from distsnn.core.inputs.entries import Entries
from distsnn.kernels.input import currents as kernels
from distsnn.kernels.input.levels import CHUNK
from distsnn.network import Stimulus
from distsnn.stimuli.course import MovingCurrent

PURPOSE = "current noise"
KINDS = ("waveform", "sine", "white", "ou")  # in the order in which they are added up


class MovingKind:
    """All currents of one kind on a rank. x: float64 [entries], the state of OU noise."""

    def __init__(
        self,
        kind: str,
        given: Sequence[tuple[Stimulus, MovingCurrent]],
        neurons: RankNeurons,
        dt_ms: float,
    ) -> None:
        own = [(stimulus, moving) for stimulus, moving in given if moving.kind == kind]
        self.kind = kind
        self.entries = entries = Entries([(s, m.course) for s, m in own], neurons, PURPOSE)
        moving_of = {stimulus.index: moving for stimulus, moving in own}
        self.x = np.zeros(entries.n_entries, dtype=np.float64)
        self._parameters = np.zeros((4, entries.n_entries), dtype=np.float64)
        self._every = np.ones(entries.n_entries // 2, dtype=np.int64)
        self._start = np.zeros(entries.n_entries // 2, dtype=np.int64)
        for row in entries.rows:
            what, moving = row.stimulus.what, moving_of[row.stimulus.index]
            values = {name: entries.values(row, name) for name in what.values()}
            for k, numbers in enumerate(what.moving_parameters(values, dt_ms)):
                self._parameters[k, row.entries] = numbers
            self._every[row.span], self._start[row.span] = moving.every, moving.start

    def bind(self, current: np.ndarray) -> Callable[..., int]:
        """Return the kernel (step) that adds to ``current``."""
        entries = self.entries
        values = np.zeros(CHUNK, dtype=np.float64)
        intervals = np.zeros(entries.n_entries // 2, dtype=np.int64)
        common = (
            entries.table, entries.edges, entries.levels, entries.limits,
            np.zeros(entries.n_entries, dtype=np.float64),
            np.zeros(entries.n_chunks, dtype=np.uint8), entries.slots,
        )  # fmt: skip
        noise = (self._parameters, entries.keys, entries.pairs)
        if self.kind == "waveform":
            return kernels.drive_waveforms.bind(*common, current)
        if self.kind == "sine":
            return kernels.drive_sines.bind(*common, self._parameters, values, current)
        if self.kind == "white":
            times = (self._every, self._start, intervals)
            return kernels.drive_white.bind(*common, *noise, *times, values, current)
        return kernels.drive_ou.bind(*common, *noise, self.x, intervals, values, current)


class MovingCurrents:
    """All such currents of a rank.

    constant, current: float32 [slots], direct currents without them, and with them.
    """

    def __init__(
        self,
        stimuli: Sequence[Stimulus],
        neurons: RankNeurons,
        dt_ms: float,
        constant: np.ndarray,
        current: np.ndarray,
    ) -> None:
        self._constant, self._current = constant, current
        moving = [(stimulus, stimulus.what.moving_current(dt_ms)) for stimulus in stimuli]
        given = [(stimulus, found) for stimulus, found in moving if found is not None]
        self.kinds = [MovingKind(kind, given, neurons, dt_ms) for kind in KINDS]
        self.kinds = [kind for kind in self.kinds if kind.entries.n_entries]

    def bind(self) -> list[Callable[..., int]]:
        """Return the kernels (step)."""
        if not self.kinds:
            return []
        slots = np.unique(np.concatenate([kind.entries.slots for kind in self.kinds]))
        copy = kernels.copy_constant.bind(slots[slots >= 0], self._constant, self._current)
        return [copy, *(kind.bind(self._current) for kind in self.kinds)]
