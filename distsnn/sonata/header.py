"""What every HDF5 file of the format begins with."""

from __future__ import annotations

from typing import Any

import numpy as np

MAGIC, VERSION = 0x0A7A, (0, 1)


def write_header(file: Any) -> None:
    """Write the attributes by which programs know the format."""
    file.attrs["magic"] = np.uint32(MAGIC)
    file.attrs["version"] = np.array(VERSION, dtype=np.uint32)
