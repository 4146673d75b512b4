"""Labelled images from IDX files, .npz files, or a folder with one sub-folder per class."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from distsnn.convnet.grey import grey_images, resized
from distsnn.convnet.idx import find_idx, read_idx
from distsnn.convnet.image_set import ImageSet
from distsnn.convnet.picture_folders import class_folders, read_folders
from distsnn.errors import InputFileError

SAMPLE = Path(__file__).parent / "sample" / "digits.npz"
NPZ_NAMES = (
    ("x_{part}", "y_{part}"), ("{part}_images", "{part}_labels"), ("{part}_x", "{part}_y"),
    ("images", "labels"), ("x", "y"), ("X", "y"), ("data", "target"), ("data", "labels"),
)  # fmt: skip


def load_images(path: str | Path | None, part: str, size: str = "") -> ImageSet:
    """Return the images at ``path``; None is the sample of digits that ships.

    part: "train" or "test", for data that have both. size: "HEIGHTxWIDTH" to which images are
    scaled; without it all must have one size. Raises InputFileError in one line.
    """
    place = SAMPLE if path is None else Path(path)
    if not place.exists():
        raise InputFileError(f"{place}: does not exist, limit a folder or .npz file. Name one.")
    if place.is_file():
        if place.suffix != ".npz":
            raise InputFileError(
                f"{place}: is a file, limit a folder or a .npz file. Name the folder it is in."
            )
        return _from_npz(place, part, size)
    idx = find_idx(place, part)
    if idx is not None:
        images, labels = read_idx(idx[0], 3), read_idx(idx[1], 1)
        return _checked(str(place), images, labels, size)
    folder = place / part if (place / part).is_dir() and class_folders(place / part) else place
    return read_folders(folder, size)


def _from_npz(path: Path, part: str, size: str) -> ImageSet:
    try:
        with np.load(path, allow_pickle=False) as content:
            pairs = [(a.format(part=part), b.format(part=part)) for a, b in NPZ_NAMES]
            pair = next(((a, b) for a, b in pairs if a in content and b in content), None)
            if pair is None and part == "test":
                return _from_npz(path, "train", size)
            if pair is None:
                known = ", ".join(content.files) or "nothing"
                raise InputFileError(
                    f"{path}: holds {known}, limit arrays images and labels (or x_train and "
                    "y_train). Rename them."
                )
            images, labels = content[pair[0]], content[pair[1]]
    except (OSError, ValueError, EOFError, KeyError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise InputFileError(
            f"{path}: cannot be read ({reason}), limit .npz. Correct it."
        ) from error
    return _checked(str(path), images, labels, size)


def _checked(source: str, images: np.ndarray, labels: np.ndarray, size: str) -> ImageSet:
    grey, note = grey_images(source, images)
    labels = np.asarray(labels)
    if labels.ndim == 2 and labels.shape[1] == 1:
        labels = labels[:, 0]
    if labels.ndim != 1 or len(labels) != len(grey):
        raise InputFileError(
            f"{source}: has {len(grey)} images and labels {labels.shape}, limit one label per "
            "image. Correct it."
        )
    if len(grey) == 0:
        raise InputFileError(f"{source}: has 0 images, limit 2 and up. Name other data.")
    names, numbers = np.unique(labels, return_inverse=True)
    scaled = resized(grey, size) if size else grey
    classes = tuple(str(name) for name in names.tolist())
    return ImageSet(
        np.ascontiguousarray(scaled), numbers.astype(np.int64), classes, source, (), note
    )
