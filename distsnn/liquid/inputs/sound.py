"""Reads mono wav files, with samples of 8 to 32 bits or floats."""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from distsnn.checks import regular_file
from distsnn.errors import InputFileError

MIN_RATE_HZ, MAX_RATE_HZ = 8000, 192_000
MAX_BYTES = (1 << 32) + 7  # a 32-bit number in the header counts the bytes after the first 8
MAX_SAMPLE = float(1 << 31)  # of float files that hold unscaled 32-bit samples
# Offset and scale of samples by type; scipy gives 24-bit samples in the upper bits of int32.
SCALES = {
    "uint8": (128.0, 2.0**-7), "int16": (0.0, 2.0**-15), "int32": (0.0, 2.0**-31),
    "float32": (0.0, 1.0), "float64": (0.0, 1.0),
}  # fmt: skip
TOO_EARLY = ("Reached EOF prematurely", "Incomplete chunk ID")  # warnings of scipy


@dataclass(frozen=True)
class Sound:
    """samples: float32; whole numbers are scaled to [-1, 1), floats are as in the file."""

    samples: np.ndarray
    rate_hz: int


def read_wav(path: str | Path) -> Sound:
    """Return the sound of a file, also of the form WAVE_FORMAT_EXTENSIBLE.

    Raises InputFileError for anything else.
    """
    path = Path(path)
    rate_hz, data = _decoded(path)
    if data.ndim != 1:
        got = f"{data.shape[1]} channels"
        raise InputFileError(
            f"{path}: must be a sound of 1 channel, got {got}. Mix it down to mono."
        )
    kind = data.dtype.newbyteorder("=").name
    if kind not in SCALES:
        raise InputFileError(
            f"{path}: must be a sound of samples of 8 to 32 bits or floats, got {kind}. "
            "Convert it to 16-bit PCM."
        )
    if not MIN_RATE_HZ <= rate_hz <= MAX_RATE_HZ:
        limit = f"{MIN_RATE_HZ} to {MAX_RATE_HZ} samples per second"
        raise InputFileError(f"{path}: must be a sound of {limit}, got {rate_hz}. Resample it.")
    if not data.size:
        raise InputFileError(f"{path}: must be a sound of at least 1 sample, got 0. Copy it again.")
    if data.dtype.kind == "f" and not (np.abs(data) <= MAX_SAMPLE).all():
        raise InputFileError(
            f"{path}: must be a sound of samples from {-MAX_SAMPLE:g} to {MAX_SAMPLE:g}, got others "
            "or NaN. Write it again."
        )
    offset, scale = SCALES[kind]
    return Sound((data - offset).astype(np.float32) * np.float32(scale), int(rate_hz))


def _decoded(path: Path) -> tuple[int, np.ndarray]:
    """Return the sampling rate and the samples, as they are in the file."""
    from scipy.io import wavfile

    regular_file(f"{path}", str(path), MAX_BYTES)
    try:
        content = path.read_bytes()
        # Bytes 4 .. 7: size of the rest of the file, big endian in RIFX.
        n_expected = int.from_bytes(content[4:8], "big" if content[:4] == b"RIFX" else "little") + 8
        if len(content) < n_expected and content[:4] in (b"RIFF", b"RIFX"):
            raise ValueError(f"it has {len(content)} of {n_expected} bytes")
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            rate_hz, data = wavfile.read(io.BytesIO(content))
        messages = [str(warning.message) for warning in caught]
        if early := [text for text in messages if text.startswith(TOO_EARLY)]:
            raise ValueError(early[0])
    except Exception as error:  # damaged headers raise exceptions of many types
        reason = " ".join(str(error).split()) or type(error).__name__
        raise InputFileError(
            f"{path}: must be a whole wav file of numbers, got a damaged or other one ({reason}). "
            "Convert or copy it."
        ) from error
    return rate_hz, data
