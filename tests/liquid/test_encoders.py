"""Encoders and the filter bank against closed forms."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from distsnn.errors import UsageError
from distsnn.liquid.inputs.encoders import (
    integrate,
    latency_code,
    phases_of,
    rate_code,
    with_delays,
)
from distsnn.liquid.inputs.filter_bank import FilterBank, trimmed
from distsnn.liquid.inputs.sound import Sound
from distsnn.liquid.inputs.stimulus import EventEncoder, SoundEncoder, with_moved
from distsnn.liquid.presets import PRESETS


def test_integrators_are_those_that_subtract_the_threshold():
    random = np.random.default_rng(1)
    levels = random.random((300, 7)) * 1.2
    phases = phases_of(7, seed=3)
    spikes = integrate(levels, 0.2, phases)
    v, walked = phases.copy(), []
    for t in range(300):
        v += 0.2 * levels[t]
        for line in np.flatnonzero(v >= 1.0):
            walked.append((t, int(line)))
            v[line] -= 1.0
    assert list(zip(spikes.step.tolist(), spikes.channel.tolist(), strict=True)) == walked
    assert 0.0 <= phases.min() <= phases.max() < 0.99


def test_an_integrator_that_would_spike_twice_is_refused():
    with pytest.raises(UsageError):
        integrate(np.full((5, 2), 3.0), 0.5, np.zeros(2))


def test_delay_lines_shift_every_line():
    spikes = integrate(np.full((50, 3), 0.5), 0.4, np.zeros(3))
    delayed = with_delays(spikes, 3, (0, 7, 20))
    for k, delay in enumerate((0, 7, 20)):
        own = (delayed.channel >= 3 * k) & (delayed.channel < 3 * k + 3)
        pairs = set(zip(delayed.step[own] - delay, delayed.channel[own] - 3 * k, strict=True))
        assert pairs == set(zip(spikes.step, spikes.channel, strict=True))
    assert delayed.n_steps == 70
    assert (np.diff(delayed.step) >= 0).all()


def test_rate_code_has_the_rate():
    values = np.array([0.0, 0.5, 1.0])
    spikes = rate_code(values, 20_000, 1.0, 100.0, seed=1)
    counts = np.bincount(spikes.channel, minlength=3)
    assert counts[0] == 0
    for count, rate in zip(counts[1:], (50.0, 100.0), strict=True):
        expected = rate * 20.0
        assert abs(count - expected) < 5 * np.sqrt(expected)


def test_latency_code_spikes_once_the_larger_the_earlier():
    values = np.array([0.0, 0.25, 0.5, 1.0])
    spikes = latency_code(values, 100)
    assert spikes.channel.tolist() == [3, 2, 1]
    assert spikes.step.tolist() == [0, 50, 75]
    for wrong in ([1.5], [-0.1]):
        with pytest.raises(UsageError):
            latency_code(np.array(wrong), 10)


@pytest.mark.parametrize("rate_hz", [8000, 16_000])
@pytest.mark.parametrize("tone_hz", [300.0, 1000.0, 3000.0])
def test_a_tone_is_loudest_in_its_band(rate_hz, tone_hz):
    t = np.arange(rate_hz // 2) / rate_hz
    sound = Sound((0.3 * np.sin(2 * np.pi * tone_hz * t)).astype(np.float32), rate_hz)
    bank = FilterBank(n_bands=32)
    levels = bank.levels(sound)
    mel = lambda hz: 2595 * np.log10(1 + np.asarray(hz) / 700)  # noqa: E731
    centres = np.linspace(mel(80), mel(3900), 34)[1:-1]
    loudest = int(levels.mean(axis=0).argmax())
    assert abs(loudest - int(np.argmin(np.abs(centres - mel(tone_hz))))) <= 1
    assert levels.shape == (1 + (500 - 25), 32)


def test_levels_do_not_depend_on_loudness():
    random = np.random.default_rng(2)
    samples = (random.standard_normal(4000) * 0.1).astype(np.float32)
    bank = FilterBank(n_bands=16)
    loud, soft = bank.levels(Sound(samples, 8000)), bank.levels(Sound(samples / 8, 8000))
    assert np.abs(loud - soft).max() < 1e-3


def test_silence_is_cut_off_at_both_ends():
    random = np.random.default_rng(3)
    samples = np.zeros(8000, dtype=np.float32)
    samples[3000:5000] = random.standard_normal(2000) * 0.3
    kept = trimmed(samples, 8000, 35.0)
    assert 2000 + 2 * 160 <= kept.size <= 2000 + 8 * 80
    assert np.abs(kept).max() == np.abs(samples).max()


def test_a_moved_image_is_the_image_at_another_place(tmp_path):
    def recording(name, x, y):
        at = np.arange(x.size) * 1000
        rows = np.stack([x, y, at >> 16, at >> 8 & 255, at & 255], axis=1).astype(np.uint8)
        (tmp_path / name).write_bytes(rows.tobytes())
        return tmp_path / name

    random = np.random.default_rng(6)
    x, y = random.integers(0, 34, (2, 200))
    plain = EventEncoder(34, 34)
    encoders = with_moved(plain, 0.5)
    assert encoders[0] == plain
    assert {one.shift for one in encoders[1:]} == {(1, 0), (-1, 0), (0, 1), (0, -1)}
    for one in encoders:
        inside = (x + one.shift[0] >= 0) & (x + one.shift[0] < 34)
        inside &= (y + one.shift[1] >= 0) & (y + one.shift[1] < 34)
        found = one.encode(recording("a.bin", x, y))
        assert found.step.tolist() == np.flatnonzero(inside).tolist()
        line = (y + one.shift[1]) // 2 * 17 + (x + one.shift[0]) // 2
        assert found.channel.tolist() == line[inside].tolist()
    assert with_moved(plain, 0.0) == with_moved(plain, 0.2) == [plain]
    with pytest.raises(UsageError):
        replace(PRESETS["events"], moved_pixels=-0.5)
    assert with_moved(SoundEncoder(), 0.5) == [SoundEncoder()]
