"""The IDX format of the handwritten digits: a header of sizes, then bytes; plain or gzip.

Source: LeCun, Cortes & Burges, The MNIST database of handwritten digits.
"""

from __future__ import annotations

import gzip
import zlib
from pathlib import Path

import numpy as np

from distsnn.errors import InputFileError

IMAGES, LABELS = b"\x00\x00\x08\x03", b"\x00\x00\x08\x01"
TEST_NAMES = ("t10k", "test")


def find_idx(folder: Path, part: str) -> tuple[Path, Path] | None:
    """Return the files of images and labels for ``part``, None where the folder has no IDX files.

    Files named t10k or test are the test set. A folder with one set gives it for both parts.
    Raises InputFileError where images have no labels.
    """
    images: list[Path] = []
    labels: list[Path] = []
    for path in sorted(folder.iterdir()):
        if path.is_file():
            magic = _first_bytes(path)
            if magic in (IMAGES, LABELS):
                (images if magic == IMAGES else labels).append(path)
    if not images and not labels:
        return None
    chosen = [_of_part(files, part) for files in (images, labels)]
    if chosen[0] is None or chosen[1] is None:
        kind = "images" if chosen[0] is None else "labels"
        raise InputFileError(
            f"{folder}: has IDX files but no {kind}, limit one file of images and one of labels. "
            "Add it."
        )
    return chosen[0], chosen[1]


def _of_part(files: list[Path], part: str) -> Path | None:
    test = [path for path in files if any(name in path.name.lower() for name in TEST_NAMES)]
    train = [path for path in files if path not in test]
    wanted, other = (train, test) if part == "train" else (test, train)
    return next(iter(wanted or other), None)


def _first_bytes(path: Path) -> bytes:
    try:
        with open(path, "rb") as file:
            start = file.read(4)
        if start[:2] == b"\x1f\x8b":
            with gzip.open(path, "rb") as file:
                return file.read(4)
        return start
    except (OSError, EOFError, zlib.error):
        # A damaged gzip file is reported when its name says that it is one of the set.
        return IMAGES if "idx3" in path.name else LABELS if "idx1" in path.name else b""


def read_idx(path: Path, n_dims: int) -> np.ndarray:
    """Return the bytes of an IDX file as uint8 with n_dims dimensions. Raises InputFileError."""
    try:
        content = path.read_bytes()
        if content[:2] == b"\x1f\x8b":
            content = gzip.decompress(content)
    except (OSError, EOFError, zlib.error) as error:
        raise InputFileError(
            f"{path}: is damaged ({error}), limit gzip. Fetch it again."
        ) from error
    header = 4 + 4 * n_dims
    if len(content) < header or content[:3] != b"\x00\x00\x08" or content[3] != n_dims:
        raise InputFileError(
            f"{path}: begins with {content[:4].hex(' ') or 'nothing'}, limit 00 00 08 "
            f"{n_dims:02x}. Name an IDX file."
        )
    shape = [int.from_bytes(content[4 + 4 * i : 8 + 4 * i], "big") for i in range(n_dims)]
    expected = header + int(np.prod(shape, dtype=np.int64))
    if len(content) != expected:
        raise InputFileError(
            f"{path}: has {len(content)} bytes, limit {expected} for {shape}. Fetch it again."
        )
    return np.frombuffer(content, dtype=np.uint8, offset=header).reshape(shape)
