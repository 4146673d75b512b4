"""Detects states and weights that have become infinite or NaN, within a bounded number of steps.

A state that is infinite or NaN stays so, so an occasional check is enough. All ranks check after the
same steps and agree on the result, so that they stop together.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from distsnn.checks import must_be
from distsnn.comm import Comm
from distsnn.core.neurons.state import NeuronState
from distsnn.core.plastic.synapses import PlasticSynapses
from distsnn.errors import SimulationError
from distsnn.network import Network

# A check takes about as long as a few steps, and ranks wait for each other in it. At this interval the
# cost is negligible even if a step takes two microseconds.
EVERY_STEPS = 8192
PART = 1 << 16  # values checked at a time
REMEDY = "Lower weights, currents or the time step, or check the parameters."


class FiniteCheck:
    """Checks the states and the plastic weights of one rank."""

    def __init__(
        self, network: Network, state: NeuronState, plastic: PlasticSynapses, comm: Comm
    ) -> None:
        self._network, self._state, self._plastic, self._comm = network, state, plastic, comm
        self._mask = np.empty(PART, dtype=bool)
        self._ranges = _ranges(network, state)

    def require(self, t: int) -> None:
        """Raise SimulationError on all ranks if a value on any rank is not finite. Collective.

        t: the next step.
        """
        error = self._wrong_state(t)
        if error is None:
            error = self._wrong_weight(t)
        self._comm.agree(error)

    def _wrong_state(self, t: int) -> SimulationError | None:
        rows = self._state.rows
        for row, start, stop in self._ranges:
            first = self._first_wrong(rows[row, start:stop])
            if first is not None:
                return self._error_of_state(row, start + first, t)
        return None

    def _error_of_state(self, row: int, slot: int, t: int) -> SimulationError:
        state = self._state
        piece, _, start = next(
            placed for placed in state.slices if placed[2] <= slot < placed[2] + placed[0].size
        )
        population = self._network.populations[piece.population]
        name = list(population.model.states)[row]
        subject = f"population {population.name}, neuron {piece.start + slot - start}: {name}"
        limit, got = f"a finite number, as seen after step {t}", state.rows[row, slot]
        return SimulationError(must_be(subject, limit, got, REMEDY))

    def _wrong_weight(self, t: int) -> SimulationError | None:
        for part in self._plastic.parts:
            for name, values in part.rows.columns.items():
                first = self._first_wrong(values) if values.dtype == np.float32 else None
                if first is not None:
                    return self._error_of_weight(part, name, values, first, t)
        return None

    def _error_of_weight(
        self, part: Any, name: str, values: np.ndarray, position: int, t: int
    ) -> SimulationError:
        projection = part.projection
        _, slots, _, positions = part.rows.listed()
        slot = slots[np.flatnonzero(positions == position)]
        post = self._plastic.gid_of_slot[slot].astype(np.int64) - projection.target.gid_start
        where = f", a synapse onto neuron {post[0]}" if post.size else ""
        subject = f"{projection.name}{where}: {name}"
        limit = f"a finite number, as seen after step {t}"
        remedy = "Lower the rule's amplitudes or the rewards."
        return SimulationError(must_be(subject, limit, values[position], remedy))

    def _first_wrong(self, values: np.ndarray) -> int | None:
        for start in range(0, values.size, PART):
            part = values[start : start + PART]
            is_finite = np.isfinite(part, out=self._mask[: part.size])
            if not is_finite.all():
                return start + int(np.argmin(is_finite))
        return None


def next_check(t: int) -> int:
    """Return the step before which the next check is due when step ``t`` comes next."""
    return (t // EVERY_STEPS + 1) * EVERY_STEPS


def _ranges(network: Network, state: NeuronState) -> list[tuple[int, int, int]]:
    """Return (row, first slot, end) of all float32 states; entire rows if they hold no other type."""
    populations = network.populations
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
