"""Writes recordings: Prophesee DAT, which most tools read, and CSV of spikes on lines."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from distsnn.errors import OutputFileError
from distsnn.events.recording import Events


def write_events(events: Events, path: str | Path) -> None:
    """Write a .dat or a .csv file (time_ms, source: lines of both polarities)."""
    path = Path(path)
    suffix = path.suffix.lower()
    if suffix not in (".dat", ".csv"):
        raise OutputFileError(f"{path}: ends in {suffix!r}, limit .dat or .csv. Choose one.")
    try:
        if suffix == ".dat":
            path.write_bytes(dat_bytes(events))
        else:
            time_ms = (events.t_us - (events.t_us[0] if len(events) else 0)) * 1e-3
            rows = np.column_stack([time_ms, events.lines()])
            np.savetxt(
                path, rows, fmt=("%.3f", "%d"), delimiter=",", header="time_ms,source", comments=""
            )
    except OSError as error:
        raise OutputFileError(
            f"{path}: cannot be written ({error.strerror}). Choose another place."
        ) from error


def dat_bytes(events: Events) -> bytes:
    """Return the bytes of a DAT file, version 2."""
    header = (
        "% Data file containing CD events.\n% Version 2\n"
        f"% Height {events.height}\n% Width {events.width}\n"
    )
    words = np.empty((len(events), 2), dtype="<u4")
    words[:, 0] = events.t_us & 0xFFFFFFFF
    address = events.x.astype(np.uint32) | events.y.astype(np.uint32) << np.uint32(14)
    words[:, 1] = address | events.on.astype(np.uint32) << np.uint32(28)
    return header.encode() + bytes([12, 8]) + words.tobytes()
