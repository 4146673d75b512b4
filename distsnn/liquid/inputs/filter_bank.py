"""A filter bank like a cochlea's: how loud each band of frequencies is, every millisecond.

Source of the mel scale: Stevens, Volkmann & Newman 1937, in the form of O'Shaughnessy 1987;
triangular filters as by Davis & Mermelstein 1980, IEEE Trans ASSP 28:357.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from distsnn import checks
from distsnn.errors import UsageError
from distsnn.liquid.inputs.sound import MAX_RATE_HZ, Sound
from distsnn.liquid.limits import Check, real, require_fields, whole

MAX_BANDS = 1 << 10
MAX_FRAME_SAMPLES = 1 << 27  # of all frames, in memory at once: about 4 GB with their spectra
LIMITS: dict[str, Check] = {
    "n_bands": whole(1, MAX_BANDS),
    "low_hz": real(high=MAX_RATE_HZ, above=0.0),
    "high_hz": real(high=MAX_RATE_HZ, above=0.0),
    "window_ms": real(1.0, 1000.0),
    "hop_ms": real(0.1, 1000.0),
    "emphasis": real(0.0, 1.0),
    "range_db": real(1.0, 200.0),
    "trim_db": real(1.0, 200.0),
}


@dataclass(frozen=True)
class FilterBank:
    """Frames of ``window_ms`` every ``hop_ms`` -> power in ``n_bands`` triangular mel filters.

    The level is taken relative to the 99th percentile of a recording, over ``range_db``, as a
    number from 0. Silence of more than ``trim_db`` below the loudest frame is cut off at both
    ends.
    """

    n_bands: int = 32
    low_hz: float = 80.0
    high_hz: float = 3900.0
    window_ms: float = 25.0
    hop_ms: float = 1.0
    emphasis: float = 0.95
    range_db: float = 50.0
    trim_db: float = 35.0

    def __post_init__(self) -> None:
        require_fields("filter bank", self, LIMITS)
        checks.number(
            "filter bank: high_hz", self.high_hz, above=self.low_hz,
            remedy="Make it larger than low_hz.", error=UsageError,
        )  # fmt: skip

    def levels(self, sound: Sound) -> np.ndarray:
        """Return the level of each band, float32 [frames, n_bands], from 0 to a little above 1."""
        if 2 * self.high_hz > sound.rate_hz:
            raise UsageError(
                f"filter bank: highest frequency {self.high_hz} Hz, limit {sound.rate_hz / 2} Hz, "
                "half the samples per second. Lower it."
            )
        samples = sound.samples - sound.samples.mean()
        samples = trimmed(samples, sound.rate_hz, self.trim_db)
        sharp = samples.copy()
        sharp[1:] -= np.float32(self.emphasis) * samples[:-1]
        window, hop = round(self.window_ms * 1e-3 * sound.rate_hz), self.hop_ms * 1e-3
        n_frames = max(1, 1 + int((sharp.size - window) / (hop * sound.rate_hz)))
        if n_frames * window > MAX_FRAME_SAMPLES:
            most_s = MAX_FRAME_SAMPLES / window * hop
            raise UsageError(
                f"filter bank: a sound of {sound.rate_hz} samples per second must be at most "
                f"{most_s:.0f} s long, got {sharp.size / sound.rate_hz:.0f} s. Cut or resample it."
            )
        starts = np.round(np.arange(n_frames) * hop * sound.rate_hz).astype(np.int64)
        padded = np.concatenate([sharp, np.zeros(window, dtype=sharp.dtype)])
        frames = padded[starts[:, None] + np.arange(window)]
        n_fft = 1 << max(9, (window - 1).bit_length())
        power = np.abs(np.fft.rfft(frames * _hann(window), n_fft)) ** 2
        filters = _filters(self.n_bands, self.low_hz, self.high_hz, n_fft, sound.rate_hz)
        energy = power.astype(np.float32) @ filters
        reference = max(float(np.percentile(energy, 99)), 1e-20)
        decibel = 10.0 * np.log10(energy / reference + 1e-5)
        return np.maximum(0.0, (decibel + self.range_db) / self.range_db).astype(np.float32)


def trimmed(samples: np.ndarray, rate_hz: int, trim_db: float) -> np.ndarray:
    """Return the samples from the first to the last loud frame of 10 ms, and 2 frames more."""
    size = rate_hz // 100
    n = samples.size // size
    if n < 3:
        return samples
    energy = (samples[: n * size].reshape(n, size).astype(np.float64) ** 2).mean(axis=1)
    smooth = np.convolve(energy, np.ones(3) / 3, mode="same")
    loud = np.flatnonzero(smooth > smooth.max() * 10.0 ** (-trim_db / 10.0))
    if not loud.size:
        return samples
    first, last = max(0, loud[0] - 2), min(n, loud[-1] + 3)
    return samples[first * size : last * size]


@lru_cache(maxsize=8)
def _hann(n: int) -> np.ndarray:
    return (0.5 - 0.5 * np.cos(2.0 * np.pi * np.arange(n) / n)).astype(np.float32)


@lru_cache(maxsize=8)
def _filters(n_bands: int, low_hz: float, high_hz: float, n_fft: int, rate_hz: int) -> np.ndarray:
    """Return the weight of each frequency in each band, float32 [n_fft / 2 + 1, n_bands], sums 1."""
    ends = _mel(np.array([low_hz, high_hz]))
    edges = _hz(np.linspace(ends[0], ends[1], n_bands + 2))
    frequency = np.arange(n_fft // 2 + 1) * rate_hz / n_fft
    up = (frequency[:, None] - edges[:-2]) / (edges[1:-1] - edges[:-2])
    down = (edges[2:] - frequency[:, None]) / (edges[2:] - edges[1:-1])
    weights = np.maximum(0.0, np.minimum(up, down))
    # A band narrower than the spectrum's grid takes the nearest frequency.
    for band in np.flatnonzero(weights.sum(axis=0) == 0.0):
        weights[np.argmin(np.abs(frequency - edges[band + 1])), band] = 1.0
    return (weights / weights.sum(axis=0)).astype(np.float32)


def _mel(hz: np.ndarray) -> np.ndarray:
    return np.asarray(2595.0 * np.log10(1.0 + hz / 700.0))


def _hz(mel: np.ndarray) -> np.ndarray:
    return np.asarray(700.0 * (10.0 ** (mel / 2595.0) - 1.0))
