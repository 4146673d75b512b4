"""The little of the FlatBuffers format that AEDAT 4 needs, with checked bounds.

A table begins with the distance back to its list of fields; that list says where each field lies.

Source: "FlatBuffers internals", flatbuffers.dev.
"""

from __future__ import annotations

import struct


class FlatTable:
    """A table inside a buffer. Raises ValueError where a place lies outside."""

    def __init__(self, buffer: bytes, position: int) -> None:
        self.buffer = buffer
        self.position = position
        fields = position - self.number(position, "<i")
        self.fields = fields
        self.n_bytes = self.number(fields, "<H")

    @classmethod
    def root(cls, buffer: bytes, start: int = 0) -> FlatTable:
        """Return the buffer's outermost table."""
        (offset,) = unpack("<I", buffer, start)
        return cls(buffer, start + offset)

    def number(self, position: int, kind: str) -> int:
        """Return the number of a struct kind at a place."""
        return int(unpack(kind, self.buffer, position)[0])

    def place(self, field: int) -> int:
        """Return where a field lies, 0 where the table lacks it."""
        slot = 4 + 2 * field
        if slot + 2 > self.n_bytes:
            return 0
        offset = self.number(self.fields + slot, "<H")
        return self.position + offset if offset else 0

    def scalar(self, field: int, kind: str, default: int = 0) -> int:
        """Return a number field."""
        place = self.place(field)
        return self.number(place, kind) if place else default

    def vector(self, field: int) -> tuple[int, int]:
        """Return the place and the number of entries of a vector or string field."""
        place = self.place(field)
        if not place:
            return 0, 0
        at = place + self.number(place, "<I")
        return at + 4, self.number(at, "<I")


def unpack(kind: str, buffer: bytes, position: int) -> tuple[int, ...]:
    """struct.unpack_from that raises ValueError outside the buffer."""
    if position < 0 or position + struct.calcsize(kind) > len(buffer):
        raise ValueError("place outside the buffer")
    return struct.unpack_from(kind, buffer, position)
