"""Compressed packets: LZ4 frames, and Zstandard frames if a decoder is installed."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

from distsnn.input_files.limits import decoding, refused, require_room

NONE, LZ4, LZ4_HIGH, ZSTD, ZSTD_HIGH = range(5)
ZSTD_LIBRARIES = ("compression.zstd", "zstandard")  # the module of Python 3.14, and a package
FEED = 1 << 12  # compressed bytes per call, which unpack to some hundred megabytes at most


def decompress(path: Path, compression: int, data: bytes, limit: int) -> bytes:
    """Return the uncompressed data, ``limit`` bytes at most. Raises InputFileError."""
    if compression == NONE:
        return data
    if compression in (LZ4, LZ4_HIGH):
        return lz4_frame(path, data, limit)
    if compression in (ZSTD, ZSTD_HIGH):
        return zstd_frame(path, data, limit)
    raise refused(path, "of compression 0 to 4", compression, "The file is damaged.")


def lz4_frame(path: Path, data: bytes, limit: int) -> bytes:
    """Return the content of one LZ4 frame, ``limit`` bytes at most. Raises InputFileError."""
    from lz4.frame import LZ4FrameDecompressor

    with decoding(path, "a recording with whole LZ4 packets", "Copy the file again."):
        decompressor = LZ4FrameDecompressor()
        content: bytes = decompressor.decompress(data, max_length=limit + 1)
        require_room(path, "a packet", len(content), limit)
        if not decompressor.eof:
            raise ValueError("ends early")
    return content


def zstd_frame(path: Path, data: bytes, limit: int) -> bytes:
    """Return the content of one Zstandard frame, ``limit`` bytes at most. Raises InputFileError."""
    library, name = _zstd()
    if library is None:
        raise refused(
            path, "uncompressed or of LZ4 without the package zstandard", "Zstandard",
            "Install it: pip install zstandard.",
        )  # fmt: skip
    with decoding(path, "a recording with whole Zstandard packets", "Copy the file again."):
        if name == "zstandard":
            feed = library.ZstdDecompressor().decompressobj()
        else:
            feed = library.ZstdDecompressor()
        parts, n_bytes = [], 0
        for first in range(0, len(data), FEED):
            # In small portions: a short input may unpack to more than the memory holds.
            parts.append(feed.decompress(data[first : first + FEED]))
            n_bytes += len(parts[-1])
            require_room(path, "a packet", n_bytes, limit)
        if not feed.eof:  # the package has it since 0.19
            raise ValueError("ends early")
    return b"".join(parts)


def _zstd() -> tuple[Any, str]:
    """Return the first installed library for Zstandard and its name, or None and ""."""
    for name in ZSTD_LIBRARIES:
        try:
            return importlib.import_module(name), name
        except ImportError:
            continue
    return None, ""
