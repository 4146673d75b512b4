"""Pictures: one decoder for all modes; transparent pictures are laid on white.

A picture of 8 bits has values up to 255. The value of white in a picture of 16 or 32 bits or of
fractions is not certain: ``full_scale`` determines it for a whole set of pictures.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from distsnn.input_files.limits import MAX_RATIO, ROOM, decoding, refused, size_of

PICTURES = (".png", ".jpg", ".jpeg", ".bmp", ".pgm", ".ppm", ".tif", ".tiff", ".gif")
FORMATS = ("PNG", "JPEG", "BMP", "PPM", "TIFF", "GIF")  # others start programs, such as EPS
PIXEL_BYTES = 9  # of memory while a picture is decoded, laid on white and converted to grey
WHITE = 255
WHITE_16 = 65535
FEW_LEVELS = 32  # no picture of 8 bits is as dark as this


@dataclass(frozen=True)
class Decoded:
    """A picture. image: of Pillow, in mode L or RGB (8 bits) or F (anything else).

    is_wide: mode F, with the values of the file; is_whole: they are whole numbers. is_transparent:
    the picture was laid on white.
    """

    image: Any
    is_wide: bool
    is_whole: bool
    is_transparent: bool


def max_pixels(packed_bytes: int, pixel_bytes: int = PIXEL_BYTES) -> int:
    """Return the most pixels of a picture in a file of this size."""
    return (2 * ROOM + MAX_RATIO * packed_bytes) // pixel_bytes


def decode_picture(path: str | Path, pixel_bytes: int = PIXEL_BYTES) -> Decoded:
    """Return a picture, the first of several in a file. Raises InputFileError.

    pixel_bytes: memory that the caller needs for each pixel.
    """
    image_module = pillow()
    limit = max_pixels(size_of(path), pixel_bytes)
    remedy = "Remove it, or save it again."
    with warnings.catch_warnings(), decoding(path, "a whole picture", remedy):
        warnings.simplefilter("ignore")  # about metadata; sizes are checked below
        with image_module.open(path, formats=FORMATS) as file:
            width, height = file.size
            if width * height > limit:
                wanted = f"a picture of at most {limit} pixels for its size in bytes"
                raise refused(path, wanted, f"{width} x {height}", "Scale it down.")
            file.load()
            return _decoded(path, file, image_module)


def _decoded(path: str | Path, image: Any, image_module: Any) -> Decoded:
    # Modes of 16 or 32 bits or fractions keep their values; white is decided for the set.
    if image.mode in ("I", "F") or image.mode.startswith("I;"):
        values = np.asarray(image)
        if not np.isfinite(values).all() or values.min(initial=0) < 0:
            raise refused(
                path, "a picture of finite values of at least 0", "others", "Save it again."
            )
        wide = image_module.fromarray(values.astype(np.float32))
        return Decoded(wide, True, image.mode != "F", False)
    has_alpha = "A" in image.mode or "a" in image.mode or "transparency" in image.info
    if has_alpha:
        layered = image if image.mode == "RGBA" else image.convert("RGBA")
        alpha = layered.getchannel("A")
        if alpha.getextrema()[0] < WHITE:
            paper = image_module.new("RGB", layered.size, (WHITE,) * 3)
            paper.paste(layered, mask=alpha)
            return Decoded(paper, False, True, True)
    # Pillow converts a palette to grey as well as RGB.
    plain = image if image.mode in ("L", "RGB", "P", "1") else image.convert("RGB")
    return Decoded(plain, False, True, False)


def is_colour(picture: Decoded) -> bool:
    """Return whether a picture has a pixel that is not grey."""
    if picture.is_wide or picture.image.mode in ("1", "L"):
        return False
    from PIL import ImageChops

    image = picture.image if picture.image.mode == "RGB" else picture.image.convert("RGB")
    red = image.getchannel("R")
    others = (ImageChops.difference(red, image.getchannel(name)).getbbox() for name in "GB")
    return any(box is not None for box in others)


def full_scale(largest: float, is_whole: bool = True) -> float:
    """Return the value of white for a set of images with this largest value.

    Fractions up to 1: 1. Otherwise 255, or 65535 if the largest value is above 255. Sets of fewer
    than 32 levels, such as 0 and 1 or 0 to 16: the largest value.
    """
    if not is_whole and largest <= 1.0:
        return 1.0
    if largest < FEW_LEVELS:
        return max(largest, 1.0)
    return float(WHITE if largest <= WHITE else WHITE_16)


def scale_note(kinds: Iterable[float]) -> str:
    """Return a note on sets whose white is not 255, "" if there are none."""
    values = [f"{white:g}" for white in kinds if white != WHITE]
    return f"values were scaled so that {' or '.join(values)} is white" if values else ""


def pillow() -> Any:
    """Return the module that reads and scales pictures."""
    from PIL import Image

    return Image
