"""What is in a file, as bytes in memory.

Libraries that write files themselves fail in their own ways on a full disk: HDF5 crashes at exit on a
file that it could not close. So they write into memory, and only ``write_file`` writes to the disk.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from distsnn.errors import UsageError
from distsnn.outputs.files import write_file

if TYPE_CHECKING:
    from matplotlib.figure import Figure

PICTURE_FORMATS = (".png", ".pdf", ".svg")
AUTHOR = "distsnn"  # in a picture's description, by which it is known as the product's own


def json_bytes(content: Any) -> bytes:
    """Return JSON text with a newline at its end."""
    return (json.dumps(content, indent=1, allow_nan=False) + "\n").encode()


def npz_bytes(arrays: Mapping[str, np.ndarray]) -> memoryview:
    """Return an uncompressed npz file of named arrays."""
    buffer = BytesIO()
    np.savez(buffer, **arrays)  # type: ignore[arg-type]
    return buffer.getbuffer()


def hdf5_bytes(fill: Callable[[Any], None]) -> memoryview:
    """Return the HDF5 file that ``fill`` puts its groups into."""
    import h5py

    buffer = BytesIO()
    with h5py.File(buffer, "w", track_order=True) as file:
        fill(file)
    return buffer.getbuffer()


def save_figure(figure: Figure, path: str | os.PathLike[str], dpi: int = 130) -> None:
    """Write a matplotlib figure as PNG, PDF or SVG, as the name ends.

    Raises UsageError for a format that is not drawn, OutputFileError for a place that cannot be
    written.
    """
    path = Path(path)
    kind = require_picture_format(path)[1:]
    description = {
        "png": {"Software": AUTHOR},
        "pdf": {"Creator": AUTHOR, "CreationDate": None},
        "svg": {"Creator": AUTHOR, "Date": None},
    }
    buffer = BytesIO()
    figure.savefig(buffer, format=kind, dpi=dpi, metadata=description[kind])
    write_file(path, buffer.getbuffer())


def require_picture_format(path: Path) -> str:
    """Return the ending of a picture's name; raise UsageError for a format that is not drawn."""
    suffix = path.suffix.lower()
    if suffix not in PICTURE_FORMATS:
        limit = ", ".join(PICTURE_FORMATS)
        got = path.suffix or "no ending"
        raise UsageError(f"picture {path}: must end in one of {limit}, got {got}. Rename it.")
    return suffix


def is_own_picture(path: Path) -> bool:
    """Return whether a file is a picture that this product has drawn. A missing file is not."""
    try:
        with open(path, "rb") as file:
            head = file.read(4096)
            file.seek(max(0, os.fstat(file.fileno()).st_size - 4096))
            tail = file.read(4096)
    except OSError:
        return False
    is_picture = head.startswith((b"\x89PNG", b"%PDF", b"<?xml"))
    return is_picture and AUTHOR.encode() in head + tail
