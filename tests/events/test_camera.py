"""The simulated camera against closed forms."""

from __future__ import annotations

import numpy as np
import pytest

from distsnn.errors import UsageError
from distsnn.events import SimulatedCamera, moved


def ramp(n, low, high):
    """Frames of one pixel whose log brightness rises linearly."""
    level = np.exp(np.linspace(np.log(low), np.log(high), n)) - 0.01
    return level[:, None, None]


def test_a_rising_pixel_gives_one_event_per_threshold_at_the_crossings():
    frames = ramp(101, 0.05, 0.9)
    camera = SimulatedCamera(threshold_on=0.25, threshold_off=0.25, refractory_us=0.0)
    events = camera.see(frames, np.arange(101) * 1000.0)
    change = np.log(0.9 / 0.05)
    n = int(change / 0.25)
    assert len(events) == n
    assert events.on.all()
    expected = (np.arange(n) + 1) * 0.25 / change * 100_000
    assert np.abs(events.t_us - expected).max() <= 1


def test_a_falling_pixel_gives_off_events_only():
    events = SimulatedCamera(refractory_us=0.0).see(ramp(50, 0.9, 0.05), np.arange(50) * 1000.0)
    assert not events.on.any()
    assert len(events) == int(np.log(0.9 / 0.05) / 0.2)


def test_nothing_moves_nothing_is_seen():
    frames = np.full((10, 4, 4), 0.5)
    assert len(SimulatedCamera().see(frames, np.arange(10) * 1e4)) == 0


def test_the_refractory_time_is_kept_by_every_pixel():
    random = np.random.default_rng(1)
    frames = random.random((30, 6, 6))
    camera = SimulatedCamera(threshold_on=0.05, threshold_off=0.05, refractory_us=700.0)
    events = camera.see(frames, np.arange(30) * 5000.0)
    assert len(events) > 1000
    for pixel in range(36):
        t = events.t_us[events.channels("merged") == pixel]
        assert np.diff(t).min() >= 699


def test_each_event_is_a_threshold_away_from_the_one_before():
    """A walker through every microsecond finds the same events."""
    frames = np.array([0.2, 0.7, 0.1, 0.9, 0.3])[:, None, None]
    times = np.arange(5) * 400.0
    events = SimulatedCamera(refractory_us=0.0).see(frames, times)
    level = np.interp(np.arange(0, 1600, 0.05), times, np.log(frames[:, 0, 0] + 0.01))
    memory, found = level[0], []
    for k, now in enumerate(level):
        while now >= memory + 0.2:
            memory += 0.2
            found.append((k * 0.05, True))
        while now <= memory - 0.2:
            memory -= 0.2
            found.append((k * 0.05, False))
    assert len(found) == len(events)
    assert [on for _, on in found] == events.on.tolist()
    assert np.abs(np.array([t for t, _ in found]) - events.t_us).max() < 1.0


def test_spread_of_thresholds_is_the_same_for_the_same_seed():
    frames = np.repeat(ramp(20, 0.05, 0.9), 100, axis=2)

    def see(seed):
        return SimulatedCamera(threshold_sd=0.05, seed=seed).see(frames, np.arange(20) * 1e3)

    one, again, other = see(1), see(1), see(2)
    assert (one.t_us == again.t_us).all()
    counts = np.bincount(one.x, minlength=100)
    assert counts.std() > 0
    assert len(other) != len(one) or (other.t_us != one.t_us).any()


def test_a_moving_edge_is_seen_where_it_passes():
    picture = np.full((8, 40), 0.2)
    picture[:, :10] = 0.9
    frames = moved(picture, 41, 20, 0)
    events = SimulatedCamera().see(frames, np.arange(41) * 1000.0)
    assert events.on.all()  # the bright side moves over the dark one
    assert events.x.min() >= 9
    assert events.x.max() <= 31
    first = [events.t_us[events.x == x].min() for x in range(12, 28)]
    assert np.all(np.diff(first) > 0)


@pytest.mark.parametrize(
    "call",
    [
        lambda: SimulatedCamera(threshold_on=0.0),
        lambda: SimulatedCamera(refractory_us=-1.0),
        lambda: SimulatedCamera().see(np.zeros((1, 2, 2)), np.zeros(1)),
        lambda: SimulatedCamera().see(np.full((2, 2, 2), 3.0), np.arange(2)),
        lambda: SimulatedCamera().see(np.zeros((2, 2, 2)), np.zeros(2)),
    ],
)
def test_what_makes_no_sense_is_refused(call):
    with pytest.raises(UsageError):
        call()
