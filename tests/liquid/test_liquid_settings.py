"""Every number of a liquid is checked where it enters, before anything is encoded or played."""

from __future__ import annotations

import shutil
import struct
from dataclasses import fields, replace

import numpy as np
import pytest

from distsnn.cli.parser import run_command
from distsnn.comm.serial import SerialComm
from distsnn.errors import DistsnnError, InputFileError, UsageError
from distsnn.liquid import respond
from distsnn.liquid.inputs import encoding
from distsnn.liquid.inputs.filter_bank import FilterBank
from distsnn.liquid.inputs.samples import SHIPPED, find_samples
from distsnn.liquid.inputs.sound import Sound
from distsnn.liquid.inputs.stimulus import EventEncoder, SoundEncoder, encoder_for
from distsnn.liquid.liquid import Liquid
from distsnn.liquid.parameters import Column, InputWiring, Preset, ReadoutTimes
from distsnn.liquid.presets import PRESETS

PARTS = {
    "column": Column(),
    "wiring": InputWiring(),
    "times": ReadoutTimes(),
    "preset": PRESETS["events"],
    "bank": FilterBank(),
    "sounds": SoundEncoder(),
    "events": EventEncoder(),
    "liquid": Liquid(Column(), InputWiring(), 8),
}
ODD = (float("nan"), float("inf"), -float("inf"), 10**20, 10**400, -1e9, True, "many", None, [], {})
MAY_BE_NONE = {("wiring", "spread_pixels"), ("liquid", "image")}
MAY_BE_NEGATIVE = ("v_threshold_mv", "v_reset_mv", "v_floor_mv", "background_na")
MAY_BE_LARGE = {  # they are kept as float32
    *(("column", name) for name in MAY_BE_NEGATIVE),
    *(
        ("column", f"{name}_ms")
        for name in ("tau_m", "t_ref_e", "t_ref_i", "tau_syn_e", "tau_syn_i")
    ),
    *(("column", name) for name in ("length", "weight_spread", "recurrence")),
    *(("wiring", name) for name in ("weight_na", "weight_spread")),
    *(("wiring", name) for name in ("negative_factor", "inhibitory_factor")),
}


def is_allowed(part, name, value):
    if value is None:
        return (part, name) in MAY_BE_NONE
    if isinstance(value, int) and value == 10**20:
        return (part, name) in MAY_BE_LARGE
    return value == -1e9 and name in MAY_BE_NEGATIVE


@pytest.mark.parametrize(
    ("part", "name"), [(part, one.name) for part, what in PARTS.items() for one in fields(what)]
)
def test_odd_values_of_every_field(part, name):
    for value in ODD:
        if is_allowed(part, name, value):
            replace(PARTS[part], **{name: value})
            continue
        with pytest.raises(DistsnnError) as caught:
            replace(PARTS[part], **{name: value})
        text = str(caught.value)
        assert "\n" not in text
        assert name in text
        assert "must be" in text


@pytest.fixture
def nothing_is_played(monkeypatch):
    """Encoding and playing fail the test."""

    def fail(*_, **__):
        raise AssertionError("work has begun")

    monkeypatch.setattr(encoding, "_encode", fail)
    monkeypatch.setattr(respond, "_play", fail)


@pytest.mark.parametrize(
    "options",
    [
        ("--limit", "1"), ("--limit", "2"), ("--limit", "15"), ("--set", "tau_m_ms=nan"),
        ("--set", "tail_ms=inf"), ("--set", "tail_ms=1e20"), ("--set", f"n={10**20}"),
        ("--set", "n=100000000"), ("--set", "fan=nan"), ("--set", "fan=2.5"), ("--set", "fan=many"),
        ("--set", "fan=161"), ("--set", "recurrence=-1"), ("--set", "dt_ms=0"),
        ("--set", "dt_ms=1e-300"), ("--set", "clock=3"), ("--set", "synapses=x"),
        ("--set", "weight_na=1e39"), ("--set", "max_ms=1e300"), ("--set", "moved_pixels=nan"),
        ("--set", "spread_pixels=3"), ("--set", "weight_spread=1e30"), ("--set", "v_reset_mv=1e9"),
        ("--neurons", f"{10**20}"), ("--neurons", "1009"), ("--grid", "100000x100000x100000"),
        ("--seed", f"{10**30}"), ("--bands", "1000000000"), ("--bands", "1"), ("--replicas", "3"),
        ("--fabric", "wool"), ("--chip", "potato"), ("--neurons-per-core", f"{10**20}"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_told_before_work_begins(options, nothing_is_played, tmp_path):
    with pytest.raises(DistsnnError) as caught:
        run_command(["lsm", "train", "--out", str(tmp_path / "run"), "--quiet", *options])
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "options", [("--channels", "1000000"), ("--set", "fan=50"), ("--seed", "9" * 30)]
)
def test_measures_check_first_too(options, tmp_path):
    with pytest.raises(DistsnnError):
        run_command(["lsm", "measure", "--out", str(tmp_path / "m"), "--grid", "3x3x3", *options])


@pytest.mark.parametrize("n", [20, 23])
def test_few_recordings_can_be_trained_on(n, tmp_path):
    """Two of a class are enough: each is tested by what the other has taught."""
    run_command(["lsm", "train", "--out", str(tmp_path), "--grid", "3x3x3", "--limit", str(n),
                 "--quiet", "--no-pictures", "--no-compare"])  # fmt: skip
    run_command(["lsm", "eval", str(tmp_path), "--limit", "1", "--quiet", "--no-pictures"])


def test_limits_of_recordings():
    samples = find_samples(SHIPPED)
    assert len(samples.limited(1)) == 1
    assert len(samples.limited(20, 2)) == 20
    for n in (1, 2, 10, 19):
        with pytest.raises(UsageError, match="must be enough"):
            samples.limited(n, 2)


def test_a_sound_that_would_fill_the_memory():
    bank = FilterBank()
    assert bank.levels(Sound(np.ones(8000, np.float32), 8000)).shape[0] > 900
    with pytest.raises(UsageError, match="s long"):
        bank.levels(Sound(np.ones(192_000 * 40, np.float32), 192_000))


def write_events(path, size):
    """An event-camera recording (.dat) with one event in the last pixel and some before."""
    header = f"% Version 2\n% Width {size}\n% Height {size}\n".encode()
    words = [(1000 * k, k % size | (k % size) << 14) for k in range(20)]
    words.append((30_000, (size - 1) | (size - 1) << 14))
    data = b"".join(struct.pack("<II", *one) for one in words)
    path.write_bytes(header + bytes([0x0C, 8]) + data)


def test_the_image_is_as_large_as_the_largest_recording(tmp_path):
    """Whichever recordings are the larger ones, however many there are."""
    for label in ("a", "b"):
        (tmp_path / label).mkdir()
        for k in range(12):
            write_events(tmp_path / label / f"{k:02}.dat", 40 if (label, k) == ("b", 7) else 20)
    samples = find_samples(tmp_path)
    encoder = encoder_for(samples, PRESETS["events"], 1, comm=SerialComm())
    assert (encoder.width, encoder.height) == (40, 40)
    for item in samples.items:
        encoder.encode(item.path)
    write_events(tmp_path / "larger.dat", 50)
    with pytest.raises(InputFileError, match="50 x 50"):
        encoder.encode(tmp_path / "larger.dat")
    shutil.rmtree(tmp_path / "b")


def test_presets_are_what_they_say():
    assert all(isinstance(one, Preset) for one in PRESETS.values())
    assert PRESETS["published"].column.n_neurons == 135
