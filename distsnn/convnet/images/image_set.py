"""Labelled images, and their division into training and held-out ones."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from distsnn.checks import instance, must_be
from distsnn.errors import InputFileError, UsageError
from distsnn.input_files.limits import printable


@dataclass(frozen=True)
class ImageSet:
    """images: uint8 [n, height, width]; labels: int64 [n], indices of ``classes``; names: of files.

    note: how they were converted when they were read, or "".
    """

    images: np.ndarray
    labels: np.ndarray
    classes: tuple[str, ...]
    source: str
    names: tuple[str, ...] = ()
    note: str = ""

    def __post_init__(self) -> None:
        instance("classes", self.classes, tuple)
        instance("names", self.names, tuple)
        images, labels = self.images, self.labels
        is_array = isinstance(images, np.ndarray) and images.ndim == 3
        if not is_array or images.dtype != np.uint8:
            raise UsageError(
                must_be("images", "uint8 [n, height, width]", images, "Use load_images.")
            )
        is_array = isinstance(labels, np.ndarray) and labels.dtype == np.int64
        n = len(self.classes)
        if (
            not is_array
            or labels.shape != (len(images),)
            or (labels.size and not (labels.min() >= 0 and labels.max() < n))
        ):
            limit = f"int64 [{len(images)}] from 0 to {n - 1}, the numbers of classes"
            raise UsageError(must_be("labels", limit, labels, "Use load_images."))
        if self.names and len(self.names) != len(images):
            limit = f"one for each of {len(images)} images"
            raise UsageError(must_be("names of images", limit, len(self.names), "Use load_images."))

    def __len__(self) -> int:
        return len(self.images)

    def chosen(self, which: np.ndarray) -> ImageSet:
        """Return some of the images."""
        names = tuple(self.names[int(k)] for k in which) if self.names else ()
        return ImageSet(
            self.images[which], self.labels[which], self.classes, self.source, names, self.note
        )


def require_classes(data: ImageSet, least: int = 2) -> None:
    """Raise InputFileError unless there are two classes, each with ``least`` images."""
    if len(data.classes) < 2:
        raise InputFileError(
            f"{data.source}: must be data of 2 or more classes, got {len(data.classes)}. Add another."
        )
    counts = np.bincount(data.labels, minlength=len(data.classes))
    fewest = int(np.argmin(counts))
    if counts[fewest] < least:
        raise InputFileError(
            f"{data.source}: class {printable(data.classes[fewest])}: must be of at least {least} "
            f"images, got {counts[fewest]}. Add images, or remove the class."
        )


def with_classes(data: ImageSet, classes: tuple[str, ...]) -> ImageSet:
    """Return the images with labels numbered as in ``classes``. Raises InputFileError for others."""
    unknown = [name for name in data.classes if name not in classes]
    if unknown:
        raise InputFileError(
            f"{data.source}: must be data of the classes {printable(', '.join(classes))}, as trained, "
            f"got class {printable(unknown[0])}. Name data of the same classes."
        )
    number = np.array([classes.index(name) for name in data.classes], dtype=np.int64)
    return ImageSet(data.images, number[data.labels], classes, data.source, data.names, data.note)


def sliced(data: ImageSet, text: str) -> ImageSet:
    """Return images FIRST:END, as Python counts them. Raises UsageError."""
    match = re.fullmatch(r"(-?[0-9]{0,18}):(-?[0-9]{0,18})", text)
    if match is None or "-" in match.groups():
        raise UsageError(must_be("--images", "FIRST:END", text, "Write :50000, for instance."))
    first, end = (int(bound) if bound else None for bound in match.groups())
    which = np.arange(len(data))[first:end]
    if which.size == 0:
        limit = f"a range that holds some of {len(data)} images"
        raise UsageError(must_be("--images", limit, text, "Widen it."))
    return data.chosen(which)


def _n_kept(n: int, share: float) -> int:
    """Return how many of n images remain if a fraction is held out. Raises ValueError."""
    if not 0.0 < share < 1.0:
        raise ValueError
    return round(n * (1.0 - share))


def divide(data: ImageSet, how: str, seed: int) -> tuple[ImageSet, ImageSet]:
    """Divide into training and held-out images.

    how: "last:N", "each:N" (N of each class to train, at random), "share:F" (of each class held
    out, at random), "match:REGEX" (files whose class/name matches are held out). Raises UsageError.
    """
    kind, _, value = how.partition(":")
    rng = np.random.Generator(np.random.Philox(key=seed))
    held = np.zeros(len(data), dtype=bool)
    try:
        if kind == "last":
            # The last N images as they are stored.
            held[max(0, len(data) - int(value)) :] = True
        elif kind in ("each", "share"):
            for label in range(len(data.classes)):
                # Stratified: each class is divided on its own.
                own = rng.permutation(np.flatnonzero(data.labels == label))
                n = int(value) if kind == "each" else _n_kept(own.size, float(value))
                held[own[n:]] = True
        elif kind == "match" and data.names:
            held[:] = [re.search(value, name) is not None for name in data.names]
        else:
            raise ValueError
    except (ValueError, OverflowError, re.error):
        limit = "last:N, each:N, share:F, or match:REGEX for files"
        remedy = "Write last:10000, for instance."
        raise UsageError(must_be("--hold-out", limit, how, remedy)) from None
    if held.all() or not held.any():
        raise UsageError(
            f"--hold-out: must be of some but not all of {len(data)} images, got {int(held.sum())}. "
            "Change it."
        )
    return data.chosen(np.flatnonzero(~held)), data.chosen(np.flatnonzero(held))
