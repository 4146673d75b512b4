"""Pictures in a folder with one sub-folder for each class."""

from __future__ import annotations

from dataclasses import dataclass
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
class Picture:
    """A picture of a folder. pixels: uint8 [height, width] of 8 bits, float32 of others.

    largest: value before it was resized; is_wide, is_whole, is_transparent: see ``Decoded``.
    """

    path: Path
    pixels: np.ndarray
    largest: float
    is_wide: bool
    is_whole: bool
    is_colour: bool
    is_transparent: bool


def class_folders(folder: Path) -> list[Path]:
    """Return the sub-folders, by name; hidden ones are left out."""
    return [path for path in entries(folder) if path.is_dir() and not path.name.startswith(".")]


def read_folders(folder: Path, size: str) -> ImageSet:
    """Return all pictures below a folder, in order of class and name. Raises InputFileError."""
    folders = class_folders(folder)
    if not folders:
        limit = "a folder with IDX files, or with one sub-folder of pictures per class"
        raise refused(folder, limit, "one with neither", "Name another folder.")
    # Stage 1: names, so that the memory can be checked before anything is decoded.
    paths: list[Path] = []
    labels: list[int] = []
    for label, class_folder in enumerate(folders):
        own = [path for path in entries(class_folder) if path.suffix.lower() in PICTURES]
        if not own:
            raise InputFileError(
                f"{printable(folder)}: class {printable(class_folder.name)}: must hold pictures "
                f"({', '.join(PICTURES)}), got none. Add some, or remove the folder."
            )
        paths += own
        labels += [label] * len(own)
    if size:
        require_room(printable(folder), len(paths), size)
    pictures = [_read(path, size) for path in paths]
    # Stage 2: one scale for the whole set, which needs the largest value of all pictures.
    whites = _scale(pictures, size)
    names = tuple(f"{path.parent.name}/{path.name}" for path in paths)
    _require_one_size(folder, pictures, names)
    return ImageSet(
        np.stack([picture.pixels for picture in pictures]), np.array(labels, np.int64),
        tuple(class_folder.name for class_folder in folders), printable(folder), names,
        _note(pictures, whites),
    )  # fmt: skip


def read_picture(path: Path, size: str) -> np.ndarray:
    """Return a picture in grey, scaled to ``size`` if given. Raises InputFileError.

    uint8 [height, width] for 8 bits; float32 for others. For all of a folder see ``read_folders``.
    """
    return _read(path, size).pixels


def _read(path: Path, size: str, gain: float = 1.0) -> Picture:
    """Read a picture; values of 8 bits are multiplied by ``gain`` before it is resized."""
    decoded = decode_picture(path)
    grey = decoded.image if decoded.is_wide else decoded.image.convert("L")
    largest = float(grey.getextrema()[1])
    if gain != 1.0:
        grey = grey.point([min(WHITE, round(value * gain)) for value in range(256)])
    if size:
        height, width = parse_size(size)
        if grey.size != (width, height):
            grey = grey.resize((width, height), pillow().BILINEAR)
    return Picture(
        path, np.asarray(grey), largest, decoded.is_wide, decoded.is_whole, is_colour(decoded),
        decoded.is_transparent,
    )  # fmt: skip


def _scale(pictures: list[Picture], size: str) -> list[float]:
    """Turn all pixels into bytes, with one scale for those of 8 bits and one for the others.

    Return the values that are white.
    """
    wide = [picture for picture in pictures if picture.is_wide]
    narrow = [picture for picture in pictures if not picture.is_wide]
    whites = []
    largest = max((picture.largest for picture in narrow), default=0.0)
    if 0 < largest < FEW_LEVELS:
        whites.append(largest)
        for picture in narrow:
            # Before it is resized: between 0 and 1 there is nothing that 8 bits could hold.
            picture.pixels = _read(picture.path, size, WHITE / largest).pixels
    if wide:
        brightest = max(wide, key=lambda picture: picture.largest)
        if brightest.largest > WHITE_16:
            limit = f"a picture of values to {WHITE_16}"
            raise refused(brightest.path, limit, brightest.largest, "Scale all of the set alike.")
        white = full_scale(brightest.largest, all(picture.is_whole for picture in wide))
        whites.append(white)
        for picture in wide:
            picture.pixels = as_bytes(picture.pixels, white)
    return whites


def _note(pictures: list[Picture], whites: list[float]) -> str:
    n_colour = sum(picture.is_colour for picture in pictures)
    n_transparent = sum(picture.is_transparent for picture in pictures)
    notes = [
        f"{n_colour} of {len(pictures)} pictures in colour were turned to grey" * (n_colour > 0),
        f"{n_transparent} of {len(pictures)} pictures were laid on white" * (n_transparent > 0),
        scale_note(whites),
    ]
    return "; ".join(text for text in notes if text)


def _require_one_size(folder: Path, pictures: list[Picture], names: tuple[str, ...]) -> None:
    height, width = pictures[0].pixels.shape
    for picture, name in zip(pictures, names, strict=True):
        if picture.pixels.shape != (height, width):
            own_height, own_width = picture.pixels.shape
            raise InputFileError(
                f"{printable(folder)}: must be a folder of images of one size, got {height}x{width} "
                f"({printable(names[0])}) and {own_height}x{own_width} ({printable(name)}). Scale "
                f"all with --set input.size={height}x{width}."
            )
