"""Writes recordings: Prophesee DAT, which most tools read, and CSV of spikes on channels."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import numpy as np

from distsnn.checks import file_path, instance, must_be
from distsnn.errors import OutputFileError, UsageError
from distsnn.events.recording import Events
from distsnn.outputs import write_file

FORMATS = (".dat", ".csv")

DAT_PIXEL_BITS = 14
MAX_DAT_PIXELS = 1 << DAT_PIXEL_BITS


def write_events(events: Events, path: str | Path) -> None:
    """Write a .dat or a .csv file (time_ms, source: channel of both polarities)."""
    instance("write_events: events", events, Events)
    path = file_path("write_events: path", path, error=OutputFileError)
    require_events_format(path)
    is_dat = path.suffix.lower() == ".dat"
    write_file(path, dat_bytes(events) if is_dat else csv_bytes(events))


def require_events_format(path: Path) -> None:
    """Raise OutputFileError unless the name of a file ends in one of ``FORMATS``."""
    if path.suffix.lower() not in FORMATS:
        got = path.suffix or "no ending"
        raise OutputFileError(
            f"output {path}: must end in one of {', '.join(FORMATS)}, got {got}. Rename it."
        )


def csv_bytes(events: Events) -> bytes:
    """Return the text of a CSV file of spikes: time_ms from the first event on, source."""
    time_ms = (events.t_us - (events.t_us[0] if len(events) else 0)) * 1e-3
    rows = np.column_stack([time_ms, events.channels()])
    text = StringIO()
    np.savetxt(text, rows, fmt=("%.3f", "%d"), delimiter=",", header="time_ms,source", comments="")
    return text.getvalue().encode()


def dat_bytes(events: Events) -> bytes:
    """Return the bytes of a DAT file, version 2. Raises UsageError for pixels beyond its 14 bits."""
    if max(events.width, events.height) > MAX_DAT_PIXELS:
        got = f"{events.width} x {events.height}"
        limit = f"of at most {MAX_DAT_PIXELS} pixels along a side, as DAT files hold"
        raise UsageError(
            must_be("events to write", limit, got, "Make them coarser, or write .csv.")
        )
    header = (
        "% Data file containing CD events.\n% Version 2\n"
        f"% Height {events.height}\n% Width {events.width}\n"
    )
    # Two words per event: time (us), then x 14 bits, y 14 bits, polarity 4 bits.
    words = np.empty((len(events), 2), dtype="<u4")
    words[:, 0] = events.t_us & 0xFFFFFFFF
    address = events.x.astype(np.uint32) | events.y.astype(np.uint32) << np.uint32(DAT_PIXEL_BITS)
    words[:, 1] = address | events.on.astype(np.uint32) << np.uint32(28)
    return header.encode() + bytes([12, 8]) + words.tobytes()
