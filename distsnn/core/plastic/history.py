"""The postsynaptic spikes that the synapses of one projection have to make up for."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from distsnn.core.plastic.rows import PlasticRows
from distsnn.kernels.plastic.history import LONG_AGO, append_spikes
from distsnn.kernels.plastic.rows import count_targets

MIN_DEPTH = 64  # spikes of a neuron; the fewer, the more often all synapses have to catch up
SPARE = 16


def targets_of(rows: PlasticRows, slots: np.ndarray) -> tuple[int, np.ndarray]:
    """Return the first of the target slots and the plastic synapses of it and all up to the last.

    slots: of the rank's target neurons. The counts are uint32.
    """
    first = int(slots.min()) if slots.size else 0
    n_in = np.zeros(int(slots.max()) + 1 - first if slots.size else 0, dtype=np.uint32)
    count_targets(first, rows.words, n_in)
    return first, n_in


class SpikeHistory:
    """Records of the last spikes of the rank's target neurons; see ``kernels/plastic/history.py``.

    records: int32. first_slot: slot of the first record. n_in: uint32, plastic synapses per record.
    """

    def __init__(self, rows: PlasticRows, slots: np.ndarray, n_traces: int) -> None:
        self.first_slot, self.n_in = targets_of(rows, slots)
        self.depth = max(MIN_DEPTH, 2 * rows.most_back + SPARE)
        self.n_traces = n_traces
        self.record_words = self.depth * (1 + n_traces)
        self.records = np.zeros(self.n_in.size * self.record_words, dtype=np.int32)
        self.reset()

    def reset(self) -> None:
        """Forget all spikes."""
        entries = self.records.reshape(-1, 1 + self.n_traces)
        entries.fill(0)
        entries[:, 0] = LONG_AGO

    def bind(
        self, spikes: np.ndarray, keep: float, table_row: int, fine: np.ndarray, coarse: np.ndarray
    ) -> Callable[..., int]:
        """Return append(t, n_spikes, swept), which enters spikes[:n_spikes] of step t."""
        facts = np.array(
            [self.first_slot, self.depth, self.n_traces, int(keep), table_row], dtype=np.int64
        )
        return append_spikes.bind(facts, spikes, self.n_in, fine, coarse, self.records)
