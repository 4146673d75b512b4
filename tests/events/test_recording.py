"""Down-sampling, cutting and lines of a recording."""

from __future__ import annotations

import numpy as np
import pytest

from distsnn.errors import UsageError
from distsnn.events import Events
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
    both, merged = events.lines(), events.lines("merged")
    assert events.n_lines() == 2 * 34 * 30
    assert both.max() < events.n_lines()
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
        lambda e: e.lines("blue"),
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
