"""Labelled images from IDX files, .npz files, or a folder with one sub-folder per class."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np

from distsnn.convnet.images.grey import grey_images, resized
from distsnn.convnet.images.image_set import ImageSet
from distsnn.convnet.images.picture_folders import class_folders, read_folders
from distsnn.errors import InputFileError
from distsnn.input_files.idx import find_idx, read_idx
from distsnn.input_files.limits import as_path, printable, refused
from distsnn.input_files.numpy_files import open_npz

SAMPLE = Path(__file__).parents[1] / "sample" / "digits.npz"
NPZ_NAMES = (
    ("x_{part}", "y_{part}"), ("{part}_images", "{part}_labels"), ("{part}_x", "{part}_y"),
    ("images", "labels"), ("x", "y"), ("X", "y"), ("data", "target"), ("data", "labels"),
)  # fmt: skip


def load_images(path: str | Path | None, part: str, size: str = "") -> ImageSet:
    """Return the images at ``path``; None: the sample of digits that is part of the package.

    part: "train" or "test", for data that has both. size: "HEIGHTxWIDTH" to which images are
    scaled; without it all must have one size. Raises InputFileError in one line.
    """
    path = SAMPLE if path is None else as_path(path)
    if not os.path.exists(path):
        raise refused(path, "a folder or a .npz file", "nothing: it does not exist", "Name one.")
    if not path.is_dir():
        if path.suffix != ".npz":
            remedy = "Name the folder that it is in."
            raise refused(path, "a folder or a .npz file", "another file", remedy)
        return _from_npz(path, part, size)
    # IDX files first, then folders: train/ and test/, or the classes themselves.
    idx = find_idx(path, part)
    if idx is not None:
        images, labels = read_idx(idx[0], 3), read_idx(idx[1], 1)
        return _checked(printable(path), images, labels, size)
    folder = path / part if (path / part).is_dir() and class_folders(path / part) else path
    return read_folders(folder, size)


def _from_npz(path: Path, part: str, size: str) -> ImageSet:
    with open_npz(path) as content:
        parts = (part, "train") if part == "test" else (part,)
        # A test set is preferred for "test"; a file with a training set only gives that.
        pairs = [(a.format(part=p), b.format(part=p)) for p in parts for a, b in NPZ_NAMES]
        names = content.names
        pair = next(((a, b) for a, b in pairs if a in names and b in names), None)
        if pair is None:
            raise refused(
                path, "a .npz file with arrays images and labels (or x_train and y_train)",
                ", ".join(names) or "nothing", "Rename them.",
            )  # fmt: skip
        images, labels = content.array(pair[0]), content.array(pair[1])
    return _checked(printable(path), images, labels, size)


def _checked(source: str, images: np.ndarray, labels: np.ndarray, size: str) -> ImageSet:
    grey, note = grey_images(source, images)
    labels = np.asarray(labels)
    if labels.ndim == 2 and labels.shape[1] == 1:
        labels = labels[:, 0]
    if labels.ndim != 1 or len(labels) != len(grey):
        got = f"{len(grey)} images and labels of shape {labels.shape}"
        raise InputFileError(
            f"{source}: must be data with one label per image, got {got}. Correct it."
        )
    if len(grey) == 0:
        raise InputFileError(f"{source}: must be data of 2 or more images, got 0. Name other data.")
    is_named = labels.dtype.kind in "biuUS"
    if not is_named and not (labels.dtype.kind == "f" and np.isfinite(labels).all()):
        raise refused(source, "data with numbers or words as labels", labels, "Convert them.")
    # Labels of any kind become 0 .. n - 1, in sorted order.
    names, numbers = np.unique(labels, return_inverse=True)
    scaled = resized(grey, size) if size else grey
    classes = tuple(str(name) for name in names.tolist())
    return ImageSet(
        np.ascontiguousarray(scaled), numbers.astype(np.int64), classes, source, (), note
    )
