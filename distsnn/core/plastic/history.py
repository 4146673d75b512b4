"""Postsynaptic spikes that the synapses of one projection have yet to apply."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from distsnn.core.plastic.rows import PlasticRows
from distsnn.kernels.plastic.history import (
    DEPTH,
    FIRST_SLOT,
    KEEP,
    LONG_AGO,
    N_PARAMETERS,
    N_TRACES,
    TABLE_ROW,
    append_spikes,
)
from distsnn.kernels.plastic.visits import count_targets

MIN_DEPTH = 64  # spikes per neuron; with fewer, synapses would have to catch up more often
SPARE = 16  # entries


def targets_of(rows: PlasticRows, slots: np.ndarray) -> tuple[int, np.ndarray]:
    """Return the first target slot, and the number of plastic synapses onto each slot from there on.

    slots: int64, slots of the rank's target neurons. The counts are uint32, up to the last of them.
    """
    first = int(slots.min()) if slots.size else 0
    n_in = np.zeros(int(slots.max()) + 1 - first if slots.size else 0, dtype=np.uint32)
    count_targets(first, rows.words, n_in)
    return first, n_in


class SpikeHistory:
    """The latest spikes of the rank's target neurons; see ``kernels/plastic/history.py``.

    records: int32 [slots * depth * (1 + traces)]; an entry is the step of a spike, then the bits of the
    float32 traces after it. first_slot: slot of the first record. n_in: uint32 [slots], number of
    plastic synapses onto each slot.
    """

    def __init__(self, rows: PlasticRows, slots: np.ndarray, n_traces: int) -> None:
        self.first_slot, self.n_in = targets_of(rows, slots)
        # A record must hold every spike that is still travelling back along the dendrite.
        self.depth = max(MIN_DEPTH, 2 * rows.most_back + SPARE)
        self.n_traces = n_traces
        self.record_words = self.depth * (1 + n_traces)
        self.records = np.zeros(self.n_in.size * self.record_words, dtype=np.int32)
        self.reset()

    def reset(self) -> None:
        """Clear all spikes."""
        # An empty entry is a spike so long ago that its traces are 0.
        entries = self.records.reshape(-1, 1 + self.n_traces)
        entries.fill(0)
        entries[:, 0] = LONG_AGO

    def bind(
        self, spikes: np.ndarray, keep: bool, table_row: int, fine: np.ndarray, coarse: np.ndarray
    ) -> Callable[..., int]:
        """Return the bound kernel (t, n_spikes, swept) that enters spikes[:n_spikes] of step t.

        keep: whether a spike adds to its trace instead of setting it. fine, coarse: tables of decay, in
        which the postsynaptic traces begin at row ``table_row``. See ``append_spikes``.
        """
        parameters = np.zeros(N_PARAMETERS, dtype=np.int64)
        parameters[[FIRST_SLOT, DEPTH, N_TRACES, KEEP, TABLE_ROW]] = (
            self.first_slot, self.depth, self.n_traces, keep, table_row,
        )  # fmt: skip
        return append_spikes.bind(parameters, spikes, self.n_in, fine, coarse, self.records)
