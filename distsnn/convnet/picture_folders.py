"""Pictures in a folder with one sub-folder for each class."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from distsnn.convnet.grey import parse_size, pillow
from distsnn.convnet.image_set import ImageSet
from distsnn.errors import InputFileError

PICTURES = (".png", ".jpg", ".jpeg", ".bmp", ".pgm", ".ppm", ".tif", ".tiff", ".gif")


def class_folders(folder: Path) -> list[Path]:
    """Return the sub-folders, by name; hidden ones are left out."""
    return sorted(
        path for path in folder.iterdir() if path.is_dir() and not path.name.startswith(".")
    )


def read_folders(folder: Path, size: str) -> ImageSet:
    """Return all pictures below a folder, in order of class and name. Raises InputFileError."""
    folders = class_folders(folder)
    if not folders:
        raise InputFileError(
            f"{folder}: holds no IDX files and no sub-folders, limit one sub-folder of pictures "
            "per class. Name another folder."
        )
    pictures: list[np.ndarray] = []
    labels: list[int] = []
    names: list[str] = []
    n_colour = 0
    for label, one in enumerate(folders):
        paths = sorted(p for p in one.iterdir() if p.suffix.lower() in PICTURES)
        if not paths:
            raise InputFileError(
                f"{folder}: class {one.name} has 0 images, limit {', '.join(PICTURES)}. "
                "Add images, or remove the folder."
            )
        for path in paths:
            pixels, is_colour = read_picture(path, size)
            n_colour += is_colour
            pictures.append(pixels)
            labels.append(label)
            names.append(f"{one.name}/{path.name}")
    _require_one_size(folder, pictures, names)
    note = f"{n_colour} of {len(names)} pictures in colour were turned to grey" if n_colour else ""
    classes = tuple(one.name for one in folders)
    return ImageSet(
        np.stack(pictures), np.array(labels, np.int64), classes, str(folder), tuple(names), note
    )


def read_picture(path: Path, size: str) -> tuple[np.ndarray, bool]:
    """Return uint8 [height, width], scaled to ``size`` if given, and whether it was in colour."""
    image_module = pillow()
    try:
        with image_module.open(path) as picture:
            picture.load()
            is_colour = _is_colour(picture)
            grey = _grey(picture, image_module)
    except (
        OSError,
        SyntaxError,
        ValueError,
        EOFError,
        image_module.DecompressionBombError,
    ) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise InputFileError(
            f"{path}: cannot be read as a picture ({reason}), limit whole files. Remove it."
        ) from error
    if size:
        height, width = parse_size(size)
        if grey.size != (width, height):
            grey = grey.resize((width, height), image_module.BILINEAR)
    return np.asarray(grey), is_colour


def _is_colour(picture: Any) -> bool:
    if picture.mode in ("1", "L", "LA", "I", "F") or picture.mode.startswith("I;"):
        return False
    pixels = np.asarray(picture.convert("RGB"))
    return bool((pixels != pixels[..., :1]).any())


def _grey(picture: Any, image_module: Any) -> Any:
    """Return the picture in 8-bit grey; 16 bits are divided by 256."""
    if picture.mode in ("I", "F") or picture.mode.startswith("I;"):
        values = np.asarray(picture, dtype=np.float64)
        factor = 1.0 / 256.0 if values.max(initial=0.0) > 255 else 1.0
        return image_module.fromarray(np.clip(values * factor, 0, 255).astype(np.uint8))
    return picture.convert("L")


def _require_one_size(folder: Path, pictures: list[np.ndarray], names: list[str]) -> None:
    first = pictures[0].shape
    for pixels, name in zip(pictures, names, strict=True):
        if pixels.shape != first:
            got = f"{first[0]}x{first[1]} ({names[0]}) and {pixels.shape[0]}x{pixels.shape[1]}"
            raise InputFileError(
                f"{folder}: has images of {got} ({name}), limit one size. "
                f"Scale all with --set input.size={first[0]}x{first[1]}."
            )
