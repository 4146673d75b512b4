"""Writes recordings bit by bit, from the formats' descriptions, sharing no code with the readers."""

from __future__ import annotations

import struct


def nmnist(events):
    """40 bits per event, put together as one big-endian number."""
    out = b""
    for t, x, y, on in events:
        word = (x << 32) | (y << 24) | (int(on) << 23) | t
        out += word.to_bytes(5, "big")
    return out


def dat(events, version=2, size=None):
    head = f"% Data file containing Event2D events.\n% Version {version}\n"
    if size:
        head += f"% Width {size[0]}\n% Height {size[1]}\n"
    out = head.encode() + b"\x00\x08"
    for t, x, y, on in events:
        if version == 2:
            address = x + y * 2**14 + int(on) * 2**28
        else:
            address = x + y * 2**9 + int(on) * 2**17
        out += struct.pack("<II", t % 2**32, address)
    return out


def evt2(events, size=(1280, 720)):
    out = f"% evt 2.0\n% geometry {size[0]}x{size[1]}\n% end\n".encode()
    high = None
    for t, x, y, on in events:
        if t // 64 != high:
            high = t // 64
            out += struct.pack("<I", 0x80000000 + high % 2**28)
        out += struct.pack("<I", int(on) * 2**28 + (t % 64) * 2**22 + x * 2**11 + y)
    return out + struct.pack("<I", 0xA0000000)


def evt3(events, size=(1280, 720), vectors=()):
    """vectors: (time, y, on, base x, [12-bit mask or 8-bit mask with its width, ...])."""
    out = f"% evt 3.0\n% format EVT3;height={size[1]};width={size[0]}\n% end\n".encode()
    rows = [(t, y, on, x, None) for t, x, y, on in events] + list(vectors)
    high = low = row_y = None
    for t, y, on, x, masks in sorted(rows, key=lambda row: row[0]):
        if t // 4096 != high:
            high, low = t // 4096, None
            out += struct.pack("<H", 0x8000 + high % 4096)
        if t % 4096 != low:
            low = t % 4096
            out += struct.pack("<H", 0x6000 + low)
        if y != row_y:
            row_y = y
            out += struct.pack("<H", y)
        if masks is None:
            out += struct.pack("<H", 0x2000 + int(on) * 2048 + x)
            continue
        out += struct.pack("<H", 0x3000 + int(on) * 2048 + x)
        for mask, width in masks:
            out += struct.pack("<H", (0x4000 if width == 12 else 0x5000) + mask)
    return out


def aedat2(events):
    """DVS128; x to the left, y from the bottom, bit 0 set for OFF."""
    out = b"#!AER-DAT2.0\r\n# a comment\r\n"
    for t, x, y, on in events:
        address = ((127 - y) << 8) | ((127 - x) << 1) | (0 if on else 1)
        out += struct.pack(">II", address, t)
    return out


def table(fields):
    """A flat table with inline fields: list of (format, value) or None; returns bytes, places."""
    n = len(fields)
    vtable_size = 4 + 2 * n
    body, offsets = b"", []
    at = 4
    for field in fields:
        if field is None:
            offsets.append(0)
            continue
        form, value = field
        size = struct.calcsize(form)
        pad = -at % size
        body += b"\0" * pad
        at += pad
        offsets.append(at)
        body += struct.pack("<" + form, value)
        at += size
    vtable = struct.pack(f"<HH{n}H", vtable_size, at, *offsets)
    vtable += b"\0" * (-len(vtable) % 4)
    return vtable, struct.pack("<i", len(vtable)) + body, offsets


def with_pointer(identifier, fields, pointer_field, tail, align=8):
    """A buffer whose root table has one field that points to ``tail``, laid behind the table."""
    fields = list(fields)
    fields[pointer_field] = ("I", 0)
    vtable, body, offsets = table(fields)
    start = 8 + len(vtable)
    pointer = start + offsets[pointer_field]
    tail_at = start + len(body)
    tail_at += -(tail_at + 4) % align
    buffer = struct.pack("<I", start) + identifier + vtable + body
    buffer += b"\0" * (tail_at - len(buffer)) + tail
    return buffer[:pointer] + struct.pack("<I", tail_at - pointer) + buffer[pointer + 4 :]


def aedat4(events, size=(346, 260), compression=0, pack=None, per_packet=100):
    """pack: compresses one packet."""
    info = (
        '<dv version="2.0"><node name="outInfo" path="/outInfo/">'
        '<node name="0"><attr key="typeIdentifier" type="string">EVTS</attr><node name="info">'
        f'<attr key="sizeX" type="int">{size[0]}</attr>'
        f'<attr key="sizeY" type="int">{size[1]}</attr></node></node>'
        '<node name="1"><attr key="typeIdentifier" type="string">FRME</attr></node></node></dv>'
    ).encode()
    text = struct.pack("<I", len(info)) + info + b"\0"
    header = with_pointer(b"IOHE", [("i", compression), None, None], 2, text)
    out = b"#!AER-DAT4.0\r\n" + struct.pack("<I", len(header)) + header
    for first in range(0, len(events), per_packet):
        part = events[first : first + per_packet]
        rows = b"".join(struct.pack("<qhhB3x", t, x, y, int(on)) for t, x, y, on in part)
        packet = with_pointer(b"EVTS", [None], 0, struct.pack("<I", len(part)) + rows, 8)
        packet = struct.pack("<I", len(packet)) + packet
        packet = pack(packet) if pack else packet
        out += struct.pack("<ii", 0, len(packet)) + packet
        out += struct.pack("<ii", 1, 3) + b"abc"  # another stream's packet in between
    return out


def lz4_frame(data, block=1 << 16):
    """An LZ4 frame of literals and of runs: each run of equal bytes becomes an overlapping match."""
    out = struct.pack("<IBBB", 0x184D2204, 0x60, 0x40, 0x82)  # the last: checksum
    for first in range(0, len(data), block):
        packed = lz4_block(data[first : first + block])
        out += struct.pack("<I", len(packed)) + packed
    return out + struct.pack("<I", 0)


def lz4_block(data):
    out, literals, at = b"", b"", 0
    while at < len(data):
        run = 1
        while at + run < len(data) and data[at + run] == data[at]:
            run += 1
        run = min(run, len(data) - 5 - at)  # a block ends in at least 5 literals
        if run >= 6:
            literals += data[at : at + 1]
            out += _sequence(literals, run - 1)
            literals, at = b"", at + run
        else:
            literals += data[at : at + 1]
            at += 1
    return out + _sequence(literals, None)


def _sequence(literals, match):
    def extra(n):
        return b"" if n < 15 else b"\xff" * ((n - 15) // 255) + bytes([(n - 15) % 255])

    code = 0 if match is None else match - 4
    token = bytes([(min(len(literals), 15) << 4) | min(code, 15)])
    out = token + extra(len(literals)) + literals
    return out if match is None else out + struct.pack("<H", 1) + extra(code)
