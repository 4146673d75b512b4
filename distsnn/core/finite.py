"""Detects state variables and weights that have become infinite or NaN.

Such a value never becomes finite again, so an occasional check is enough. All ranks check after the
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

# A check takes about as long as a few steps, and in it ranks wait for each other. At this interval, its
# cost is negligible even for steps of two microseconds.
EVERY_STEPS = 8192
CHUNK = 1 << 16  # values checked at a time
REMEDY = "Lower weights, currents or the time step, or check the parameters."


class FiniteCheck:
    """Checks the state variables and the variables of the plastic synapses of one rank."""

    def __init__(
        self, network: Network, state: NeuronState, plastic: PlasticSynapses, comm: Comm
    ) -> None:
        self._network, self._state, self._plastic, self._comm = network, state, plastic, comm
        self._mask = np.empty(CHUNK, dtype=bool)
        self._ranges = _ranges(network, state)

    def require(self, t: int) -> None:
        """Raise SimulationError on all ranks if a value on any rank is not finite. Collective.

        t: the step that runs next, so that values are those after step t - 1.
        """
        error = self._state_error(t)
        if error is None:
            error = self._weight_error(t)
        self._comm.agree(error)

    def _state_error(self, t: int) -> SimulationError | None:
        rows = self._state.rows
        for row, start, stop in self._ranges:
            first = self._first_non_finite(rows[row, start:stop])
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
        limit, value = f"a finite number, as seen after step {t}", state.rows[row, slot]
        return SimulationError(must_be(subject, limit, value, REMEDY))

    def _weight_error(self, t: int) -> SimulationError | None:
        for part in self._plastic.parts:
            for name, values in part.rows.columns.items():
                first = self._first_non_finite(values) if values.dtype == np.float32 else None
                if first is not None:
                    return self._error_of_weight(part, name, values, first, t)
        return None

    def _error_of_weight(
        self, part: Any, name: str, values: np.ndarray, position: int, t: int
    ) -> SimulationError:
        projection = part.projection
        # A position without a synapse is in a header, where the column holds a trace of the axon.
        _, slots, _, positions = part.rows.listed()
        slot = slots[np.flatnonzero(positions == position)]
        post = self._plastic.gid_of_slot[slot].astype(np.int64) - projection.target.gid_start
        where = f", a synapse onto neuron {post[0]}" if post.size else ""
        subject = f"{projection.name}{where}: {name}"
        limit = f"a finite number, as seen after step {t}"
        remedy = "Lower the rule's amplitudes or the rewards."
        return SimulationError(must_be(subject, limit, values[position], remedy))

    def _first_non_finite(self, values: np.ndarray) -> int | None:
        # In chunks, so that the mask stays in the cache.
        for start in range(0, values.size, CHUNK):
            part = values[start : start + CHUNK]
            is_finite = np.isfinite(part, out=self._mask[: part.size])
            if not is_finite.all():
                return start + int(np.argmin(is_finite))
        return None


def next_check(t: int) -> int:
    """Return the step before which the next check is due, if ``t`` is the step that runs next."""
    return (t // EVERY_STEPS + 1) * EVERY_STEPS


def _ranges(network: Network, state: NeuronState) -> list[tuple[int, int, int]]:
    """Return (row, first slot, end) of all float32 state variables; whole rows where possible."""
    populations = network.populations
    # Row k holds the k-th variable of every model, and these may differ in type.
    types_of_row: dict[int, list[tuple[str, int, int]]] = {}
    for piece, _, start in state.slices:
        for row, state_type in enumerate(populations[piece.population].model.states.values()):
            types_of_row.setdefault(row, []).append((state_type, start, start + piece.size))
    ranges = []
    for row, parts in types_of_row.items():
        if all(state_type == "f4" for state_type, _, _ in parts):
            ranges.append((row, 0, state.n_flat))
        else:
            ranges += [
                (row, start, stop) for state_type, start, stop in parts if state_type == "f4"
            ]
    return ranges
