"""Digests of single recordings: of what goes in and of the spikes that come out."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np

from distsnn.liquid.inputs.encoders import LineSpikes


def digest_of_spikes(step: np.ndarray, neuron: np.ndarray, n_steps: int) -> int:
    """Return a digest of 64 bits of spikes, in their order, and of how long they took."""
    digest = hashlib.blake2b(n_steps.to_bytes(8, "little"), digest_size=8)
    for array in (step, neuron):
        digest.update(np.ascontiguousarray(array, dtype="<i8").data)
    return int.from_bytes(digest.digest(), "little")


def digests_of_stimuli(stimuli: Sequence[LineSpikes]) -> np.ndarray:
    """Return the digest of each stimulus, uint64 [stimuli]."""
    found = [digest_of_spikes(one.step, one.line, one.n_steps) for one in stimuli]
    return np.array(found, dtype=np.uint64)
