"""Every public call with every kind of wrong argument: one clear line, or it works."""

from __future__ import annotations

import pkgutil
import warnings

import pytest
from public_calls import INNER_ROOMS, RETURNED, ROOMS, calls, found_names
from wrong_values import faults_of

import distsnn

CALLS = calls()
# Rooms whose own checks are not complete; a name is taken off when its call passes.
GAPS = {
    "Current", "Events.lines", "Events.n_lines", "Events.of_polarity", "Poisson", "RewardStdp",
    "SpikeSource.from_file", "SpikeSource.from_nmnist", "load_images", "load_preset",
    "load_trained", "override", "poisson_thresholds", "preset", "read_events", "read_frames",
    "read_picture", "save_weights", "with_settings", "write_events",
    "Column", "ConvSettings", "Events.between", "Events.chosen", "Events.cropped",
    "Events.of", "Events.steps", "Events.thinned", "InputSettings", "InputWiring", "Liquid",
    "Network.connect", "Network.modulate", "Network.record", "Network.record_weights", "Player",
    "PoolSettings", "Preset", "SdnnSettings", "SimulatedCamera", "SimulatedCamera.see",
    "SpikeSource", "SvmSettings", "moved",
}  # fmt: skip


def test_every_room_is_a_users_or_an_inner_one():
    here = {one.name for one in pkgutil.iter_modules(distsnn.__path__)}
    known = {room.removeprefix("distsnn.").split(".")[0] for room in ROOMS[1:]} | {*INNER_ROOMS}
    assert not here - known


def test_every_public_name_has_a_valid_call():
    names = {name for name, _ in found_names()} - RETURNED
    assert names == set(CALLS)


def marked(name: str) -> object:
    gap = pytest.mark.xfail(strict=True, reason="a gap")
    return pytest.param(name, marks=gap) if name in GAPS else name


@pytest.mark.parametrize("name", [marked(name) for name in sorted(CALLS)])
def test_wrong_arguments_give_one_line_that_names_them(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    call = CALLS[name]
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        faults = faults_of(call.called, call.valid(), call.words, call.behave, call.unlike)
    assert not faults, "\n".join([f"{len(faults)} of {name}:", *faults])
