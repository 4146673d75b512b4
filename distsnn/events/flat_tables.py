"""The part of the FlatBuffers format that AEDAT 4 needs, with checked bounds.

A table begins with an int32: the distance back to its vtable. A vtable is uint16 numbers: its size,
the size of the table, then the offset of each field in the table, 0 for a missing field.

Source: "FlatBuffers internals", flatbuffers.dev.
"""

from __future__ import annotations

import struct


class FlatTable:
    """A table inside a buffer. Raises ValueError for positions outside the buffer."""

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
        """Return the number at a position, of a kind of ``struct``."""
        return int(unpack(kind, self.buffer, position)[0])

    def position_of(self, field: int) -> int:
        """Return the position of a field, 0 if the table lacks it."""
        # vtable: uint16 size of itself, uint16 size of the table, then one offset per field.
        slot = 4 + 2 * field
        if slot + 2 > self.n_bytes:
            return 0
        offset = self.number(self.fields + slot, "<H")
        return self.position + offset if offset else 0

    def scalar(self, field: int, kind: str, default: int = 0) -> int:
        """Return a field that is a number."""
        position = self.position_of(field)
        return self.number(position, kind) if position else default

    def vector(self, field: int) -> tuple[int, int]:
        """Return the position and the number of entries of a field that is a vector or a string."""
        position = self.position_of(field)
        if not position:
            return 0, 0
        # A vector field is an offset to uint32 n, followed by n entries.
        at = position + self.number(position, "<I")
        return at + 4, self.number(at, "<I")


def unpack(kind: str, buffer: bytes, position: int) -> tuple[int, ...]:
    """Return what struct.unpack_from does; raise ValueError outside the buffer."""
    if position < 0 or position + struct.calcsize(kind) > len(buffer):
        raise ValueError("a position outside the buffer")
    return struct.unpack_from(kind, buffer, position)
