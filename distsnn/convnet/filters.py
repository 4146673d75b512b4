"""Differences of Gaussians, ON and OFF.

    g(s) = exp(-r^2 / 2 s^2) / (2 pi s^2),   D = g(centre) - g(surround) - mean,   ON = D / max D

OFF = -D / max D (``exact``), or -D / max(-D) (``loud``). Source: Kheradpisheh et al. 2018, with the
normalisation of the public implementations.
"""

from __future__ import annotations

import numpy as np

from distsnn.checks import must_be
from distsnn.convnet.settings import InputSettings
from distsnn.errors import UsageError

MIN_SIGMA, MAX_SIGMA = 0.1, 1000.0  # pixels


def difference_of_gaussians(size: int, centre: float, surround: float) -> np.ndarray:
    """Return the ON filter, float64 [size, size], with sum 0 and maximum 1."""
    offset = np.arange(size) - size // 2
    r2 = offset[:, None] ** 2 + offset[None, :] ** 2
    # g(s) = exp(-r^2 / 2 s^2) / (2 pi s^2) for surround and centre
    wide, narrow = (
        np.exp(-r2 / (2 * sigma**2)) / (2 * np.pi * sigma**2) for sigma in (surround, centre)
    )
    difference = narrow - wide
    difference -= difference.mean()  # uniform grey gives no response
    if not difference.max() > 0.0:
        limit = f"of Gaussians that differ on {size} x {size} pixels"
        remedy = "Choose others, or a larger input.filter_size."
        raise UsageError(must_be("input.sigmas", limit, f"{centre:g}/{surround:g}", remedy))
    # ON = D / max D
    return difference / difference.max()


def input_filters(settings: InputSettings) -> np.ndarray:
    """Return the filters of all channels, float32 [channels, size * size]."""
    size = settings.filter_size
    if not settings.sigmas.strip():
        on = np.zeros((size, size))  # grey values: the pixel itself
        on[size // 2, size // 2] = 1.0
        return _flat([on])
    filters = []
    for pair in settings.sigmas.split():
        centre, surround = _pair(pair)
        on = difference_of_gaussians(size, centre, surround)
        filters.append(on)
        if settings.off != "none":
            # OFF: exact -D / max D, loud -D / max(-D)
            filters.append(-on if settings.off == "exact" else -on / (-on).max())
    return _flat(filters)


def _flat(filters: list[np.ndarray]) -> np.ndarray:
    return np.stack([taps.ravel() for taps in filters]).astype(np.float32)


def _pair(text: str) -> tuple[float, float]:
    try:
        centre, surround = (float(part) for part in text.split("/"))
    except ValueError:
        centre, surround = 0.0, 0.0
    if not MIN_SIGMA <= centre < surround <= MAX_SIGMA:
        limit = f"CENTRE/SURROUND with {MIN_SIGMA} <= centre < surround <= {MAX_SIGMA}"
        remedy = "Write 1/2, or 1/2 2/4 for two scales."
        raise UsageError(must_be("input.sigmas", limit, text, remedy))
    return centre, surround
