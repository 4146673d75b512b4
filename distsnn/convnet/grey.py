"""Arrays of pixels as uint8 grey images of one size."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from distsnn.errors import InputFileError, UsageError

LUMINANCE = np.array([0.299, 0.587, 0.114])  # ITU-R BT.601


def grey_images(source: str, images: np.ndarray) -> tuple[np.ndarray, str]:
    """Return uint8 [n, height, width], and a note on what was done.

    images: [n, height, width], [n, height, width, 1, 3 or 4], or [n, pixels] of square images; whole
    numbers 0..255, or fractions 0..1 (or 0..255). Raises InputFileError.
    """
    images = np.asarray(images)
    note = ""
    if images.ndim == 2 and math.isqrt(images.shape[1]) ** 2 == images.shape[1] > 0:
        side = math.isqrt(images.shape[1])
        images = images.reshape(len(images), side, side)
    if images.ndim == 4 and images.shape[3] in (1, 3, 4):
        if images.shape[3] == 1:
            images = images[..., 0]
        else:
            note = "colour was turned to grey"
            images = _rounded_like(images[..., :3] @ LUMINANCE, images.dtype)
    if images.ndim != 3 or images.dtype.kind not in "buif":
        raise InputFileError(
            f"{source}: images are {images.dtype} {images.shape}, limit numbers "
            "[n, height, width]. Convert them."
        )
    return _bytes(source, images), note


def _rounded_like(images: np.ndarray, dtype: np.dtype[Any]) -> np.ndarray:
    return images if dtype.kind == "f" else np.rint(images).astype(np.int64)


def _bytes(source: str, images: np.ndarray) -> np.ndarray:
    if images.dtype == np.uint8 or images.size == 0:
        return images.astype(np.uint8)
    if images.dtype == np.bool_:
        return images.astype(np.uint8) * np.uint8(255)
    low, high = images.min(), images.max()
    if not (np.isfinite(low) and np.isfinite(high) and low >= 0 and high <= 255):
        raise InputFileError(
            f"{source}: grey values are {low:g} to {high:g}, limit 0 to 255 or 0 to 1. Scale them."
        )
    if images.dtype.kind == "f":
        factor = 255.0 if high <= 1.0 else 1.0
        return np.rint(images * factor).astype(np.uint8)
    return images.astype(np.uint8)


def parse_size(size: str) -> tuple[int, int]:
    """Return height and width of "HEIGHTxWIDTH". Raises UsageError."""
    height, _, width = size.partition("x")
    if not (height.isdecimal() and width.isdecimal() and int(height) > 0 and int(width) > 0):
        raise UsageError(f"input.size: is {size!r}, limit HEIGHTxWIDTH. Write for instance 64x64.")
    return int(height), int(width)


def resized(images: np.ndarray, size: str) -> np.ndarray:
    """Return images scaled to "HEIGHTxWIDTH"."""
    height, width = parse_size(size)
    if images.shape[1:] == (height, width):
        return images
    image_module = pillow()
    scaled = [
        np.asarray(image_module.fromarray(one).resize((width, height), image_module.BILINEAR))
        for one in images
    ]
    return np.stack(scaled)


def pillow() -> Any:
    """Return the module that reads and scales pictures. Raises UsageError where it is missing."""
    try:
        from PIL import Image
    except ImportError as error:
        raise UsageError(
            "pictures: pillow is not installed, limit installed packages. Run pip install pillow."
        ) from error
    return Image
