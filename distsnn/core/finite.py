"""Notices states and weights that are no numbers any more, a bounded number of steps after it.

A state that is infinite or not a number never becomes one again, so it is enough to look at times.
All ranks look after the same steps and agree, so that they end together.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from distsnn.checks import must_be
from distsnn.errors import SimulationError

if TYPE_CHECKING:
    from distsnn.core.rank import Rank

# A pass over states and plastic weights takes about as long as some steps, and ranks wait for each
# other there: seldom enough to cost nothing even where a step takes two microseconds.
EVERY_STEPS = 8192
PART = 1 << 16  # numbers that are looked at together
REMEDY = "Lower weights, currents or the time step, or check the parameters."


class FiniteCheck:
    """Looks at what a rank holds."""

    def __init__(self, rank: Rank) -> None:
        self._rank = rank
        self._mask = np.empty(PART, dtype=bool)
        self._ranges = _ranges(rank)

    @property
    def next_step(self) -> int:
        """The step before which a look is due, after the step that the rank is at."""
        return (self._rank.t // EVERY_STEPS + 1) * EVERY_STEPS

    def require(self) -> None:
        """Raise SimulationError on all ranks if a number of any is not finite. Collective."""
        t, rank = self._rank.t, self._rank
        error = self._wrong_state(t)
        if error is None:
            error = self._wrong_weight(t)
        rank.comm.agree(error)

    def _wrong_state(self, t: int) -> SimulationError | None:
        rows = self._rank.state.rows
        for row, start, stop in self._ranges:
            found = self._first_wrong(rows[row, start:stop])
            if found is not None:
                return self._error_of_state(row, start + found, t)
        return None

    def _error_of_state(self, row: int, slot: int, t: int) -> SimulationError:
        state = self._rank.state
        piece, _, start = next(
            one for one in state.slices if one[2] <= slot < one[2] + one[0].size
        )
        population = self._rank.network.populations[piece.population]
        name = list(population.model.states)[row]
        thing = f"population {population.name}, neuron {piece.start + slot - start}: {name}"
        limit, got = f"a finite number, as seen after step {t}", state.rows[row, slot]
        return SimulationError(must_be(thing, limit, got, REMEDY))

    def _wrong_weight(self, t: int) -> SimulationError | None:
        for part in self._rank.plastic.parts:
            for name, values in part.rows.columns.items():
                found = self._first_wrong(values) if values.dtype == np.float32 else None
                if found is not None:
                    return self._error_of_weight(part, name, values, found, t)
        return None

    def _error_of_weight(
        self, part: Any, name: str, values: np.ndarray, place: int, t: int
    ) -> SimulationError:
        projection, rank = part.projection, self._rank
        _, slots, _, places = part.rows.listed()
        slot = slots[np.flatnonzero(places == place)]
        post = rank.plastic.gid_of_slot[slot].astype(np.int64) - projection.target.gid_start
        where = f", a synapse onto neuron {post[0]}" if post.size else ""
        thing = f"{projection.name}{where}: {name}"
        limit = f"a finite number, as seen after step {t}"
        remedy = "Lower the rule's amplitudes or the rewards."
        return SimulationError(must_be(thing, limit, values[place], remedy))

    def _first_wrong(self, values: np.ndarray) -> int | None:
        for start in range(0, values.size, PART):
            part = values[start : start + PART]
            is_finite = np.isfinite(part, out=self._mask[: part.size])
            if not is_finite.all():
                return start + int(np.argmin(is_finite))
        return None


def _ranges(rank: Rank) -> list[tuple[int, int, int]]:
    """Return (row, first slot, end) of all float32 states: whole rows where no other type is."""
    state, populations = rank.state, rank.network.populations
    kinds: dict[int, list[tuple[str, int, int]]] = {}
    for piece, _, start in state.slices:
        for row, kind in enumerate(populations[piece.population].model.states.values()):
            kinds.setdefault(row, []).append((kind, start, start + piece.size))
    ranges = []
    for row, parts in kinds.items():
        if all(kind == "f4" for kind, _, _ in parts):
            ranges.append((row, 0, state.n_flat))
        else:
            ranges += [(row, start, stop) for kind, start, stop in parts if kind == "f4"]
    return ranges
