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
class PictureSet:
    """Pictures of a folder, while they are being read.

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
        limit = "a folder with IDX files, or with one sub-folder of pictures per class"
        raise refused(folder, limit, "one with neither", "Name another folder.")
    # Stage 1: names and labels, so that the memory can be checked before anything is decoded.
    pictures = PictureSet()
    for label, class_folder in enumerate(folders):
        paths = [path for path in entries(class_folder) if path.suffix.lower() in PICTURES]
        if not paths:
            raise InputFileError(
                f"{printable(folder)}: class {printable(class_folder.name)}: must hold pictures "
                f"({', '.join(PICTURES)}), got none. Add some, or remove the folder."
            )
        for path in paths:
            pictures.names.append(f"{class_folder.name}/{path.name}")
            pictures.paths.append(path)
            pictures.labels.append(label)
    if size:
        require_room(printable(folder), len(pictures.paths), size)
    for path in pictures.paths:
        _read(path, size, pictures)
    # Stage 2: one scale for the whole set, which needs the largest value of all pictures.
    whites = _scale(pictures, size)
    _require_one_size(folder, pictures.pixels, pictures.names)
    classes = tuple(class_folder.name for class_folder in folders)
    return ImageSet(
        np.stack(pictures.pixels), np.array(pictures.labels, np.int64), classes, printable(folder),
        tuple(pictures.names), _note(pictures, whites),
    )  # fmt: skip


def read_picture(path: Path, size: str, gain: float = 1.0) -> np.ndarray:
    """Return a picture in grey, scaled to ``size`` if given. Raises InputFileError.

    uint8 [height, width], times ``gain``, for 8 bits; float32 for others. For all of a folder see
    ``read_folders``.
    """
    pictures = PictureSet()
    _read(path, size, pictures, gain)
    return pictures.pixels[0]


def _read(path: Path, size: str, pictures: PictureSet, gain: float = 1.0) -> None:
    decoded = decode_picture(path)
    pictures.counts["colour"] += is_colour(decoded)
    pictures.counts["transparent"] += decoded.is_transparent
    grey = decoded.image if decoded.is_wide else decoded.image.convert("L")
    pictures.largest.append(float(grey.getextrema()[1]))
    pictures.is_wide.append(decoded.is_wide)
    pictures.is_whole.append(decoded.is_whole)
    if gain != 1.0:
        grey = grey.point([min(WHITE, round(value * gain)) for value in range(256)])
    if size:
        height, width = parse_size(size)
        if grey.size != (width, height):
            grey = grey.resize((width, height), pillow().BILINEAR)
    pictures.pixels.append(np.asarray(grey))


def _scale(pictures: PictureSet, size: str) -> list[float]:
    """Turn all pixels into bytes, with one scale for those of 8 bits and one for the others.

    Return the values that are white.
    """
    wide = [k for k, is_wide in enumerate(pictures.is_wide) if is_wide]
    narrow = [k for k, is_wide in enumerate(pictures.is_wide) if not is_wide]
    whites = []
    largest = max((pictures.largest[k] for k in narrow), default=0.0)
    if 0 < largest < FEW_LEVELS:
        whites.append(largest)
        for k in narrow:
            # Before it is resized: between 0 and 1 there is nothing that 8 bits could hold.
            pictures.pixels[k] = read_picture(pictures.paths[k], size, WHITE / largest)
    if wide:
        largest = max(pictures.largest[k] for k in wide)
        if largest > WHITE_16:
            path = pictures.paths[max(wide, key=lambda k: pictures.largest[k])]
            limit = f"a picture of values to {WHITE_16}"
            raise refused(path, limit, largest, "Scale all of the set alike.")
        white = full_scale(largest, all(pictures.is_whole[k] for k in wide))
        whites.append(white)
        for k in wide:
            pictures.pixels[k] = as_bytes(pictures.pixels[k], white)
    return whites


def _note(pictures: PictureSet, whites: list[float]) -> str:
    n, counts = len(pictures.names), pictures.counts
    notes = [
        f"{counts['colour']} of {n} pictures in colour were turned to grey"
        * (counts["colour"] > 0),
        f"{counts['transparent']} of {n} pictures were laid on white" * (counts["transparent"] > 0),
        scale_note(whites),
    ]
    return "; ".join(text for text in notes if text)


def _require_one_size(folder: Path, images: list[np.ndarray], names: list[str]) -> None:
    first = images[0].shape
    for pixels, name in zip(images, names, strict=True):
        if pixels.shape != first:
            got = f"{first[0]}x{first[1]} ({printable(names[0])}) and "
            got += f"{pixels.shape[0]}x{pixels.shape[1]}"
            raise InputFileError(
                f"{printable(folder)}: must be a folder of images of one size, got {got} "
                f"({printable(name)}). Scale all with --set input.size={first[0]}x{first[1]}."
            )
