"""Keeps decaying variables out of the denormal range, which is slow on some processors."""

from __future__ import annotations

import numpy as np

from distsnn.kernels.compile.declare import device

SMALLEST = 1e-20  # far below any voltage, current or conductance that matters


@device
def flushed(x):
    """Return float32 ``x``, or 0 if |x| is below 1e-20."""
    return np.float32(0.0) if abs(x) < np.float32(SMALLEST) else x
