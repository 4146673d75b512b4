"""Arrays of pixels as uint8 grey images of one size."""

from __future__ import annotations

import math
import re

import numpy as np

from distsnn.checks import must_be
from distsnn.errors import InputFileError, UsageError
from distsnn.input_files.limits import max_file_bytes
from distsnn.input_files.pictures import WHITE, WHITE_16, full_scale, pillow, scale_note

LUMINANCE = np.array([0.299, 0.587, 0.114])  # ITU-R BT.601
AT_ONCE = 1024  # images that are converted together
MAX_SIDE = 65535  # pixels, of scaled images


def grey_images(source: str, images: np.ndarray) -> tuple[np.ndarray, str]:
    """Return uint8 [n, height, width], and a note on how they were converted.

    images: [n, height, width], [n, height, width, 1, 3 or 4], or [n, pixels] of square images; whole
    numbers 0..255, or fractions 0..1 (or 0..255). Sets with less than 32 levels are scaled by their
    largest value. Raises InputFileError.
    """
    images = np.asarray(images)
    notes = []
    # [n, pixels] of square images
    if images.ndim == 2 and math.isqrt(images.shape[1]) ** 2 == images.shape[1] > 0:
        side = math.isqrt(images.shape[1])
        images = images.reshape(len(images), side, side)
    # [n, height, width, channels]; the fourth channel is transparency
    if images.ndim == 4 and images.shape[3] in (1, 3, 4):
        if images.shape[3] == 1:
            images = images[..., 0]
        else:
            notes.append("colour was turned to grey")
            images = images[..., :3]
    is_colour = images.ndim == 4 and images.shape[3] == 3
    if images.ndim != 3 + is_colour or images.dtype.kind not in "buif":
        limit = "numbers [n, height, width]"
        raise InputFileError(must_be(f"{source}: images", limit, images, "Convert them."))
    white = _white(source, images)
    notes.append(scale_note([white]) if images.dtype.kind in "ui" or white > 1 else "")
    return _bytes(images, white), "; ".join(note for note in notes if note)


def _white(source: str, images: np.ndarray) -> float:
    """Return the value that becomes 255."""
    if images.dtype == np.bool_ or images.size == 0:
        return 1.0 if images.dtype == np.bool_ else float(WHITE)
    low, high = float(images.min()), float(images.max())
    if not (low >= 0 and high <= WHITE):  # also not-a-number
        raise InputFileError(
            f"{source}: grey values: must be from 0 to 255 or from 0 to 1, got {low:g} to {high:g}. "
            "Scale them."
        )
    is_whole = images.dtype.kind in "ui"
    return full_scale(high, is_whole) if high > 0 or not is_whole else float(WHITE)


def _bytes(images: np.ndarray, white: float) -> np.ndarray:
    if images.dtype == np.uint8 and images.ndim == 3 and white == WHITE:
        return images
    grey = np.empty(images.shape[:3], dtype=np.uint8)
    for first in range(0, len(images), AT_ONCE):
        part = images[first : first + AT_ONCE]
        if part.ndim == 4:
            is_whole = part.dtype.kind in "bui"
            # grey = 0.299 R + 0.587 G + 0.114 B
            part = part @ LUMINANCE
            part = np.rint(part) if is_whole and white == WHITE else part
        grey[first : first + AT_ONCE] = as_bytes(part, white)
    return grey


def as_bytes(values: np.ndarray, white: float) -> np.ndarray:
    """Return values as uint8, so that ``white`` is 255; 16 bits are divided by 256."""
    if white == WHITE_16:
        return (values / 256.0).astype(np.uint8)
    scaled = values if white == WHITE else values * (WHITE / white)
    return np.minimum(np.rint(scaled), WHITE).astype(np.uint8)


def parse_size(size: str) -> tuple[int, int]:
    """Return height and width of "HEIGHTxWIDTH". Raises UsageError."""
    match = re.fullmatch(r"0*([1-9][0-9]{0,4})x0*([1-9][0-9]{0,4})", size)
    if match is None or max(int(match[1]), int(match[2])) > MAX_SIDE:
        limit = f"HEIGHTxWIDTH, each at most {MAX_SIDE}"
        raise UsageError(must_be("input.size", limit, size, "Write 64x64, for instance."))
    return int(match[1]), int(match[2])


def require_room(source: str, n_images: int, size: str) -> None:
    """Raise UsageError if images of that size do not fit into memory."""
    height, width = parse_size(size)
    n_bytes, limit = n_images * height * width, max_file_bytes()
    if n_bytes > limit:
        raise UsageError(
            f"input.size: {n_images} images of {size} from {source}: must be of at most {limit} bytes, "
            f"half of this machine's memory, got {n_bytes}. Choose a smaller size."
        )


def resized(images: np.ndarray, size: str) -> np.ndarray:
    """Return images scaled to "HEIGHTxWIDTH"."""
    height, width = parse_size(size)
    if images.shape[1:] == (height, width):
        return images
    require_room("the data", len(images), size)
    image_module = pillow()
    scaled = np.empty((len(images), height, width), dtype=np.uint8)
    for k, pixels in enumerate(images):
        image = image_module.fromarray(pixels).resize((width, height), image_module.BILINEAR)
        scaled[k] = np.asarray(image)
    return scaled
