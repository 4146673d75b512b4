"""Whole files: as bytes, unpacked from gzip, as text, JSON or TOML."""

from __future__ import annotations

import gzip
import io
import json
import sys
from pathlib import Path
from typing import Any

from distsnn.input_files.limits import decoding, max_unpacked_bytes, refused, size_of

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

GZIP_MAGIC = b"\x1f\x8b"
AT_ONCE = 1 << 20  # bytes
MAX_TEXT_BYTES = 1 << 26  # of settings and reports


def read_bytes(path: str | Path, n_first: int | None = None) -> bytes:
    """Return the bytes of a file, or only the first ``n_first``. Raises InputFileError."""
    size = size_of(path, None if n_first is None else sys.maxsize)
    # At most as many as its size: some files of the system never end.
    n_bytes = size if n_first is None else min(size, n_first)
    remedy = "Check the path and its permissions."
    with decoding(path, "a readable file", remedy), open(path, "rb") as file:
        return file.read(n_bytes)


def gunzipped(path: str | Path, content: bytes, n_first: int | None = None) -> bytes | bytearray:
    """Return bytes as they are or, if they are gzip, unpacked. Raises InputFileError."""
    if content[:2] != GZIP_MAGIC:
        return content if n_first is None else content[:n_first]
    limit = max_unpacked_bytes(len(content))
    unpacked = bytearray()
    with decoding(path, "a whole gzip file", "Fetch it again."):
        file = gzip.GzipFile(fileobj=io.BytesIO(content))
        while n_first is None or len(unpacked) < n_first:
            part = file.read(AT_ONCE if n_first is None else n_first - len(unpacked))
            unpacked += part
            if not part:
                break
            if len(unpacked) > limit:
                raise refused(
                    path, f"gzip that unpacks to at most {limit} bytes", "more",
                    "Unpack it with gunzip.",
                )  # fmt: skip
    return unpacked


def read_text(path: str | Path) -> str:
    """Return a text file. Raises InputFileError."""
    size_of(path, MAX_TEXT_BYTES)
    with decoding(path, "text in UTF-8", "Correct it."):
        return read_bytes(path).decode("utf-8")


def read_json(path: str | Path) -> dict[str, Any]:
    """Return a JSON file that holds an object of finite numbers. Raises InputFileError."""
    text = read_text(path)
    with decoding(path, "JSON"):
        content = json.loads(text, parse_constant=_no_number)
    if not isinstance(content, dict):
        raise refused(path, "a JSON object", type(content).__name__, "Write it again.")
    return content


def _no_number(name: str) -> None:
    raise ValueError(f"{name}, which is not a number")


def read_toml(path: str | Path) -> dict[str, Any]:
    """Return a TOML file. Raises InputFileError."""
    text = read_text(path)
    with decoding(path, "TOML", "Correct it."):
        return tomllib.loads(text)
