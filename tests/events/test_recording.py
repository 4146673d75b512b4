"""Down-sampling, cutting and lines of a recording."""

from __future__ import annotations

import numpy as np
import pytest

from distsnn.errors import UsageError
from distsnn.events import Events, draw_events
from distsnn.events.writing import dat_bytes, write_events


@pytest.fixture
def events():
    random = np.random.default_rng(1)
    n = 3000
    return Events.of(
        random.integers(5000, 300_000, n), random.integers(0, 34, n), random.integers(0, 30, n),
        random.random(n) < 0.4, 34, 30,
    )  # fmt: skip


def test_events_are_sorted_and_keep_their_pixels(events):
    assert (np.diff(events.t_us) >= 0).all()
    assert events.x.max() == 33
    assert events.y.max() == 29


def test_coarser_pixels_keep_every_event(events):
    coarse = events.thinned(4)
    assert (coarse.width, coarse.height) == (9, 8)
    assert len(coarse) == len(events)
    assert (coarse.x == events.x // 4).all()


def test_coarser_time_keeps_one_event_per_pixel_polarity_and_interval(events):
    coarse = events.thinned(2, 10_000)
    expected = {
        (t // 10_000 * 10_000, x // 2, y // 2, on)
        for t, x, y, on in zip(
            events.t_us.tolist(), events.x.tolist(), events.y.tolist(), events.on.tolist(),
            strict=True,
        )
    }  # fmt: skip
    found = list(zip(coarse.t_us, coarse.x, coarse.y, coarse.on, strict=True))
    assert len(found) == len(expected)
    assert {(int(t), int(x), int(y), bool(on)) for t, x, y, on in found} == expected


def test_lines_are_a_numbering_of_pixels_and_polarities(events):
    both, merged = events.channels(), events.channels("merged")
    assert events.n_channels() == 2 * 34 * 30
    assert both.max() < events.n_channels()
    assert (both % (34 * 30) == merged).all()
    assert ((both >= 34 * 30) == events.on).all()
    assert len(events.of_polarity("on")) + len(events.of_polarity("off")) == len(events)


def test_cutting(events):
    part = events.cropped(10, 5, 8, 8)
    inside = (events.x >= 10) & (events.x < 18) & (events.y >= 5) & (events.y < 13)
    assert len(part) == inside.sum()
    assert part.x.max() < 8
    early = events.between(0, 100)
    assert len(early) == (events.t_us - events.t_us[0] < 100_000).sum()


def test_steps_begin_with_the_first_event(events):
    step = events.steps(1.0)
    assert step[0] == 0
    assert (step == (events.t_us - events.t_us[0]) // 1000).all()


@pytest.mark.parametrize(
    "call",
    [
        lambda e: e.thinned(0),
        lambda e: e.cropped(30, 0, 10, 10),
        lambda e: e.between(5, 5),
        lambda e: e.channels("blue"),
        lambda e: Events.of([0], [9], [0], [True], 5, 5),
    ],
)
def test_what_makes_no_sense_is_refused(events, call):
    with pytest.raises(UsageError):
        call(events)


def test_dat_written_is_read_again(events, tmp_path):
    from distsnn.events import read_events

    path = tmp_path / "a.dat"
    write_events(events, path)
    found = read_events(path)
    assert path.read_bytes() == dat_bytes(events)
    for name in ("t_us", "x", "y", "on"):
        assert (getattr(found, name) == getattr(events, name)).all()


def columns(n=3, **changes):
    """Return arguments of ``Events`` that are right, but for the changes."""
    right = {
        "t_us": np.arange(n), "x": np.arange(n, dtype=np.uint16), "y": np.zeros(n, np.uint16),
        "on": np.ones(n, bool), "width": 10, "height": 5,
    }  # fmt: skip
    return {**right, **changes}


@pytest.mark.parametrize(
    "changes",
    [
        {"x": np.array([0, 1, 10], np.uint16)}, {"y": np.array([5, 0, 0], np.uint16)},
        {"x": np.array([0, 1])}, {"x": np.array([0, 1, 2], np.int16)}, {"on": np.ones(3)},
        {"t_us": np.array([2, 1, 3])}, {"t_us": np.array([0.0, 1.0, 2.0])}, {"t_us": [0, 1, 2]},
        {"t_us": np.array([-(2**63), 0, 2**63 - 1])}, {"width": 0}, {"height": 2**17},
        {"width": True}, {"width": 10.0},
    ],
)  # fmt: skip
def test_columns_are_checked(changes):
    with pytest.raises(UsageError, match=r"events.*must be"):
        Events(**columns(**changes))


@pytest.mark.parametrize(
    "changes",
    [
        {"x": [0, -1, 2]}, {"x": [0, -1, 2], "width": 0}, {"y": [0, 0, -5]}, {"x": [0.5, 1, 2]},
        {"x": [0, 1, 70000], "width": 0},
        {"t_us": [0, np.nan, 1]}, {"t_us": [2**63, 0, 1]}, {"t_us": "abc"}, {"on": [0, 1, 2]},
        {"on": [True]}, {"x": [[0, 1, 2]]}, {"width": -3}, {"x": None}, {"height": 2.5},
    ],
)  # fmt: skip
def test_what_no_camera_saw(changes):
    with pytest.raises(UsageError, match=r"events.*must be"):
        Events.of(**columns(**changes))


def test_events_of_any_whole_numbers():
    found = Events.of([5, 3], [1, 2], np.array([0, 4], np.uint8), [1, 0])
    assert found.t_us.tolist() == [3, 5]
    assert found.x.tolist() == [2, 1]
    assert found.on.tolist() == [False, True]
    assert (found.width, found.height) == (3, 5)
    assert len(Events.of([], [], [], [])) == 0


def test_thinning_a_long_recording_does_not_overflow():
    t = np.array([0, 1, 2**60, 2**60 + 1])
    events = Events.of(t, [5] * 4, [5] * 4, [True] * 4, 60_000, 60_000)
    assert events.thinned(1, 10).t_us.tolist() == [0, 2**60 // 10 * 10]


def test_pixels_that_a_dat_file_cannot_hold_are_not_written(tmp_path):
    events = Events.of([1], [20_000], [5], [True])
    with pytest.raises(UsageError, match="at most 16384 pixels"):
        write_events(events, tmp_path / "a.dat")
    write_events(events, tmp_path / "a.csv")


def test_a_picture_of_a_huge_camera_takes_no_memory_of_its_size(tmp_path):
    events = Events.of([1, 900], [60_000, 5], [5, 60_000], [True, False])
    assert draw_events(events, tmp_path / "a.png").stat().st_size > 1000
