"""The heaps in which HDF5 files keep texts of any length, checked before the library reads them.

In a damaged heap an object of size 0 lets the library search for its end forever.

Source: HDF5 File Format Specification 3.0, section III.E (global heap).
"""

from __future__ import annotations

import re
from pathlib import Path

from distsnn.input_files.limits import refused
from distsnn.input_files.whole import read_bytes

# Signature, version 1 and three zero bytes; then the size of the heap.
HEAP = re.compile(rb"GCOL\x01\x00\x00\x00")
HEADER = 16  # bytes of a heap and of each object


def require_sound_heaps(path: str | Path) -> None:
    """Raise InputFileError if a heap of texts does not consist of whole objects."""
    data = read_bytes(Path(path))
    for heap in HEAP.finditer(data):
        if not _is_sound(data, heap.start()):
            limit = "an HDF5 file with whole texts"
            raise refused(path, limit, "a damaged heap of them", "Write it again.")


def _is_sound(data: bytes, start: int) -> bool:
    end = start + _number(data, start + 8, 8)
    if not start + HEADER <= end <= len(data):
        return False
    at = start + HEADER
    while at + HEADER <= end:
        # index 2, references 2, reserved 4, size 8; then the data, padded to 8 bytes
        index, size = _number(data, at, 2), _number(data, at + 8, 8)
        # Object 0 is what is free, its header included.
        length = size if index == 0 else HEADER + (size + 7) // 8 * 8
        if not HEADER <= length <= end - at:
            return False
        at += length
    return True


def _number(data: bytes, at: int, n: int) -> int:
    return int.from_bytes(data[at : at + n], "little")
