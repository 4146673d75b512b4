"""Recognises the format of a recording, and reads it."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from distsnn.checks import choice
from distsnn.errors import InputFileError
from distsnn.events.aedat2 import read_aedat1, read_aedat2
from distsnn.events.aedat4 import FIRST_LINE, read_aedat4
from distsnn.events.bytes_of import header_lines, without_pixel_events
from distsnn.events.dat import read_dat
from distsnn.events.evt2 import read_evt2
from distsnn.events.evt3 import read_evt3
from distsnn.events.nmnist import read_nmnist
from distsnn.events.recording import Events
from distsnn.input_files.limits import as_path, printable, refused
from distsnn.input_files.whole import read_bytes

FORMATS: dict[str, Callable[[Path], Events]] = {
    "nmnist": read_nmnist,
    "dat": read_dat,
    "aedat1": read_aedat1,
    "aedat2": read_aedat2,
    "aedat4": read_aedat4,
    "evt2": read_evt2,
    "evt3": read_evt3,
}
HEAD = 1 << 16  # bytes that hold a header
AEDAT = b"#!AER-DAT"
AEDAT_VERSIONS = {"1.0": "aedat1", "2.0": "aedat2"}


def read_events(path: str | Path, form: str | None = None) -> Events:
    """Return the events of a file.

    form: one of ``FORMATS``; None recognises it by the first bytes of the file, then its name. Raises
    InputFileError for a file that is missing, of another kind, or truncated.
    """
    path = as_path(path)
    if form is not None:
        choice(f"{printable(path)}: form", form, list(FORMATS), error=InputFileError)
    form = form or format_of(path)
    events = FORMATS[form](path)
    if not len(events):
        raise without_pixel_events(path)
    return events


def format_of(path: Path) -> str:
    """Return the name of the format of a file. Raises InputFileError."""
    head = read_bytes(path, HEAD)
    if head.startswith(FIRST_LINE[:12]):
        return "aedat4"
    if head.startswith(AEDAT):
        version = head[len(AEDAT) :].split(b"\n", 1)[0].decode("latin-1").strip()[:8]
        if version not in AEDAT_VERSIONS:
            raise _unknown(path, f"AEDAT {version}", "Convert it to AEDAT 4.")
        return AEDAT_VERSIONS[version]
    if head.startswith(b"% "):
        return _prophesee(head, path)
    if path.suffix.lower() == ".bin" and len(head) >= 5:
        return "nmnist"
    raise _unknown(path, "another format", "Convert it, or name its format.")


def _unknown(path: Path, got: str, remedy: str) -> InputFileError:
    return refused(path, f"a recording of one of the formats {', '.join(FORMATS)}", got, remedy)


def _prophesee(head: bytes, path: Path) -> str:
    lines, _ = header_lines(head, b"% ", "end")
    matches = (re.match(r"(?:format )?EVT ?([0-9.]+)", line, re.IGNORECASE) for line in lines)
    # "evt 2.1" and "format EVT21" are the same version.
    digits = {match[1].replace(".", "") for match in matches if match}
    versions = {text[0] if text[1:] == "0" else ".".join(text) for text in digits}
    if not versions:
        return "evt3" if path.suffix.lower() == ".raw" else "dat"
    if versions not in ({"2"}, {"3"}):
        got = f"EVT {' and '.join(sorted(versions))}"
        raise _unknown(path, got, "Convert it to EVT 3.0.")
    return f"evt{versions.pop()}"
