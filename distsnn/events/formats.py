"""Finds out what kind of recording a file is, and reads it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from distsnn.errors import InputFileError
from distsnn.events.aedat2 import read_aedat2
from distsnn.events.aedat4 import FIRST_LINE, read_aedat4
from distsnn.events.bytes_of import header_lines
from distsnn.events.dat import read_dat
from distsnn.events.evt2 import read_evt2
from distsnn.events.evt3 import read_evt3
from distsnn.events.nmnist import read_nmnist
from distsnn.events.recording import Events

FORMATS: dict[str, Callable[[Path], Events]] = {
    "nmnist": read_nmnist,
    "dat": read_dat,
    "aedat2": read_aedat2,
    "aedat4": read_aedat4,
    "evt2": read_evt2,
    "evt3": read_evt3,
}
HEAD = 4096


def read_events(path: str | Path, form: str | None = None) -> Events:
    """Return the events of a file.

    form: one of ``FORMATS``; None finds it out from the file's first bytes, then its name. Raises
    InputFileError for a file that is missing, of another kind, or truncated.
    """
    path = Path(path)
    form = form or format_of(path)
    if form not in FORMATS:
        raise InputFileError(
            f"{path}: format {form!r}, limit {', '.join(FORMATS)}. Choose one of these."
        )
    events = FORMATS[form](path)
    if not len(events):
        raise InputFileError(f"{path}: has 0 events, limit at least 1. Give another recording.")
    return events


def format_of(path: Path) -> str:
    """Return the name of a file's format; raises InputFileError."""
    if path.is_dir():
        raise InputFileError(f"{path}: is a folder, limit one recording. Name a file in it.")
    try:
        with path.open("rb") as file:
            head = file.read(HEAD)
    except OSError as error:
        reason = error.strerror or str(error)
        raise InputFileError(f"{path}: cannot be read ({reason}). Check the name.") from error
    if head.startswith(FIRST_LINE[:12]):
        return "aedat4"
    if head.startswith((b"#!AER-DAT2.0", b"#!AER-DAT1.0")):
        return "aedat2"
    if head.startswith(b"%"):
        return _prophesee(head, path)
    if path.suffix.lower() == ".bin" and len(head) >= 5:
        return "nmnist"
    raise InputFileError(
        f"{path}: is no known recording, limit {', '.join(FORMATS)}. "
        "Convert it, or name its format."
    )


def _prophesee(head: bytes, path: Path) -> str:
    lines, _ = header_lines(head, b"%")
    text = "\n".join(lines).upper()
    if "EVT 3.0" in text or "EVT3" in text:
        return "evt3"
    if "EVT 2.0" in text or "EVT2" in text:
        if "EVT 2.1" in text or "EVT21" in text:
            raise InputFileError(
                f"{path}: is EVT 2.1, limit {', '.join(FORMATS)}. Convert it to EVT 3.0."
            )
        return "evt2"
    return "evt3" if path.suffix.lower() == ".raw" else "dat"
