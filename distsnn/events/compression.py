"""Compressed packets: LZ4 frames with an own decoder, Zstandard where a decoder is installed.

Source: Y. Collet, "LZ4 frame format description"; RFC 8878 for Zstandard.
"""

from __future__ import annotations

import importlib
from pathlib import Path

import numpy as np

from distsnn.errors import InputFileError
from distsnn.events.bytes_of import fault

LZ4_MAGIC = 0x184D2204
BLOCK_SIZES = {4: 1 << 16, 5: 1 << 18, 6: 1 << 20, 7: 1 << 22}
RAW_BLOCK = 1 << 31
NONE, LZ4, LZ4_HIGH, ZSTD, ZSTD_HIGH = range(5)


def decompress(path: Path, compression: int, data: bytes) -> bytes:
    """Return what was compressed; raises InputFileError."""
    if compression == NONE:
        return data
    if compression in (LZ4, LZ4_HIGH):
        return lz4_frame(path, data)
    if compression in (ZSTD, ZSTD_HIGH):
        return zstd_frame(path, data)
    raise fault(path, f"uses compression {compression}", "0 to 4", "The file is damaged")


def lz4_frame(path: Path, data: bytes) -> bytes:
    """Return the content of one LZ4 frame."""
    damaged = fault(path, "has a damaged LZ4 packet", "whole packets", "Copy the file again")
    if len(data) < 7 or int.from_bytes(data[:4], "little") != LZ4_MAGIC:
        raise damaged
    flags, block_kind = data[4], data[5] >> 4 & 7
    if flags >> 6 != 1 or block_kind not in BLOCK_SIZES:
        raise damaged
    has_size, has_block_sum, has_dictionary = flags >> 3 & 1, flags >> 4 & 1, flags & 1
    at = 6 + 8 * has_size + 4 * has_dictionary + 1
    from distsnn.kernels.lz4 import decode_lz4

    out, end = np.empty(BLOCK_SIZES[block_kind], dtype=np.uint8), 0
    while True:
        size = int.from_bytes(data[at : at + 4], "little")
        if len(data) < at + 4:
            raise damaged
        at += 4
        if size == 0:
            return out[:end].tobytes()
        length = size & (RAW_BLOCK - 1)
        block = np.frombuffer(data[at : at + length], dtype=np.uint8)
        if block.size < length:
            raise damaged
        if end + BLOCK_SIZES[block_kind] > out.size:
            out = np.concatenate([out, np.empty(out.size + BLOCK_SIZES[block_kind], np.uint8)])
        if size & RAW_BLOCK:
            out[end : end + length] = block
            end += length
        else:
            end = int(decode_lz4(end, block.copy(), out))
        if end < 0:
            raise damaged
        at += length + 4 * has_block_sum


def zstd_frame(path: Path, data: bytes) -> bytes:
    """Return the content of one Zstandard frame, by Python 3.14's library or ``zstandard``."""
    for name in ("compression.zstd", "zstandard"):
        try:
            library = importlib.import_module(name)
        except ImportError:
            continue
        try:
            if name == "zstandard":
                return bytes(library.ZstdDecompressor().decompressobj().decompress(data))
            return bytes(library.decompress(data))
        except Exception as error:
            raise fault(
                path, "has a damaged Zstandard packet", "whole packets", "Copy the file again"
            ) from error
    raise InputFileError(
        f"{path}: is compressed with Zstandard, limit none or LZ4 without the package zstandard. "
        "Install it: pip install zstandard."
    )
