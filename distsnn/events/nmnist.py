"""N-MNIST recordings as events; ``input_files/nmnist.py`` decodes the format."""

from __future__ import annotations

from pathlib import Path

from distsnn.events.bytes_of import made
from distsnn.events.recording import Events
from distsnn.input_files.nmnist import SIZE, read_nmnist_arrays


def read_nmnist(path: Path, width: int = SIZE, height: int = SIZE) -> Events:
    """Return the events of a recording. Raises InputFileError."""
    return made(path, *read_nmnist_arrays(path, width, height), (width, height))
