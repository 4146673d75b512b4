"""Scaling of a classifier's columns, so that no block of a read-out outweighs the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from distsnn.convnet.readout import Block

AT_ONCE = 4096  # samples that are squared together
MIN_SD = 0.05  # of the largest one of a block


@dataclass(frozen=True)
class Scaling:
    """x = (n - shift) * scale per column, float32 [columns]."""

    shift: np.ndarray
    scale: np.ndarray


def scaling_of(samples: np.ndarray, blocks: Sequence[tuple[Block, int]]) -> Scaling:
    """Return the scaling of int16 samples [n, columns]; blocks: each with its number of columns.

    Potentials are centred and divided by their standard deviation. Times and spikes are only divided
    by it; columns that vary little, by 5 % of the largest standard deviation of their block. Each block
    gets the same mean square length, all blocks together 1.
    """
    n = len(samples)
    mean = samples.sum(axis=0, dtype=np.int64) / n
    square = np.zeros(samples.shape[1])
    for first in range(0, n, AT_ONCE):
        square += (samples[first : first + AT_ONCE].astype(np.float64) ** 2).sum(axis=0)
    square /= n
    # Sums of whole numbers are exact, so that no order changes them.
    sd = np.sqrt(np.maximum(square - mean**2, 0.0))
    shift, scale = np.zeros_like(sd), np.zeros_like(sd)
    first = 0
    for block, n_columns in blocks:
        here = slice(first, first + n_columns)
        first += n_columns
        if block.quantity == "potential":
            # Potentials: x = (n - mean) / sd, mean square length sum of (sd scale)^2
            shift[here] = mean[here]
            scale[here] = np.where(sd[here] > 0, 1.0 / np.maximum(sd[here], 1e-12), 0.0)
            length = (sd[here] * scale[here]) ** 2
        else:
            # Times and spikes: x = n / max(sd, 5 % of the largest sd); mean square length
            # sum of E[n^2] scale^2
            scale[here] = 1.0 / max(1e-12, MIN_SD * sd[here].max(initial=0.0))
            scale[here] = np.minimum(scale[here], 1.0 / np.maximum(sd[here], 1e-12))
            length = square[here] * scale[here] ** 2
        # Mean square length 1 / number of blocks.
        scale[here] /= np.sqrt(max(1e-12, float(length.sum())) * len(blocks))
    return Scaling(shift.astype(np.float32), scale.astype(np.float32))
