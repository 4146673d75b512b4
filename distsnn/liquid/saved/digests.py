"""Digests of single recordings: of the stimulus and of the spikes in response."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np

from distsnn.liquid.inputs.encoders import InputSpikes


def digest_of_spikes(step: np.ndarray, neuron: np.ndarray, n_steps: int) -> int:
    """Return a 64-bit digest of spikes, in their order, and of the number of steps."""
    # 64 bits of: number of steps, steps, neurons; little-endian int64.
    digest = hashlib.blake2b(n_steps.to_bytes(8, "little"), digest_size=8)
    for array in (step, neuron):
        digest.update(np.ascontiguousarray(array, dtype="<i8").data)
    return int.from_bytes(digest.digest(), "little")


def digests_of_stimuli(stimuli: Sequence[InputSpikes]) -> np.ndarray:
    """Return the digest of each stimulus, uint64 [stimuli]."""
    digests = [digest_of_spikes(s.step, s.channel, s.n_steps) for s in stimuli]
    return np.array(digests, dtype=np.uint64)
