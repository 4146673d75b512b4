"""Frames of every type and picture of every depth are scaled by what the whole set holds."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from distsnn.cli.parser import run_command
from distsnn.errors import DistsnnError, InputFileError
from distsnn.events import SimulatedCamera, moved, read_frames, read_picture
from distsnn.events.frames import read_scaled_frames

FRAMES = np.random.default_rng(0).integers(0, 256, (3, 16, 16))


@pytest.mark.parametrize("kind", [np.uint8, np.int16, np.uint16, np.int32, np.int64, np.uint64])
def test_whole_numbers_of_any_type_are_the_same_frames(tmp_path, kind):
    np.save(tmp_path / "f.npy", FRAMES.astype(kind))
    frames, note = read_scaled_frames(tmp_path / "f.npy")
    assert np.array_equal(frames, FRAMES / 255.0)
    assert note == ""
    assert len(SimulatedCamera().see(frames, np.arange(3) * 10_000)) > 1000


@pytest.mark.parametrize(
    ("largest", "kind", "said"),
    [(1, np.uint8, "1 is white"), (16, np.int64, "16 is white"), (255, np.uint8, ""),
     (200, np.uint8, ""), (4000, np.uint16, "65535 is white"), (1, bool, "")],
)  # fmt: skip
def test_the_scale_is_that_of_the_set_and_said(tmp_path, largest, kind, said):
    values = np.array([0, largest] * 8).reshape(2, 2, 4).astype(kind)
    np.save(tmp_path / "f.npy", values)
    frames, note = read_scaled_frames(tmp_path / "f.npy")
    white = {1: 1, 16: 16, 255: 255, 200: 255, 4000: 65535}[largest]
    assert frames.max() == largest / white
    assert note.endswith(said)
    assert bool(note) == bool(said)


@pytest.mark.parametrize(
    "values", [[-1, 5], [0, 70000], [0.0, 2.0], [0.0, np.nan], [0.0, np.inf], [-0.1, 0.5]]
)
def test_frames_that_cannot_be_scaled_are_told_with_the_file(tmp_path, values):
    np.save(tmp_path / "f.npy", np.array(values * 4).reshape(2, 2, 2))
    with pytest.raises(InputFileError, match=r"f\.npy: must be frames"):
        read_frames(tmp_path / "f.npy")


def save(folder, name, values, kind):
    Image.fromarray(np.asarray(values).astype(kind)).save(folder / name)


def test_a_dark_picture_of_16_bits_beside_bright_ones(tmp_path):
    save(tmp_path, "a.png", FRAMES[0] * 200, np.uint16)
    save(tmp_path, "b.png", FRAMES[0], np.uint16)
    frames, note = read_scaled_frames(tmp_path)
    assert np.allclose(frames[0], FRAMES[0] * 200 / 65535)
    assert np.allclose(frames[1], FRAMES[0] / 65535)
    assert note == "values were scaled so that 65535 is white"


def test_pictures_of_fractions(tmp_path):
    save(tmp_path, "a.tif", FRAMES[0] / 255.0, np.float32)
    assert np.allclose(read_picture(tmp_path / "a.tif"), FRAMES[0] / 255.0)
    save(tmp_path, "b.tif", FRAMES[0], np.float32)
    assert np.allclose(read_picture(tmp_path / "b.tif"), FRAMES[0] / 255.0)


def test_transparency_is_laid_on_white(tmp_path):
    drawing = np.zeros((4, 4, 4), np.uint8)  # black ink on nothing
    drawing[1, :, 3] = 255
    Image.fromarray(drawing).save(tmp_path / "a.png")
    expected = np.ones((4, 4))
    expected[1] = 0.0
    assert np.allclose(read_picture(tmp_path / "a.png"), expected)


def test_frames_of_several_sizes(tmp_path):
    save(tmp_path, "a.png", FRAMES[0], np.uint8)
    save(tmp_path, "b.png", FRAMES[0][:8], np.uint8)
    with pytest.raises(InputFileError, match=r"b\.png: must be a picture of 16 x 16 pixels"):
        read_frames(tmp_path)


@pytest.mark.parametrize(
    "arguments",
    [(FRAMES[0] / 255.0, 10**9, 1.0, 1.0), (FRAMES[0], 1, 1.0, 1.0), (FRAMES[0], 3, np.nan, 1.0),
     (FRAMES[0], 3, 1.0, 1e300), (FRAMES, 3, 1.0, 1.0), (np.empty((0, 4)), 3, 1.0, 1.0),
     (FRAMES[0] * np.nan, 3, 1.0, 1.0), (FRAMES[0], True, 1.0, 1.0)],
)  # fmt: skip
def test_what_cannot_move(arguments):
    with pytest.raises(DistsnnError, match=r"moving picture.*must be"):
        moved(*arguments)


@pytest.mark.parametrize(
    "change",
    [{"threshold_on": np.nan}, {"threshold_off": 0.0}, {"offset": -1.0}, {"refractory_us": np.inf},
     {"threshold_sd": np.inf}, {"seed": -1}, {"seed": 1.5}, {"threshold_on": "0.2"},
     {"refractory_us": True}],
)  # fmt: skip
def test_what_is_no_camera(change):
    with pytest.raises(DistsnnError, match=r"camera: .*must be"):
        SimulatedCamera(**change)


def test_the_command_says_how_frames_were_scaled(tmp_path, capsys):
    np.save(tmp_path / "f.npy", FRAMES % 2)
    assert run_command(["camera", str(tmp_path / "f.npy")]) == 0
    assert "f.npy: values were scaled so that 1 is white\n" in capsys.readouterr().out
