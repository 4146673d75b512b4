"""Records the spikes of one rank, and state variables of selected neurons."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from distsnn.core.neurons.state import NeuronState
from distsnn.core.recording.counter_block import extended
from distsnn.kernels.loop.steps import AS_BITS, record_spikes
from distsnn.network import Network
from distsnn.time_grid import given_steps


class SpikeRecorder:
    """The slots of all spikes, step after step, in blocks of memory that are never copied.

    A step in which more than one slot in 32 spikes is stored as a bit mask over all slots. n_slots:
    slots of the rank. first_step: first step of the record. n_of_step: uint32 [steps], number of spikes
    in each step, with the flag AS_BITS if it is stored as a mask.
    """

    def __init__(
        self, n_slots: int, n_steps: int, expected_spikes: int, first_step: int = 0
    ) -> None:
        self.first_step = first_step
        self.n_of_step = np.zeros(n_steps, dtype=np.uint32)
        self._block = np.empty(max(1 << 16, expected_spikes), dtype=np.uint32)
        # Words of the block in use, and words of a bit mask.
        self._used = np.array([0, -(-n_slots // 32)], dtype=np.int64)
        self._full: list[np.ndarray] = []
        self._counts = np.zeros(n_slots, dtype=np.int64)
        self._counted = 0, 0  # steps and words of the record that are in the counts

    def bind(self, spikes: np.ndarray) -> Callable[..., int]:
        """Return the kernel (t - first_step, n) that appends spikes[:n], bound to the current block."""
        return record_spikes.bind(spikes, self.n_of_step, self._block, self._used)

    def extend(self, n_steps: int) -> None:
        """Make room until step ``n_steps``; ``bind`` has to be called again."""
        self.n_of_step = extended(self.n_of_step, n_steps - self.first_step)

    def grow(self, n: int) -> None:
        """Start a new block for at least ``n`` spikes, to which the kernel must be bound anew."""
        self._full.append(self._block[: self._used[0]])
        self._block = np.empty(max(self._block.size, n), dtype=np.uint32)
        self._used[0] = 0

    def arrays(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the step (int64) and the slot (uint32) of every spike, in order of both."""
        return self._spikes_from(0, 0)

    def counts(self) -> np.ndarray:
        """Return the number of spikes of each slot, int64 [slots]; only new ones are looked at."""
        # A closed loop asks every few ms: what was counted before stays in the sums.
        step, slots = self._spikes_from(*self._counted)
        if step.size:
            self._counts += np.bincount(slots, minlength=self._counts.size)
            n_words = sum(block.size for block in self._full) + int(self._used[0])
            self._counted = int(step[-1]) + 1 - self.first_step, n_words
        return self._counts

    def _spikes_from(self, first: int, n_skipped: int) -> tuple[np.ndarray, np.ndarray]:
        """Return step and slot of the spikes in the record from its step ``first`` on.

        n_skipped: words of the record before that step.
        """
        # Whole blocks before the first word are passed over, the next is cut.
        parts = []
        for block in (*self._full, self._block[: self._used[0]]):
            parts.append(block[min(n_skipped, block.size) :])
            n_skipped = max(0, n_skipped - block.size)
        words = np.concatenate(parts)
        busy = first + np.flatnonzero(self.n_of_step[first:])
        is_bits = self.n_of_step[busy] >= AS_BITS
        n_of_step = (self.n_of_step[busy] & np.uint32(AS_BITS - 1)).astype(np.int64)
        step = np.repeat(busy + self.first_step, n_of_step)
        if is_bits.any():
            words = _unpacked(words, n_of_step, np.flatnonzero(is_bits), int(self._used[1]))
        return step, words


def _unpacked(
    words: np.ndarray, n_of_step: np.ndarray, as_bits: np.ndarray, n_words: int
) -> np.ndarray:
    """Return the slots of all spikes; the steps ``as_bits`` are stored as masks of ``n_words`` words.

    Only these steps are unpacked one by one; what lies between them is copied.
    """
    ends = np.cumsum(n_of_step)
    slots = np.empty(ends[-1], dtype=np.uint32)
    # Slots written so far, and words of the record read so far.
    n_unpacked, n_read = 0, 0
    for end, n in zip(ends[as_bits].tolist(), n_of_step[as_bits].tolist(), strict=True):
        first = end - n
        n_before = first - n_unpacked
        slots[n_unpacked:first] = words[n_read : n_read + n_before]
        n_read += n_before
        slots[first:end] = _slots_of(words[n_read : n_read + n_words])
        n_unpacked, n_read = end, n_read + n_words
    slots[n_unpacked:] = words[n_read:]
    return slots


def _slots_of(words: np.ndarray) -> np.ndarray:
    """Return the indices of the set bits, ascending, uint32."""
    bits = np.unpackbits(words.astype("<u4").view(np.uint8), bitorder="little")
    return np.flatnonzero(bits).astype(np.uint32)


@dataclass
class Trace:
    """Samples of one state variable, for the neurons of a probe on this rank.

    neurons, slots: int64 [neurons], index in the population and slot of each. values: float32 [samples,
    neurons]. source: float32 or int32 [slots of the rank], the variable, to which ``offset`` is added.
    """

    probe: int
    every_steps: int
    neurons: np.ndarray
    slots: np.ndarray
    values: np.ndarray
    offset: float | np.ndarray
    source: np.ndarray


class TraceRecorder:
    """Samples the probed state variables at the end of every k-th step, from step 0 on."""

    def __init__(self, network: Network, state: NeuronState, n_steps: int) -> None:
        self.traces: list[Trace] = []
        for number, probe in enumerate(network.probes):
            population = probe.population
            # Slot of each neuron of the population, -1 for those on other ranks.
            slot_of_neuron = np.full(population.size, -1, dtype=np.int64)
            slots = state.flat_of(population.index, 0, population.size)
            own_neurons = np.concatenate(
                [
                    np.arange(piece.start, piece.stop)
                    for piece, _, _ in state.slices
                    if piece.population == population.index
                ]
                or [np.empty(0, np.int64)]
            )
            slot_of_neuron[own_neurons] = slots
            neurons = np.asarray(probe.neurons, dtype=np.int64)
            chosen = neurons[slot_of_neuron[neurons] >= 0]
            every = given_steps("probe: every_ms", probe.every_ms, network.dt_ms, 1)
            no_samples = np.zeros((0, chosen.size), dtype=np.float32)
            slots = slot_of_neuron[chosen]
            offset = state.offset(population, probe.variable, slots)
            source = state.values(population, probe.variable)
            self.traces.append(Trace(number, every, chosen, slots, no_samples, offset, source))
        self.begin_run(n_steps)

    def begin_run(self, n_steps: int) -> None:
        """Allocate the samples of a run of ``n_steps``, and discard earlier ones."""
        self.origin = 0  # the step from which samples are taken
        self.n_steps = n_steps
        for trace in self.traces:
            shape = (-(-n_steps // trace.every_steps), trace.neurons.size)
            trace.values = np.zeros(shape, dtype=np.float32)

    def extend(self, n_steps: int) -> None:
        """Make room for the samples of a run that goes on until step ``n_steps``."""
        self.n_steps = n_steps
        for trace in self.traces:
            n_samples = -(-(n_steps - self.origin) // trace.every_steps)
            trace.values = extended(trace.values, n_samples)

    def clear(self, t: int) -> None:
        """Discard all samples; the next are taken as if the run began at step ``t``."""
        self.origin = t
        for trace in self.traces:
            trace.values = np.zeros((0, trace.neurons.size), dtype=np.float32)

    def next_stop(self, t: int) -> int:
        """Return the first step after ``t`` before which a sample is due, or the number of steps."""
        # The first multiple of every_steps from t on, plus 1: the step that follows the sampled one.
        due = (t + 1 + (self.origin - t) % trace.every_steps for trace in self.traces)
        return min(due, default=self.n_steps)

    def sample(self, t: int) -> None:
        """Take the samples that are due after step ``t``."""
        for trace in self.traces:
            since = t - self.origin
            if since % trace.every_steps == 0:
                trace.values[since // trace.every_steps] = trace.source[trace.slots] + trace.offset
