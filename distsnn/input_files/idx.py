"""The IDX format of MNIST: two zero bytes, type, number of dimensions, sizes (32 bits), then bytes.

Plain or gzip.

Source: LeCun, Cortes & Burges, The MNIST database of handwritten digits.
"""

from __future__ import annotations

import math
import re
from pathlib import Path

import numpy as np

from distsnn.errors import InputFileError
from distsnn.input_files.limits import entries, printable, refused
from distsnn.input_files.whole import gunzipped, read_bytes

IMAGES, LABELS = b"\x00\x00\x08\x03", b"\x00\x00\x08\x01"
TEST_WORDS, TRAIN_WORDS = {"t10k", "test"}, {"train", "training"}
HEAD = 1 << 16  # bytes of a gzip file from which the first four can be unpacked
# Words in the name of a file of images, or of labels, that do not name the set; endings.
KIND = re.compile(r"images?|labels?|idx[13]|ubyte|gz")


def find_idx(folder: Path, part: str) -> tuple[Path, Path] | None:
    """Return the files of images and labels for ``part``, None if the folder has no IDX files.

    Files of images and labels belong together if their names differ only in these words. A set with the
    word t10k or test in its name is the test set. A folder with one set gives it for both parts. Raises
    InputFileError if images have no labels, or if several sets could be meant.
    """
    sets: dict[bytes, dict[tuple[str, ...], Path]] = {IMAGES: {}, LABELS: {}}
    for path in entries(folder):
        magic = _magic(path) if path.is_file() else b""
        if magic in sets:
            sets[magic].setdefault(_words(path), path)  # x sorts before x.gz, the same set
    images, labels = sets[IMAGES], sets[LABELS]
    if not images and not labels:
        return None
    for files, kind in ((images, "images"), (labels, "labels")):
        if not files:
            raise InputFileError(
                f"{printable(folder)}: must be a folder with an IDX file of images and one of labels, "
                f"got one without {kind}. Add it."
            )
    if len(images) == len(labels) == 1:
        return next(iter(images.values())), next(iter(labels.values()))
    name = _chosen(folder, images, part)
    if name not in labels:
        raise refused(
            images[name], "a file of images with one of labels of the same name",
            ", ".join(sorted(path.name for path in labels.values())), "Add or rename it.",
        )  # fmt: skip
    return images[name], labels[name]


def _words(path: Path) -> tuple[str, ...]:
    """Return the name of the set: the words of a file's name without kind and ending."""
    # Lower-case words of the file's name.
    words = re.split(r"[^a-z0-9]+", path.name.lower())
    return tuple(word for word in words if word and not KIND.fullmatch(word))


def _chosen(folder: Path, images: dict[tuple[str, ...], Path], part: str) -> tuple[str, ...]:
    """Return which of several sets is meant. Raises InputFileError if more than one could be."""
    # By the words in their names: test sets, training sets, others.
    tests = [name for name in images if TEST_WORDS & set(name)]
    others = [name for name in images if name not in tests]
    trains = [name for name in others if TRAIN_WORDS & set(name)]
    wanted = (tests or trains or others) if part == "test" else (trains or others or tests)
    if len(wanted) > 1:
        names = ", ".join(images[name].name for name in wanted)
        raise InputFileError(
            f"{printable(folder)}: must be a folder with one set of IDX files to {part}, got "
            f"{printable(names)}. Put each set into a folder of its own."
        )
    return wanted[0]


def _magic(path: Path) -> bytes:
    try:
        return bytes(gunzipped(path, read_bytes(path, HEAD), 4))
    except InputFileError:
        # A damaged gzip file is reported when its name says that it is one of the set.
        return IMAGES if "idx3" in path.name else LABELS if "idx1" in path.name else b""


def read_idx(path: Path, n_dims: int) -> np.ndarray:
    """Return the bytes of an IDX file as uint8 with n_dims dimensions. Raises InputFileError."""
    content = gunzipped(path, read_bytes(path))
    header = 4 + 4 * n_dims
    if len(content) < header or content[:3] != b"\x00\x00\x08" or content[3] != n_dims:
        start = content[:4].hex(" ") or "nothing"
        raise refused(path, f"an IDX file that begins with 00 00 08 {n_dims:02x}", start,
                      "Name an IDX file.")  # fmt: skip
    # 00 00 | type 08 (uint8) | dimensions | sizes, 32 bits each, big endian | values
    shape = [int.from_bytes(content[4 + 4 * i : 8 + 4 * i], "big") for i in range(n_dims)]
    expected = header + math.prod(shape)
    if len(content) != expected:
        raise refused(path, f"an IDX file of {expected} bytes for {shape}", len(content),
                      "Fetch it again.")  # fmt: skip
    return np.frombuffer(content, dtype=np.uint8, offset=header).reshape(shape)
