"""Frames for a simulated camera: from a folder of pictures, an array, or one picture that moves."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from distsnn import checks
from distsnn.errors import UsageError
from distsnn.input_files.limits import as_path, entries, max_file_bytes, printable, refused
from distsnn.input_files.numpy_files import read_npy
from distsnn.input_files.pictures import (
    PICTURES,
    WHITE,
    WHITE_16,
    decode_picture,
    full_scale,
    scale_note,
)

LUMA = np.array([0.299, 0.587, 0.114])  # ITU-R BT.601
PIXEL_BYTES = 17  # of memory while a picture is converted to brightness in 64 bits
ROWS_AT_ONCE = 64
MAX_FRAMES = 1 << 20
MAX_MOVE = 1 << 20  # pixels


def read_frames(path: str | Path) -> np.ndarray:
    """Return frames float64 [n, height, width], 0 to 1, of a folder of pictures or an .npy file."""
    return read_scaled_frames(path)[0]


def read_scaled_frames(path: str | Path) -> tuple[np.ndarray, str]:
    """Return frames as ``read_frames`` does, and a note on how they were scaled, "" for 8 bits."""
    path = as_path(path)
    if path.is_dir():
        files = [p for p in entries(path) if p.suffix.lower() in PICTURES]
        if len(files) < 2:
            raise refused(
                path, "a folder of at least 2 pictures", f"{len(files)}",
                "Name a folder of frames, or one picture to move.",
            )  # fmt: skip
        return _scaled(files)
    if path.suffix.lower() == ".npy":
        return _array(path)
    raise refused(path, "a folder of pictures or a .npy array", "neither", "Check the name.")


def read_picture(path: str | Path) -> np.ndarray:
    """Return the brightness of a picture, float64 [height, width], 0 to 1."""
    return _scaled([as_path(path)])[0][0]


def read_scaled_picture(path: str | Path) -> tuple[np.ndarray, str]:
    """Return brightness as ``read_picture`` does, and a note on how it was scaled."""
    frames, note = _scaled([as_path(path)])
    return frames[0], note


def _scaled(files: list[Path]) -> tuple[np.ndarray, str]:
    """Return pictures of one size, with one scale for those of 8 bits and one for the others."""
    frames = np.empty((0, 0, 0))
    is_wide, is_whole = np.zeros((2, len(files)), dtype=bool)
    for k, file in enumerate(files):
        decoded = decode_picture(file, PIXEL_BYTES)
        image = decoded.image
        width, height = image.size
        is_wide[k], is_whole[k] = decoded.is_wide, decoded.is_whole
        if k == 0:
            _require_room(printable(file.parent), (len(files), height, width))
            frames = np.empty((len(files), height, width))
        if (height, width) != frames.shape[1:]:
            raise refused(
                file, f"a picture of {frames.shape[2]} x {frames.shape[1]} pixels, as {files[0].name}",
                f"{width} x {height}", "Resize it.",
            )  # fmt: skip
        is_plain = decoded.is_wide or image.mode == "L"
        plain = image if is_plain or image.mode == "RGB" else image.convert("RGB")
        # Rows at once bound the memory of the product with LUMA.
        for first in range(0, height, ROWS_AT_ONCE):
            end = min(height, first + ROWS_AT_ONCE)
            rows = np.asarray(plain.crop((0, first, width, end)))
            frames[k, first:end] = rows if is_plain else rows @ LUMA
    whites = []
    for chosen, is_all_whole in ((~is_wide, True), (is_wide, bool(is_whole[is_wide].all()))):
        if chosen.any():
            own = [frames[k] for k in np.flatnonzero(chosen)]
            largest = max(float(frame.max(initial=0.0)) for frame in own)
            whites.append(_white(files[int(np.argmax(chosen))], largest, is_all_whole))
            for frame in own:
                frame /= whites[-1]
    return np.clip(frames, 0.0, 1.0, out=frames), scale_note(
        white for white in whites if white != 1.0
    )


def _white(path: Path, largest: float, is_whole: bool) -> float:
    if largest > WHITE_16:
        raise refused(path, f"of values to {WHITE_16}", largest, "Scale all of the set alike.")
    return full_scale(largest, is_whole) if largest > 0 else float(WHITE)


def _array(path: Path) -> tuple[np.ndarray, str]:
    frames = read_npy(path)
    if frames.ndim != 3 or frames.shape[0] < 2 or frames.dtype.kind not in "biuf":
        raise refused(
            path, "an array of numbers (n, height, width) with n at least 2",
            f"{frames.dtype} {frames.shape}", "Stack the frames.",
        )  # fmt: skip
    _require_room(printable(path), frames.shape)
    if frames.dtype.kind == "b" or frames.size == 0:
        return frames.astype(np.float64), ""
    least, largest = float(frames.min()), float(frames.max())
    is_whole = frames.dtype.kind in "iu"
    if not (least >= 0.0 and largest <= (WHITE_16 if is_whole else 1.0)):  # also not-a-number
        limit = f"frames of fractions to 1, or of whole numbers to {WHITE_16}"
        raise refused(path, limit, f"{least:g} to {largest:g}", "Scale them.")
    if not is_whole:
        return frames.astype(np.float64), ""
    white = _white(path, largest, True)
    return frames / white, scale_note([white])


def _require_room(thing: str, shape: tuple[int, ...]) -> None:
    """Raise UsageError if frames in 64 bits, and as much again for the camera, exceed memory."""
    n_bytes, limit = 16 * int(np.prod(shape, dtype=object)), max_file_bytes()
    if n_bytes > limit:
        got = f"{n_bytes} bytes for {' x '.join(map(str, shape))}"
        raise UsageError(
            checks.must_be(thing, f"frames that take at most {limit} bytes", got, "Give fewer.")
        )


def moved(
    picture: np.ndarray, n_frames: int, pixels_x: float, pixels_y: float, shake: bool = False
) -> np.ndarray:
    """Return a picture that moves by ``pixels_x``, ``pixels_y``, float64 [n_frames, height, width].

    It moves along a straight line, with its edges repeated; with ``shake`` along a triangle and
    back, as the camera of N-MNIST. picture: finite numbers [height, width]. Raises UsageError.
    """
    thing = "moving picture"
    picture = checks.array(f"{thing}: picture", picture, "f", n_dims=2, error=UsageError)
    if not picture.size:
        raise UsageError(checks.must_be(thing, "of pixels", picture, "Give another."))
    n_frames = checks.whole(f"{thing}: frames", n_frames, 2, MAX_FRAMES, error=UsageError)
    for name, value in (("x", pixels_x), ("y", pixels_y)):
        checks.number(f"{thing}: {name} in pixels", value, -MAX_MOVE, MAX_MOVE, error=UsageError)
    checks.flag(f"{thing}: shake", shake, error=UsageError)
    _require_room(thing, (n_frames, *picture.shape))
    share = np.linspace(0.0, 1.0, n_frames)
    if shake:
        # The corners of the triangle, at thirds of the duration.
        corners = np.array([[0.0, 0.0], [0.5, 1.0], [1.0, 0.0], [0.0, 0.0]])
        x = np.interp(share * 3, np.arange(4), corners[:, 0]) * pixels_x
        y = np.interp(share * 3, np.arange(4), corners[:, 1]) * pixels_y
    else:
        x, y = share * pixels_x, share * pixels_y
    frames = np.empty((n_frames, *picture.shape))
    for k in range(n_frames):
        frames[k] = _shifted(picture, x[k], y[k])
    return frames


def _shifted(picture: np.ndarray, dx: float, dy: float) -> np.ndarray:
    """Return a picture moved right by dx and down by dy pixels, by bilinear interpolation."""
    height, width = picture.shape
    rows = np.clip(np.arange(height) - dy, 0, height - 1)
    columns = np.clip(np.arange(width) - dx, 0, width - 1)
    top, left = np.floor(rows).astype(int), np.floor(columns).astype(int)
    bottom, right = np.minimum(top + 1, height - 1), np.minimum(left + 1, width - 1)
    # Bilinear weights: v of the lower row, h of the right column.
    v, h = (rows - top)[:, None], (columns - left)[None, :]
    upper = picture[top][:, left] * (1 - h) + picture[top][:, right] * h
    lower = picture[bottom][:, left] * (1 - h) + picture[bottom][:, right] * h
    return np.asarray(upper * (1 - v) + lower * v)
