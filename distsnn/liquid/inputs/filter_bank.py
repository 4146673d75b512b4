"""A mel filter bank: the level of each band of frequencies, every millisecond.

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
from distsnn.liquid.limits import Check, real, require_fields, several, whole

MAX_BANDS = 1 << 10
MAX_FRAME_SAMPLES = 1 << 27  # of all frames, in memory at once: about 4 GB with their spectra
LIMITS: dict[str, Check] = {
    "n_bands": whole(1, MAX_BANDS),
    "range_hz": several(real(high=MAX_RATE_HZ, above=0.0), 2, 2),
    "window_ms": real(1.0, 1000.0),
    "hop_ms": real(0.1, 1000.0),
    "emphasis": real(0.0, 1.0),
    "range_db": real(1.0, 200.0),
    "trim_db": real(1.0, 200.0),
}


@dataclass(frozen=True)
class FilterBank:
    """Frames of ``window_ms`` every ``hop_ms`` -> power in ``n_bands`` triangular mel filters.

    range_hz: lowest and highest frequency. emphasis: coefficient of the pre-emphasis filter
    x(t) - emphasis x(t - 1). range_db: the level is 1 at the 99th percentile of a recording's power
    and 0 this many decibels below. trim_db: frames at both ends that are this many decibels below
    the loudest one are cut off.
    """

    n_bands: int = 32
    range_hz: tuple[float, float] = (80.0, 3900.0)
    window_ms: float = 25.0
    hop_ms: float = 1.0
    emphasis: float = 0.95
    range_db: float = 50.0
    trim_db: float = 35.0

    def __post_init__(self) -> None:
        require_fields("filter bank", self, LIMITS)
        low_hz, high_hz = self.range_hz
        checks.number("filter bank: range_hz[1]", high_hz, above=low_hz, error=UsageError)

    def levels(self, sound: Sound) -> np.ndarray:
        """Return the level of each band, float32 [frames, n_bands], from 0 to a little above 1.

        Raises UsageError for a sound sampled too coarsely for ``range_hz``, or too long.
        """
        if 2 * self.range_hz[1] > sound.rate_hz:
            limit = f"at most {sound.rate_hz / 2:g} Hz, half the sampling rate"
            raise UsageError(
                checks.must_be("filter bank: range_hz[1]", limit, self.range_hz[1], "Lower it.")
            )
        # Without the constant offset.
        samples = sound.samples - sound.samples.mean()
        samples = trimmed(samples, sound.rate_hz, self.trim_db)
        # Pre-emphasis lifts high frequencies: x(t) - emphasis x(t - 1).
        sharp = samples.copy()
        sharp[1:] -= np.float32(self.emphasis) * samples[:-1]
        frames = self._frames(sharp, sound.rate_hz)
        # The next power of two, at least 512.
        n_fft = 1 << max(9, (frames.shape[1] - 1).bit_length())
        # |FFT of the windowed frame|^2, then the triangular filters.
        power = np.abs(np.fft.rfft(frames * _hann(frames.shape[1]), n_fft)) ** 2
        energy = power.astype(np.float32) @ _filters(
            self.n_bands, *self.range_hz, n_fft, sound.rate_hz
        )
        # 0 dB is the 99th percentile of the power; 1e-5 is a floor at -50 dB.
        reference = max(float(np.percentile(energy, 99)), 1e-20)
        decibel = 10.0 * np.log10(energy / reference + 1e-5)
        # level = (dB + range) / range: 1 at 0 dB, 0 at -range_db
        return np.maximum(0.0, (decibel + self.range_db) / self.range_db).astype(np.float32)

    def _frames(self, samples: np.ndarray, rate_hz: int) -> np.ndarray:
        """Return overlapping windows of the samples, float32 [frames, samples of a window]."""
        window, hop_s = round(self.window_ms * 1e-3 * rate_hz), self.hop_ms * 1e-3
        n_frames = max(1, 1 + int((samples.size - window) / (hop_s * rate_hz)))
        if n_frames * window > MAX_FRAME_SAMPLES:
            longest_s = MAX_FRAME_SAMPLES / window * hop_s
            raise UsageError(
                f"filter bank: a sound of {rate_hz} samples per second must be at most "
                f"{longest_s:.0f} s long, got {samples.size / rate_hz:.0f} s. Cut or resample it."
            )
        starts = np.round(np.arange(n_frames) * hop_s * rate_hz).astype(np.int64)
        padded = np.concatenate([samples, np.zeros(window, dtype=samples.dtype)])
        return np.asarray(padded[starts[:, None] + np.arange(window)])


def trimmed(samples: np.ndarray, rate_hz: int, trim_db: float) -> np.ndarray:
    """Return the samples from the first to the last loud frame of 10 ms, and 2 frames on each side."""
    # Frames of 10 ms.
    size = rate_hz // 100
    n = samples.size // size
    if n < 3:
        return samples
    energy = (samples[: n * size].reshape(n, size).astype(np.float64) ** 2).mean(axis=1)
    # A frame is loud if its power, averaged over 3 frames, is within trim_db of the largest.
    smooth = np.convolve(energy, np.ones(3) / 3, mode="same")
    loud = np.flatnonzero(smooth > smooth.max() * 10.0 ** (-trim_db / 10.0))
    if not loud.size:
        return samples
    first, last = max(0, loud[0] - 2), min(n, loud[-1] + 3)
    return samples[first * size : last * size]


@lru_cache(maxsize=8)
def _hann(n: int) -> np.ndarray:
    # 1/2 - 1/2 cos(2 pi k / n)
    return (0.5 - 0.5 * np.cos(2.0 * np.pi * np.arange(n) / n)).astype(np.float32)


@lru_cache(maxsize=8)
def _filters(n_bands: int, low_hz: float, high_hz: float, n_fft: int, rate_hz: int) -> np.ndarray:
    """Return the weight of each frequency in each band, float32 [n_fft / 2 + 1, n_bands], sums 1."""
    low_mel, high_mel = _mel(np.array([low_hz, high_hz]))
    # Filter b rises from edge b to b + 1 and falls to b + 2; edges are equidistant in mel.
    edges = _hz(np.linspace(low_mel, high_mel, n_bands + 2))
    frequency = np.arange(n_fft // 2 + 1) * rate_hz / n_fft
    up = (frequency[:, None] - edges[:-2]) / (edges[1:-1] - edges[:-2])
    down = (edges[2:] - frequency[:, None]) / (edges[2:] - edges[1:-1])
    weights = np.maximum(0.0, np.minimum(up, down))
    # A band narrower than the resolution of the spectrum takes the nearest frequency.
    for band in np.flatnonzero(weights.sum(axis=0) == 0.0):
        weights[np.argmin(np.abs(frequency - edges[band + 1])), band] = 1.0
    return (weights / weights.sum(axis=0)).astype(np.float32)


def _mel(hz: np.ndarray) -> np.ndarray:
    # mel = 2595 log10(1 + f / 700), and its inverse
    return np.asarray(2595.0 * np.log10(1.0 + hz / 700.0))


def _hz(mel: np.ndarray) -> np.ndarray:
    return np.asarray(700.0 * (10.0 ** (mel / 2595.0) - 1.0))
