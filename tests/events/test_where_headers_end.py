"""Headers end where their format says, versions are told apart, and what is no pixel is none."""

from __future__ import annotations

import struct
import sys
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent))
import writers

from distsnn.errors import InputFileError
from distsnn.events import evt2, evt3, read_events
from distsnn.stimuli import SpikeSource

DAVIS = b"#!AER-DAT2.0\r\n# AEChip: eu.seebetter.ini.chips.davis.DAVIS240C\r\n"
DVS128 = b"#!AER-DAT2.0\r\n# AEChip: ch.unizh.ini.jaer.chip.retina.DVS128\r\n"
END = b"#End Of ASCII Header\r\n"
EVT2 = b"% evt 2.0\n% system_ID 21\n"
EVT3 = b"% evt 3.0\n% format EVT3;height=720;width=1280\n% end\n"


def read(tmp_path, name, content):
    path = tmp_path / name
    path.write_bytes(content)
    events = read_events(path)
    rows = zip(events.t_us, events.x, events.y, events.on, strict=True)
    return [(int(t), int(x), int(y), int(on)) for t, x, y, on in rows]


def refused(tmp_path, name, content):
    with pytest.raises(InputFileError) as caught:
        read(tmp_path, name, content)
    line = str(caught.value)
    assert line.startswith(str(tmp_path / name))
    assert "\n" not in line
    return line


def davis(*events):
    """x, row from the bottom, on, time."""
    return b"".join(struct.pack(">II", y << 22 | x << 12 | on << 11, t) for x, y, on, t in events)


def test_aedat_1_has_six_bytes_an_event(tmp_path):
    events = [(100, 5, 6, 1), (200, 7, 8, 0), (300, 9, 10, 1), (400, 11, 12, 0)]
    rows = [
        struct.pack(">HI", (127 - y) << 8 | (127 - x) << 1 | (not on), t) for t, x, y, on in events
    ]
    for n in (3, 4):  # 18 bytes are no whole events of version 2, 24 are
        content = b"#!AER-DAT1.0\r\n# a comment\r\n" + b"".join(rows[:n])
        assert read(tmp_path, "a.aedat", content) == events[:n]


def test_the_first_byte_of_data_may_be_that_of_a_header(tmp_path):
    # Row 141 from the bottom of a DAVIS: its address begins with 0x23, which is '#'.
    data = davis((10, 141, 1, 1000), (11, 50, 0, 2000), (10, 40, 1, 3000))
    assert data[:1] == b"#"
    expected = [(1000, 10, 38, 1), (2000, 11, 129, 0), (3000, 10, 139, 1)]
    assert read(tmp_path, "a.aedat", DAVIS + END + data) == expected
    assert read(tmp_path, "b.aedat", DAVIS + data) == expected, "older files do not mark the end"


@pytest.mark.parametrize("end", [b"", b"% end\n"])
def test_the_first_byte_of_evt2_may_be_that_of_a_header(tmp_path, end):
    words = (0x80000125, 1 << 28 | 3 << 22 | 100 << 11 | 200, 9 << 22 | 101 << 11 | 266)
    data = b"".join(struct.pack("<I", word) for word in words)
    assert data[:1] == b"%"
    start = 0x125 << 6
    assert read(tmp_path, "a.raw", EVT2 + end + data) == [
        (start + 3, 100, 200, 1), (start + 9, 101, 266, 0),
    ]  # fmt: skip


def test_special_and_external_events_are_no_pixels(tmp_path):
    addresses = (6 << 8 | 5 << 1, 0x8000, 8 << 8 | 7 << 1 | 1, 0x8000 | 6 << 8, 1 << 31 | 5)
    data = b"".join(struct.pack(">II", a, 100 * k) for k, a in enumerate(addresses))
    assert read(tmp_path, "a.aedat", DVS128 + END + data) == [(0, 122, 121, 1), (200, 120, 119, 0)]


def test_a_chip_that_is_not_known(tmp_path):
    line = refused(
        tmp_path, "a.aedat", b"#!AER-DAT2.0\r\n# AEChip: jaer.CochleaAMS1c\r\n" + bytes(16)
    )
    assert "COCHLEAAMS1C" in line


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.aedat", b"#!AER-DAT3.1\r\n#!END-HEADER\r\n" + bytes(40), "got AEDAT 3.1"),
        ("a.raw", b"% evt 2.1\n% end\n" + bytes(16), "got EVT 2.1"),
        (
            "b.raw",
            b"% evt 2.1\n% format EVT21;height=9;width=9\n% end\n" + bytes(16),
            "got EVT 2.1",
        ),
        ("c.raw", b"% evt 4.0\n% end\n" + bytes(16), "got EVT 4"),
        ("d.raw", b"% evt 2.0\n% geometry 320x99999999\n% end\n" + bytes(16), "320 x 99999999"),
        ("e.dat", b"% Width -5\n% Height 9\n\0\x08" + bytes(8), "'-5' x '9'"),
        ("f.dat", b"% Width 5\n\0\x08" + bytes(8), "'5' x ''"),
    ],
)
def test_other_versions_and_sizes_are_told(tmp_path, name, content, words):
    assert words in refused(tmp_path, name, content)


def test_an_event_outside_of_the_camera_is_told_with_the_file(tmp_path):
    header = b"% evt 2.0\n% geometry 320x240\n% end\n"
    words = struct.pack("<II", 0x80000001, 1 << 28 | 400 << 11 | 5)
    assert "got pixels up to (400, 5)" in refused(tmp_path, "a.raw", header + words)


def test_names_in_a_dat_header_in_any_case(tmp_path):
    head = b"% Data file containing CD events.\n% version 2\n% height 240\n% width 304\n\x0c\x08"
    path = tmp_path / "a.dat"
    path.write_bytes(head + struct.pack("<II", 10, 1 << 28 | 6 << 14 | 5))
    events = read_events(path)
    assert (events.width, events.height) == (304, 240)


def test_evt3_repeats_its_upper_time_without_starting_again(tmp_path):
    words = (0x8001, 0x6064, 0x0005, 0x2007, 0x8001, 0x2009, 0x6065, 0x200B, 0x8002, 0x200C)
    data = b"".join(struct.pack("<H", word) for word in words)
    times = [row[0] for row in read(tmp_path, "a.raw", EVT3 + data)]
    assert times == [4096 + 100, 4096 + 100, 4096 + 101, 8192]


NMNIST = {
    "plain": [(500, 1, 2, 1), (600, 33, 33, 0)],
    "overflow marks": [(8000, 1, 2, 1), (0, 0, 240, 0), (100, 3, 4, 0)],
    "steps back": [(500, 1, 2, 1), (400, 3, 4, 0), (600, 5, 6, 1)],
    "one time": [(500, 1, 2, 1), (500, 1, 2, 1)],
}


@pytest.mark.parametrize("events", NMNIST.values(), ids=NMNIST)
def test_both_ways_to_read_nmnist_agree(tmp_path, events):
    path = tmp_path / "a.bin"
    path.write_bytes(writers.nmnist(events))
    seen, source = read_events(path), SpikeSource.from_nmnist(path)
    assert np.array_equal(np.sort(seen.t_us * 1e-3), np.sort(source.times_ms))
    assert sorted(seen.channels("both").tolist()) == sorted(source.sources.tolist())
    assert len(seen) == sum(y != 240 for _, _, y, _ in events)


def test_both_ways_to_read_nmnist_refuse_the_same(tmp_path):
    path = tmp_path / "a.bin"
    for content in (b"", bytes([40, 2, 0, 0, 5]), bytes([2, 40, 0, 0, 5]), bytes(7)):
        path.write_bytes(content)
        for read_one in (read_events, SpikeSource.from_nmnist):
            with pytest.raises(InputFileError, match=r"a\.bin"):
                read_one(path)


def test_negative_pixels_do_not_wrap(tmp_path):
    for event in ((5, -1, 3, True), (5, 3, -2, True), (5, 346, 3, True)):
        refused(tmp_path, "a.aedat4", writers.aedat4([(4, 1, 1, False), event]))


def test_a_header_that_declares_entities(tmp_path):
    content = writers.aedat4([(4, 1, 1, False)])
    bomb = content.replace(b'<dv version="2.0">', b"<!DOCTYPE d []>   ")
    assert bomb != content
    assert "declarations" in refused(tmp_path, "a.aedat4", bomb)


@pytest.mark.parametrize("at_once", [1, 7, 100])
def test_words_are_read_the_same_in_pieces_of_any_size(tmp_path, monkeypatch, at_once):
    """The state of a recording goes on from piece to piece."""
    rng = np.random.default_rng(3)
    kinds = rng.choice([0, 2, 3, 4, 5, 6, 8, 10], 3000, p=[0.1, 0.2, 0.2, 0.1, 0.1, 0.1, 0.1, 0.1])
    values = rng.integers(0, 4096, 3000) & np.where(kinds == 3, 0x8FF, 0xFFF)
    contents = {
        "a.raw": EVT3.split(b"\n")[0] + b"\n% end\n" + (kinds << 12 | values).astype("<u2").tobytes(),
        "b.raw": EVT2 + b"% end\n" + (rng.choice([0, 1, 8, 10], 800) << 28
                                      | rng.integers(0, 1 << 28, 800)).astype("<u4").tobytes(),
    }  # fmt: skip
    for name, content in contents.items():
        whole = read(tmp_path, name, content)
        assert len(whole) > 300
        with monkeypatch.context() as patch:
            for module in (evt2, evt3):
                patch.setattr(module, "AT_ONCE", at_once)
            assert read(tmp_path, name, content) == whole


@pytest.mark.parametrize("form", ["nmnist", "dat", "evt2", "evt3", "aedat2", "aedat4"])
def test_a_recording_takes_little_more_memory_than_its_events(tmp_path, form, monkeypatch):
    """At most ten times the file, besides the room that every file has."""
    n = 60_000
    rows = [(k, k % 34, k % 30, k % 3 == 0) for k in range(n)]
    name = {"nmnist": "a.bin", "dat": "a.dat", "aedat2": "a.aedat", "aedat4": "a.aedat4"}
    options = {"per_packet": 10_000} if form == "aedat4" else {}
    path = tmp_path / name.get(form, "a.raw")
    path.write_bytes(getattr(writers, form)(rows, **options))
    for module in (evt2, evt3):
        monkeypatch.setattr(module, "AT_ONCE", 1 << 12)
    read_events(path)
    tracemalloc.start()
    assert len(read_events(path)) == n
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    # EVT 3.0 takes 2 to 4 bytes for an event of 13.
    per_file = 20 if form == "evt3" else 10
    assert peak < per_file * path.stat().st_size
