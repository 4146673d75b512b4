"""Reads sound: wav files of 16-bit samples, one channel."""

from __future__ import annotations

import wave
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from distsnn.errors import InputFileError

LEAST_RATE_HZ, MOST_RATE_HZ = 8000, 192_000


@dataclass(frozen=True)
class Sound:
    """samples: float32 in [-1, 1)."""

    samples: np.ndarray
    rate_hz: int


def read_wav(path: str | Path) -> Sound:
    """Return the sound of a file; InputFileError, in one line, for anything else."""
    path = Path(path)
    try:
        with wave.open(str(path), "rb") as file:
            n_channels, width = file.getnchannels(), file.getsampwidth()
            rate_hz, n = file.getframerate(), file.getnframes()
            data = file.readframes(n)
    except FileNotFoundError as error:
        raise InputFileError(f"{path}: does not exist, limit a wav file. Check it.") from error
    except (wave.Error, EOFError, OSError) as error:
        reason = str(error) or "it ends too early"
        raise InputFileError(
            f"{path}: is damaged ({reason}), limit a whole PCM wav file. Convert or copy it."
        ) from error
    if n_channels != 1:
        raise InputFileError(f"{path}: has {n_channels} channels, limit 1. Mix it down to mono.")
    if width != 2:
        raise InputFileError(
            f"{path}: has {8 * width}-bit samples, limit 16-bit. Convert it to 16-bit PCM."
        )
    if not LEAST_RATE_HZ <= rate_hz <= MOST_RATE_HZ:
        raise InputFileError(
            f"{path}: has {rate_hz} samples per second, limit {LEAST_RATE_HZ} to {MOST_RATE_HZ}. "
            "Resample it."
        )
    if len(data) < 2 * n or n == 0:
        raise InputFileError(
            f"{path}: has {len(data) // 2} of {n} samples, limit all of at least 1. Copy it again."
        )
    return Sound(np.frombuffer(data, dtype="<i2").astype(np.float32) / 32768.0, rate_hz)
