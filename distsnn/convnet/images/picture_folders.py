"""Pictures in a folder with one sub-folder for each class."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from distsnn.convnet.images.grey import as_bytes, parse_size, require_room
from distsnn.convnet.images.image_set import ImageSet
from distsnn.errors import InputFileError
from distsnn.input_files.limits import entries, printable, refused
from distsnn.input_files.pictures import (
    FEW_LEVELS,
    PICTURES,
    WHITE,
    WHITE_16,
    decode_picture,
    full_scale,
    is_colour,
    pillow,
    scale_note,
)


@dataclass
class Found:
    """Pictures of a folder while they are read.

    pixels: uint8 [height, width] of 8 bits, float32 of others. largest: value of each before it was
    resized; is_wide, is_whole: see ``Decoded``.
    """

    names: list[str] = field(default_factory=list)
    paths: list[Path] = field(default_factory=list)
    labels: list[int] = field(default_factory=list)
    pixels: list[np.ndarray] = field(default_factory=list)
    largest: list[float] = field(default_factory=list)
    is_wide: list[bool] = field(default_factory=list)
    is_whole: list[bool] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)


def class_folders(folder: Path) -> list[Path]:
    """Return the sub-folders, by name; hidden ones are left out."""
    return [path for path in entries(folder) if path.is_dir() and not path.name.startswith(".")]


def read_folders(folder: Path, size: str) -> ImageSet:
    """Return all pictures below a folder, in order of class and name. Raises InputFileError."""
    folders = class_folders(folder)
    if not folders:
        raise InputFileError(
            f"{printable(folder)}: holds no IDX files and no sub-folders, limit one sub-folder of "
            "pictures per class. Name another folder."
        )
    found = Found()
    for label, one in enumerate(folders):
        paths = [path for path in entries(one) if path.suffix.lower() in PICTURES]
        if not paths:
            raise InputFileError(
                f"{printable(folder)}: class {printable(one.name)} has 0 images, limit "
                f"{', '.join(PICTURES)}. Add images, or remove the folder."
            )
        for path in paths:
            found.names.append(f"{one.name}/{path.name}")
            found.paths.append(path)
            found.labels.append(label)
    if size:
        require_room(printable(folder), len(found.paths), size)
    for path in found.paths:
        _read(path, size, found)
    whites = _scale(found, size)
    _require_one_size(folder, found.pixels, found.names)
    classes = tuple(one.name for one in folders)
    return ImageSet(
        np.stack(found.pixels), np.array(found.labels, np.int64), classes, printable(folder),
        tuple(found.names), _note(found, whites),
    )  # fmt: skip


def read_picture(path: Path, size: str, gain: float = 1.0) -> np.ndarray:
    """Return a picture in grey, scaled to ``size`` if given. Raises InputFileError.

    uint8 [height, width], times ``gain``, for 8 bits; float32 for others. For all of a folder see
    ``read_folders``.
    """
    found = Found()
    _read(path, size, found, gain)
    return found.pixels[0]


def _read(path: Path, size: str, found: Found, gain: float = 1.0) -> None:
    decoded = decode_picture(path)
    found.counts["colour"] += is_colour(decoded)
    found.counts["transparent"] += decoded.is_transparent
    grey = decoded.image if decoded.is_wide else decoded.image.convert("L")
    found.largest.append(float(grey.getextrema()[1]))
    found.is_wide.append(decoded.is_wide)
    found.is_whole.append(decoded.is_whole)
    if gain != 1.0:
        grey = grey.point([min(WHITE, round(value * gain)) for value in range(256)])
    if size:
        height, width = parse_size(size)
        if grey.size != (width, height):
            grey = grey.resize((width, height), pillow().BILINEAR)
    found.pixels.append(np.asarray(grey))


def _scale(found: Found, size: str) -> list[float]:
    """Turn all pixels into bytes, with one scale for those of 8 bits and one for the others.

    Return the values that are white.
    """
    wide = [k for k, is_wide in enumerate(found.is_wide) if is_wide]
    narrow = [k for k, is_wide in enumerate(found.is_wide) if not is_wide]
    whites = []
    largest = max((found.largest[k] for k in narrow), default=0.0)
    if 0 < largest < FEW_LEVELS:
        whites.append(largest)
        for k in narrow:
            # Before it is resized: between 0 and 1 there is nothing that 8 bits could hold.
            found.pixels[k] = read_picture(found.paths[k], size, WHITE / largest)
    if wide:
        largest = max(found.largest[k] for k in wide)
        if largest > WHITE_16:
            path = found.paths[max(wide, key=lambda k: found.largest[k])]
            limit = f"a picture of values to {WHITE_16}"
            raise refused(path, limit, largest, "Scale all of the set alike.")
        white = full_scale(largest, all(found.is_whole[k] for k in wide))
        whites.append(white)
        for k in wide:
            found.pixels[k] = as_bytes(found.pixels[k], white)
    return whites


def _note(found: Found, whites: list[float]) -> str:
    n, counts = len(found.names), found.counts
    said = [
        f"{counts['colour']} of {n} pictures in colour were turned to grey"
        * (counts["colour"] > 0),
        f"{counts['transparent']} of {n} pictures were laid on white" * (counts["transparent"] > 0),
        scale_note(whites),
    ]
    return "; ".join(text for text in said if text)


def _require_one_size(folder: Path, pictures: list[np.ndarray], names: list[str]) -> None:
    first = pictures[0].shape
    for pixels, name in zip(pictures, names, strict=True):
        if pixels.shape != first:
            got = f"{first[0]}x{first[1]} ({printable(names[0])}) and "
            got += f"{pixels.shape[0]}x{pixels.shape[1]}"
            raise InputFileError(
                f"{printable(folder)}: has images of {got} ({printable(name)}), limit one size. "
                f"Scale all with --set input.size={first[0]}x{first[1]}."
            )
