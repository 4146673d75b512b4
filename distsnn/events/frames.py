"""Frames for a simulated camera: from a folder of pictures, an array, or one picture that moves."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from distsnn.errors import InputFileError, UsageError

PICTURES = (".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff", ".pgm", ".ppm", ".gif")
LUMA = np.array([0.299, 0.587, 0.114])  # ITU-R BT.601


def read_frames(path: str | Path) -> np.ndarray:
    """Return frames float64 [n, height, width], 0 to 1, of a folder of pictures or an .npy file."""
    path = Path(path)
    if path.is_dir():
        files = sorted(p for p in path.iterdir() if p.suffix.lower() in PICTURES)
        if len(files) < 2:
            raise InputFileError(
                f"{path}: holds {len(files)} pictures, limit 2 at least. Name a folder of frames, or "
                "one picture to move."
            )
        frames = [read_picture(file) for file in files]
        for file, frame in zip(files, frames, strict=True):
            if frame.shape != frames[0].shape:
                raise InputFileError(
                    f"{file}: has {frame.shape[1]} x {frame.shape[0]} pixels, limit "
                    f"{frames[0].shape[1]} x {frames[0].shape[0]} as {files[0].name}. Resize it."
                )
        return np.stack(frames)
    if path.suffix.lower() == ".npy":
        return _array(path)
    raise InputFileError(
        f"{path}: is no folder of pictures and no .npy array, limit one of these. Check the name."
    )


def read_picture(path: Path) -> np.ndarray:
    """Return the brightness of a picture, float64 [height, width], 0 to 1."""
    import matplotlib.image

    try:
        picture: Any = matplotlib.image.imread(path)
    except (OSError, SyntaxError, ValueError, TypeError) as error:
        reason = str(error).splitlines()[0] if str(error) else "unknown format"
        raise InputFileError(
            f"{path}: cannot be read as a picture ({reason}). Check it."
        ) from error
    picture = np.asarray(picture)
    scale = 1.0 if picture.dtype.kind == "f" else float(np.iinfo(picture.dtype).max)
    picture = picture.astype(np.float64) / scale
    if picture.ndim == 3:
        picture = picture[:, :, :3] @ LUMA if picture.shape[2] >= 3 else picture[:, :, 0]
    return np.clip(picture, 0.0, 1.0)


def _array(path: Path) -> np.ndarray:
    try:
        frames = np.load(path)
    except (OSError, ValueError) as error:
        raise InputFileError(f"{path}: is no .npy array ({error}). Write it anew.") from error
    if frames.ndim != 3 or frames.shape[0] < 2:
        raise InputFileError(
            f"{path}: has shape {frames.shape}, limit (n, height, width) with n at least 2. "
            "Stack the frames."
        )
    if frames.dtype.kind in "iu":
        frames = frames / float(np.iinfo(frames.dtype).max)
    return np.asarray(frames, dtype=np.float64)


def moved(
    picture: np.ndarray, n_frames: int, pixels_x: float, pixels_y: float, shake: bool = False
) -> np.ndarray:
    """Return a picture that moves by so many pixels in all, float64 [n_frames, height, width].

    In a straight line, the edges repeated; with ``shake`` along a triangle and back, as the camera
    of N-MNIST was moved.
    """
    if n_frames < 2:
        raise UsageError(f"moving picture: {n_frames} frames, limit 2 at least. Give more.")
    share = np.linspace(0.0, 1.0, n_frames)
    if shake:
        corners = np.array([[0.0, 0.0], [0.5, 1.0], [1.0, 0.0], [0.0, 0.0]])
        x = np.interp(share * 3, np.arange(4), corners[:, 0]) * pixels_x
        y = np.interp(share * 3, np.arange(4), corners[:, 1]) * pixels_y
    else:
        x, y = share * pixels_x, share * pixels_y
    return np.stack([_shifted(picture, dx, dy) for dx, dy in zip(x, y, strict=True)])


def _shifted(picture: np.ndarray, dx: float, dy: float) -> np.ndarray:
    """Move a picture to the right and down, between pixels by linear interpolation."""
    height, width = picture.shape
    rows = np.clip(np.arange(height) - dy, 0, height - 1)
    columns = np.clip(np.arange(width) - dx, 0, width - 1)
    top, left = np.floor(rows).astype(int), np.floor(columns).astype(int)
    bottom, right = np.minimum(top + 1, height - 1), np.minimum(left + 1, width - 1)
    v, h = (rows - top)[:, None], (columns - left)[None, :]
    upper = picture[top][:, left] * (1 - h) + picture[top][:, right] * h
    lower = picture[bottom][:, left] * (1 - h) + picture[bottom][:, right] * h
    return np.asarray(upper * (1 - v) + lower * v)
