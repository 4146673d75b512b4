"""The spike record gives back what was appended, whether it keeps a step as a list or as bits."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest

from distsnn.core.recording.recorder import SpikeRecorder
from distsnn.kernels.loop.steps import AS_BITS


def record(steps: list[np.ndarray], n_slots: int, room: int = 0) -> SpikeRecorder:
    recorder = SpikeRecorder(n_slots, len(steps), room, first_step=7)
    spikes = np.empty(max(map(len, steps)) + 8, dtype=np.uint32)
    append = recorder.bind(spikes)
    for k, slots in enumerate(steps):
        spikes[: len(slots)] = slots
        if append(k, len(slots)):
            recorder.grow(len(slots))
            append = recorder.bind(spikes)
            assert append(k, len(slots)) == 0
    return recorder


@pytest.mark.parametrize("n_slots", [8, 31, 32, 1000, 70_000])
@pytest.mark.parametrize("seed", range(4))
def test_what_is_appended_comes_back(n_slots, seed):
    rng = np.random.default_rng(seed)
    shares = rng.choice([0.0, 0.001, 1 / 32, 0.1, 0.9, 1.0], 40)
    steps = [np.flatnonzero(rng.random(n_slots) < share) for share in shares]
    recorder = record(steps, n_slots)
    step, flat = recorder.arrays()
    assert np.array_equal(flat, np.concatenate(steps))
    assert np.array_equal(step, np.repeat(np.arange(7, 47), [len(one) for one in steps]))
    n_words = sum(min(len(one), -(-n_slots // 32)) for one in steps)
    kept = sum(block.size for block in recorder._full) + recorder._used[0]
    assert kept == n_words


def test_long_silence_between_steps_as_bits():
    """What is kept is looked at by spikes and by steps with bits, not by all steps of a run."""
    n_steps = 3_000_000
    recorder = SpikeRecorder(1000, n_steps, 0)
    spikes = np.arange(1000, dtype=np.uint32)
    append = recorder.bind(spikes)
    for k in (5, 5_000, n_steps - 1):
        assert append(k - 1, 3) == 0
        assert append(k, 1000) == 0
    tracemalloc.start()
    step, flat = recorder.arrays()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2 * n_steps
    assert np.array_equal(np.unique(step), [4, 5, 4_999, 5_000, n_steps - 2, n_steps - 1])
    assert flat.size == 3 * 1003


def test_slots_that_do_not_ascend_stay_a_list():
    steps = [np.arange(64), np.array([5, 3, 5] * 20), np.repeat(np.arange(30), 2), np.arange(40)]
    recorder = record(steps, 64)
    assert np.array_equal(recorder.arrays()[1], np.concatenate(steps))
    assert (recorder.n_of_step >= AS_BITS).tolist() == [True, False, False, True]
