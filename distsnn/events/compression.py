"""Compressed packets: LZ4 frames with an own decoder, Zstandard where a decoder is installed.

Source: Y. Collet, "LZ4 frame format description"; RFC 8878 for Zstandard.
"""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import numpy as np

from distsnn.errors import InputFileError
from distsnn.events.bytes_of import fault
from distsnn.input_files.limits import decoding, printable, require_room

LZ4_MAGIC = 0x184D2204
BLOCK_SIZES = {4: 1 << 16, 5: 1 << 18, 6: 1 << 20, 7: 1 << 22}
RAW_BLOCK = 1 << 31
NONE, LZ4, LZ4_HIGH, ZSTD, ZSTD_HIGH = range(5)
ZSTD_LIBRARIES = ("compression.zstd", "zstandard")  # of Python 3.14, and a package
FEED = 1 << 12  # compressed bytes that are unpacked at once: at most some hundred megabytes


def decompress(path: Path, compression: int, data: bytes, limit: int) -> bytes:
    """Return what was compressed, ``limit`` bytes at most; raises InputFileError."""
    if compression == NONE:
        return data
    if compression in (LZ4, LZ4_HIGH):
        return lz4_frame(path, data, limit)
    if compression in (ZSTD, ZSTD_HIGH):
        return zstd_frame(path, data, limit)
    raise fault(path, f"uses compression {compression}", "0 to 4", "The file is damaged")


def lz4_frame(path: Path, data: bytes, limit: int) -> bytes:
    """Return the content of one LZ4 frame, ``limit`` bytes at most; raises InputFileError."""
    damaged = fault(path, "has a damaged LZ4 packet", "whole packets", "Copy the file again")
    if len(data) < 7 or int.from_bytes(data[:4], "little") != LZ4_MAGIC:
        raise damaged
    flags, block_kind = data[4], data[5] >> 4 & 7
    if flags >> 6 != 1 or block_kind not in BLOCK_SIZES:
        raise damaged
    has_size, has_block_sum, has_dictionary = flags >> 3 & 1, flags >> 4 & 1, flags & 1
    at = 6 + 8 * has_size + 4 * has_dictionary + 1
    from distsnn.kernels.lz4 import decode_lz4

    longest = BLOCK_SIZES[block_kind]
    out, end = np.empty(longest, dtype=np.uint8), 0
    while True:
        size = int.from_bytes(data[at : at + 4], "little")
        if len(data) < at + 4:
            raise damaged
        at += 4
        if size == 0:
            return out[:end].tobytes()
        length = size & (RAW_BLOCK - 1)
        block = np.frombuffer(data[at : at + length], dtype=np.uint8)
        if block.size < length or length > longest:
            raise damaged
        if end + longest > out.size:
            out = np.concatenate([out, np.empty(out.size + longest, np.uint8)])
        if size & RAW_BLOCK:
            out[end : end + length] = block
            end += length
        else:
            # A block never holds more than its frame says, however large the rest of ``out`` is.
            end = int(decode_lz4(end, block.copy(), out[: end + longest]))
        if end < 0:
            raise damaged
        require_room(path, "a packet", end, limit)
        at += length + 4 * has_block_sum


def zstd_frame(path: Path, data: bytes, limit: int) -> bytes:
    """Return the content of one Zstandard frame, ``limit`` bytes at most; raises InputFileError."""
    library, name = _zstd()
    if library is None:
        raise InputFileError(
            f"{printable(path)}: is compressed with Zstandard, limit none or LZ4 without the "
            "package zstandard. Install it: pip install zstandard."
        )
    with decoding(path, "a recording with whole Zstandard packets", "Copy the file again."):
        if name == "zstandard":
            feed = library.ZstdDecompressor().decompressobj()
        else:
            feed = library.ZstdDecompressor()
        parts, n_bytes = [], 0
        for first in range(0, len(data), FEED):
            parts.append(feed.decompress(data[first : first + FEED]))
            n_bytes += len(parts[-1])
            require_room(path, "a packet", n_bytes, limit)
        if not getattr(feed, "eof", True):  # older packages do not tell
            raise ValueError("ends early")
    return b"".join(parts)


def _zstd() -> tuple[Any, str]:
    """Return the library that unpacks Zstandard, and its name; None where there is none."""
    for name in ZSTD_LIBRARIES:
        try:
            return importlib.import_module(name), name
        except ImportError:
            continue
    return None, ""
