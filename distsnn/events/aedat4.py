"""iniVation's AEDAT 4.0: a line, a header table, then packets (stream, size, compressed table).

Events are structs of 16 bytes: int64 time (us), int16 x, int16 y, bool on. Reading stops at the data
table behind the packets; a packet that ends beyond the file is an error.

Source: iniVation, "AEDAT file formats", version 4, and its published schemas (events.fbs,
IOHeader.fbs).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import numpy as np

from distsnn.events.bytes_of import made, read_recording
from distsnn.events.compression import decompress
from distsnn.events.flat_tables import FlatTable, unpack
from distsnn.events.recording import MAX_PIXELS, Events
from distsnn.input_files.limits import decoding, max_unpacked_bytes, refused

FIRST_LINE = b"#!AER-DAT4.0\r\n"
EVENT = np.dtype(
    {"names": ["t", "x", "y", "on"], "formats": ["<i8", "<i2", "<i2", "u1"],
     "offsets": [0, 8, 10, 12], "itemsize": 16}
)  # fmt: skip
COMPRESSION, TABLE_POSITION, INFO = 0, 1, 2  # fields of the header
ELEMENTS = 0  # field of a packet of events


def read_aedat4(path: Path, stream: int | None = None) -> Events:
    """Return the events of one stream, None: the first that holds events. Raises InputFileError."""
    data = read_recording(path)
    with decoding(path, "AEDAT 4.0 with whole packets", "Copy the file again."):
        return _read(path, data, stream)


def _read(path: Path, data: bytes, stream: int | None) -> Events:
    # After the first line: uint32 size of the header table, the table, then packets.
    at = len(FIRST_LINE)
    (size,) = unpack("<I", data, at)
    header = FlatTable.root(data[at + 4 : at + 4 + size])
    compression = header.scalar(COMPRESSION, "<i")
    text_at, length = header.vector(INFO)
    streams = event_streams(header.buffer[text_at : text_at + length].decode("utf-8"))
    if not streams:
        raise refused(path, "of at least 1 stream of events", "none", "Record the camera's events.")
    chosen = next(iter(streams)) if stream is None else stream
    if chosen not in streams:
        limit = f"asked for one of its streams of events, {sorted(streams)}"
        raise refused(path, limit, stream, "Choose one.")
    end = header.scalar(TABLE_POSITION, "<q", -1)
    end = min(len(data), end) if end > 0 else len(data)
    parts, left = [], max_unpacked_bytes(len(data))
    for packet in _packets(path, data, at + 4 + size, end, chosen):
        events = _events_of(decompress(path, compression, packet, left))
        left -= events.nbytes
        parts.append(events)
    # Column by column, which takes less memory than all packets at once.
    columns = (
        np.concatenate([part[name] for part in parts] or [np.empty(0, dtype=EVENT[name])])
        for name in ("t", "x", "y", "on")
    )
    t_us, x, y, on = columns
    return made(path, t_us, x, y, on != 0, streams[chosen])


def _packets(path: Path, data: bytes, at: int, end: int, stream: int) -> Iterator[bytes]:
    while at < end:
        # Packet: int32 stream, int32 size, then a table of ``size`` bytes, perhaps compressed.
        number, size = unpack("<ii", data, at)
        if size < 0 or at + 8 + size > end:
            raise refused(
                path, "of whole packets", f"{at + 8 + size - end} bytes less",
                "The file is truncated; copy it again.",
            )  # fmt: skip
        if number == stream:
            yield data[at + 8 : at + 8 + size]
        at += 8 + size


def _events_of(packet: bytes) -> np.ndarray:
    # Packet of events: uint32 size, offset of the root table at 4, identifier at 8.
    if packet[8:12] != b"EVTS":
        raise ValueError("not a packet of events")
    start, n = FlatTable.root(packet, 4).vector(ELEMENTS)
    if start + n * EVENT.itemsize > len(packet):
        raise ValueError("events outside the packet")
    return np.frombuffer(packet, dtype=EVENT, count=n, offset=start)


def event_streams(info: str) -> dict[int, tuple[int, int]]:
    """Return width and height of the streams of events by number, 0 if they are not given."""
    sizes = {}
    if "<!" in info:
        raise ValueError("declarations in the header")  # entities could expand to any size
    for node in ElementTree.fromstring(info).iter("node"):
        values = {attr.get("key"): attr.text or "" for attr in node.findall("attr")}
        if values.get("typeIdentifier") != "EVTS":
            continue
        size = {
            str(attr.get("key")): _pixels(attr.text)
            for child in node.findall("node")
            if child.get("name") == "info"
            for attr in child.findall("attr")
            if attr.get("key") in ("sizeX", "sizeY")
        }
        sizes[_number(node.get("name", "0"))] = (size.get("sizeX", 0), size.get("sizeY", 0))
    return sizes


def _pixels(text: str | None) -> int:
    n = _number(text or "0")
    if not 0 <= n <= MAX_PIXELS:
        raise ValueError(f"a camera of {n} pixels")
    return n


def _number(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,9}", text.strip()):
        raise ValueError(f"{text[:20]!r} instead of a whole number")
    return int(text)
