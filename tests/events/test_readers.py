"""Every format, written by hand, comes back event for event; damaged files get one line."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent))
import writers

from distsnn.errors import InputFileError
from distsnn.events import read_events
from distsnn.stimuli.spike_files import read_nmnist


def some_events(n, width, height, seed, longest_us, gap=True):
    random = np.random.default_rng(seed)
    t = np.sort(random.integers(0, longest_us, n))
    x, y = random.integers(0, width, n), random.integers(0, height, n)
    on = random.random(n) < 0.5
    return [(int(a), int(b), int(c), bool(d)) for a, b, c, d in zip(t, x, y, on, strict=True)]


def as_list(events):
    rows = zip(events.t_us, events.x, events.y, events.on, strict=True)
    return [(int(t), int(x), int(y), bool(on)) for t, x, y, on in rows]


def refusal(path):
    """Return why a file is refused, nothing where it is read."""
    try:
        read_events(path)
    except InputFileError as error:
        return str(error)
    return ""


def written(path, data):
    path.write_bytes(data)
    return path


def test_nmnist(tmp_path):
    events = some_events(500, 34, 34, 1, 1 << 23)
    found = read_events(written(tmp_path / "a.bin", writers.nmnist(events)))
    assert as_list(found) == events
    assert (found.width, found.height) == (34, 34)


def test_nmnist_is_the_same_as_events_and_as_spikes(tmp_path):
    """Two overflow marks (y 240) within the recording, each of which adds 2^13 us."""
    events = some_events(300, 34, 34, 11, 1 << 13)
    marks = [(0, 0, 240, False)]
    data = writers.nmnist(events[:100] + marks + events[100:200] + marks + events[200:])
    path = written(tmp_path / "a.bin", data)
    found = read_events(path)
    times_ms, sources = read_nmnist(path)
    order = np.argsort(times_ms, kind="stable")
    assert np.array_equal(times_ms[order], found.t_us * 1e-3)
    assert np.array_equal(sources[order], found.channels())
    assert found.t_us[-1] == events[-1][0] + 2 * (1 << 13)


@pytest.mark.parametrize(("version", "width", "height"), [(1, 304, 240), (2, 1280, 720)])
def test_dat(tmp_path, version, width, height):
    events = some_events(500, width, height, 2, 1 << 30)
    data = writers.dat(events, version, (width, height))
    found = read_events(written(tmp_path / "a.dat", data))
    assert as_list(found) == events
    assert (found.width, found.height) == (width, height)


def test_dat_time_goes_on_after_32_bits(tmp_path):
    events = [(2**32 - 5, 1, 2, True), (2**32 + 7, 3, 4, False)]
    found = read_events(written(tmp_path / "a.dat", writers.dat(events)))
    assert as_list(found) == events


def test_evt2(tmp_path):
    events = some_events(800, 1280, 720, 3, 1 << 31)
    found = read_events(written(tmp_path / "a.raw", writers.evt2(events)))
    assert as_list(found) == events
    assert (found.width, found.height) == (1280, 720)


def test_evt3_single_events_over_several_rounds_of_its_clock(tmp_path):
    events = some_events(4000, 1280, 720, 4, 3 << 24)
    found = read_events(written(tmp_path / "a.raw", writers.evt3(events)))
    assert as_list(found) == events


def test_evt3_vectors(tmp_path):
    vectors = [
        (10, 5, True, 100, [(0b101000000001, 12), (0b10000001, 8), (0b1, 12)]),
        (9000, 6, False, 0, [(0xFFF, 12), (0xFF, 8)]),
    ]
    data = writers.evt3([(10, 700, 5, False)], vectors=vectors)
    found = as_list(read_events(written(tmp_path / "a.raw", data)))
    first = [(10, x, 5, True) for x in (100, 109, 111, 112, 119, 120)]
    assert sorted(found) == sorted(
        [(10, 700, 5, False), *first, *((9000, x, 6, False) for x in range(20))]
    )


def test_aedat2(tmp_path):
    events = some_events(300, 128, 128, 5, 1 << 30)
    found = read_events(written(tmp_path / "a.aedat", writers.aedat2(events)))
    assert as_list(found) == events


def test_aedat4_plain_and_lz4(tmp_path):
    events = some_events(250, 346, 260, 6, 1 << 40)
    plain = read_events(written(tmp_path / "a.aedat4", writers.aedat4(events)))
    packed = writers.aedat4(events, compression=1, pack=writers.lz4_frame)
    small = read_events(written(tmp_path / "b.aedat4", packed))
    assert as_list(plain) == events
    assert as_list(small) == events
    assert (plain.width, plain.height) == (346, 260)


def test_lz4_long_runs_and_long_literals(tmp_path):
    from distsnn.events.compression import lz4_frame

    random = np.random.default_rng(7)
    data = b"".join(
        [
            bytes(random.integers(0, 256, 700, dtype=np.uint8)),
            b"\7" * 100_000,
            b"abc" * 90,
            b"end..",
        ]
    )
    assert lz4_frame(tmp_path, writers.lz4_frame(data), len(data)) == data


@pytest.mark.parametrize("cut", [1, 2, 3, 4])
@pytest.mark.parametrize("form", ["nmnist", "dat", "evt2", "evt3", "aedat2", "aedat4"])
def test_truncated_files_are_refused_in_one_line(tmp_path, form, cut):
    names = {"nmnist": "a.bin", "dat": "a.dat", "aedat4": "a.aedat4", "aedat2": "a.aedat"}
    events = some_events(50, 30, 30, 8, 20_000)
    data = getattr(writers, form)(events)
    if form == "evt3" and cut % 2 == 0:
        pytest.skip("a whole word less is a shorter recording")
    if form == "evt2" and cut == 4:
        pytest.skip("a whole word less is a shorter recording")
    path = written(tmp_path / names.get(form, "a.raw"), data[:-cut])
    with pytest.raises(InputFileError) as error:
        read_events(path)
    assert "\n" not in str(error.value)
    assert "limit" in str(error.value) or "must be" in str(error.value)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.png", b"\x89PNG\r\n\x1a\n" + b"\0" * 50),
        ("a.bin", b"\xff" * 50),
        ("a.dat", b"% Version 2\n\x03\x08" + b"\0" * 16),
        ("a.raw", b"% evt 3.0\n% end\n" + b"\xff\x1f" * 8),
        ("a.raw", b"% evt 2.0\n% end\n" + b"\0\0\0\x50" * 8),
        ("a.aedat4", b"#!AER-DAT4.0\r\n" + b"\1" * 40),
        ("a.bin", b""),
        ("a.raw", b"% evt 2.1\n% end\n" + b"\0" * 64),
    ],
)
def test_foreign_files_are_refused_in_one_line(tmp_path, name, data):
    with pytest.raises(InputFileError) as error:
        read_events(written(tmp_path / name, data))
    assert "\n" not in str(error.value)
    assert str(tmp_path / name) in str(error.value)


def test_a_missing_file_and_a_folder(tmp_path):
    for path in (tmp_path / "none.bin", tmp_path):
        with pytest.raises(InputFileError):
            read_events(path)


def test_random_damage_never_gives_a_traceback(tmp_path):
    random = np.random.default_rng(9)
    events = some_events(40, 30, 30, 10, 20_000)
    for form, name in (("aedat4", "a.aedat4"), ("evt3", "a.raw"), ("dat", "a.dat")):
        data = bytearray(getattr(writers, form)(events))
        for _ in range(60):
            broken = bytearray(data)
            for place in random.integers(0, len(data), 4):
                broken[place] = int(random.integers(256))
            message = refusal(written(tmp_path / name, bytes(broken)))
            assert "\n" not in message
