"""Every number of a network, with every kind of wrong value: one line before any work begins."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest
from convnet_networks import blobs, small_settings

from distsnn.__main__ import main
from distsnn.chip import load_chip
from distsnn.comm.serial import SerialComm
from distsnn.convnet.classify.svm import fit
from distsnn.convnet.engine.layers import build_layers
from distsnn.convnet.engine.network import ConvNetwork
from distsnn.convnet.filters import input_filters
from distsnn.convnet.images.image_set import ImageSet, divide, sliced
from distsnn.convnet.images.reading import load_images
from distsnn.convnet.machine import Machine
from distsnn.convnet.presets import FOLDER, load_preset, override, preset_names, read_preset
from distsnn.convnet.readout import Block, parse_readouts
from distsnn.convnet.settings import (
    ConvSettings,
    InputSettings,
    PoolSettings,
    SdnnSettings,
    SvmSettings,
)
from distsnn.errors import CapacityError, DistsnnError, InputFileError, UsageError
from distsnn.input_files.whole import tomllib

WRONG = [
    float("nan"), float("inf"), float("-inf"), 1e20, -1e20, 10**20, -1, 10**400, "9" * 5000, "nan",
    "inf", "1e400", "", "abc", None, [], {}, [1], "١", "1_0_0_0_0_0_0_0_0_0_0_0", b"1",
]  # fmt: skip
PLACES = {"input": InputSettings, "svm": SvmSettings, "conv1": ConvSettings, "pool1": PoolSettings}


def with_value(place, name, value):
    plain = small_settings().as_dict()
    target = plain["layers"] if place in plain["layers"] else plain
    target[place][name] = value
    return plain


def made(plain):
    """Return the settings and "", or None and the line that refuses them."""
    try:
        settings = SdnnSettings.from_dict(plain, "test")
        parse_readouts(settings)
    except UsageError as error:
        return None, str(error)
    return settings, ""


@pytest.mark.parametrize("value", WRONG, ids=lambda value: repr(value)[:12])
def test_every_number_is_checked(value):
    """No number is taken that is not finite or that no network could have."""
    n_refused = 0
    for place, kind in PLACES.items():
        for entry in fields(kind):
            if entry.name == "name" or entry.type not in ("int", "float", "bool"):
                continue
            plain = with_value(place, entry.name, value)
            settings, line = made(plain)
            if settings is None:
                n_refused += 1
                assert entry.name in line
                assert "\n" not in line
                continue
            holder = {"input": settings.input, "svm": settings.svm,
                      "conv1": settings.layers[0], "pool1": settings.layers[1]}[place]  # fmt: skip
            assert abs(getattr(holder, entry.name)) < 2**63 or entry.type == "float"
            assert np.isfinite(getattr(holder, entry.name))
    assert n_refused >= 20


@pytest.mark.parametrize("place", PLACES)
def test_true_is_not_the_number_1(place):
    for entry in fields(PLACES[place]):
        if entry.type in ("int", "float"):
            with pytest.raises(UsageError, match=entry.name):
                SdnnSettings.from_dict(with_value(place, entry.name, True), "test")


@pytest.mark.parametrize("wrong", [None, 3, "text", [["conv1", {}]], {"conv1": 3}, {3: {}}])
@pytest.mark.parametrize("place", ["layers", "input", "svm", "readouts"])
def test_tables_that_are_none(place, wrong):
    assert made({**small_settings().as_dict(), place: wrong})[0] is None


@pytest.mark.parametrize("name", ["../x", "a/b", "", "a" * 65, "a b", "svm", "é", "a\nb", "."])
def test_names_that_would_leave_the_folder(name):
    plain = small_settings().as_dict()
    for place in ("layers", "readouts"):
        entry = {"kind": "pool"} if place == "layers" else "conv1.time@2"
        kept = {**plain[place], name: entry}
        with pytest.raises(UsageError, match="name of a"):
            SdnnSettings.from_dict({**plain, place: kept}, "test")


@pytest.mark.parametrize("seed", [-1, 2**63, 1.5, "x", None, True, float("nan"), "9" * 400])
def test_seeds(seed):
    with pytest.raises(UsageError, match="seed"):
        SdnnSettings.from_dict({**small_settings().as_dict(), "seed": seed}, "test")
    large = SdnnSettings.from_dict({**small_settings().as_dict(), "seed": str(2**63 - 1)}, "test")
    assert large.seed == 2**63 - 1, "no digit is lost on the way"


@pytest.mark.parametrize(
    "sigmas", ["nan/1", "1/inf", "1e-300/1", "1/1e300", "2/1", "1", "0/0", "1/2/3"]
)
def test_sigmas(sigmas):
    with pytest.raises(UsageError, match=r"input\.sigmas"):
        input_filters(InputSettings(sigmas=sigmas))
    assert np.isfinite(input_filters(InputSettings(sigmas="0.1/1000 1/2"))).all()


def test_kernels_that_no_memory_holds():
    settings = override(load_preset("mnist"), [("conv1.maps", "33554432"), ("conv1.kernel", "28")])
    with pytest.raises(CapacityError, match="bytes of weights"):
        build_layers(settings, 28, 28, 2)


@pytest.mark.parametrize("name", preset_names())
def test_presets_are_read_as_they_are_written(name):
    plain = tomllib.loads((FOLDER / f"{name}.toml").read_text())
    found = load_preset(name).as_dict()
    for layer, entry in plain["layers"].items():
        assert {key: found["layers"][layer][key] for key in entry} == entry
    assert {key: found["svm"][key] for key in plain.get("svm", {})} == plain.get("svm", {})


@pytest.mark.parametrize(
    "text",
    ["layers = 3", "[layers]\nconv1 = 3", "x = " + "[" * 5000, "seed = nan", "\0", "a = 1\na = 2",
     "[layers.conv1]\nmaps = 3\nkernel = inf\n[readouts]\nx = 'conv1.time@2'",
     "[layers.conv1]\nmaps = 3\nkernel = 3\n[readouts]\nx = 'conv1.time@99999999'",
     "[layers.conv1]\nmaps = 3\nkernel = 3\n[readouts]\nx = 'conv2.time@2'"],
    ids=lambda text: text[:14],
)  # fmt: skip
def test_wrong_preset_files_are_told_with_their_name(tmp_path, text):
    (tmp_path / "mine.toml").write_text(text)
    with pytest.raises(InputFileError, match=r"mine\.toml: ") as caught:
        read_preset(tmp_path / "mine.toml")
    assert str(caught.value).isprintable()


@pytest.mark.parametrize(
    "arguments",
    ["--set conv1.maps=nan", "--set conv1.a_plus=inf", "--set conv1.max_images=1e20",
     "--set svm.c=nan", "--set input.threshold=1e400", "--set conv1.min_threshold=nan",
     "--set readouts.../../x=conv1.time@2", "--set input.size=99999999x99999999",
     "--seed 99999999999999999999", "--set seed=1e400", "--hold-out share:inf",
     "--hold-out share:nan", "--hold-out last:1e400", "--images :99999999999999999999999999",
     "--set svm.epochs=99999999999999999999", "--set conv1.winners=10000000000"],
)  # fmt: skip
def test_the_command_ends_before_it_begins(tmp_path, capsys, arguments):
    run = tmp_path / "run"
    assert main(["sdnn", "train", "--out", str(run), "--quiet", *arguments.split(" ")]) == 2
    lines = capsys.readouterr().err.strip().splitlines()
    assert len(lines) == 1, lines
    assert not run.exists()


def test_dividing_and_cutting_by_odd_numbers():
    images, labels = blobs(20)
    data = load_images(None, "train")
    assert len(images) == len(labels)
    for how in ("share:inf", "share:-1", "share:2", "share:nan", "last:-3", "last:1e3", "each:x"):
        with pytest.raises(UsageError, match="hold-out"):
            divide(data, how, 1)
    for text in (":" + "9" * 5000, "::", "1", "a:b", "--1:2"):
        with pytest.raises(DistsnnError, match="--images"):
            sliced(data, text)
    assert len(divide(data, "share:0.25", 1)[1]) == 150


@pytest.mark.parametrize("ids", [[-1], [20], [0] * 10**4, [0.0], [[0]]])
def test_images_that_a_network_does_not_have(ids):
    """Compiled code would read beyond them."""
    machine = Machine(SerialComm(), load_chip("loihi"))
    network = ConvNetwork(small_settings(), blobs(20)[0], machine)
    for part in network.convolutions:
        part.set_theta(part.theta)
    network.present(np.array([0, 19]))
    with pytest.raises(UsageError, match="images of a batch: must be at most"):
        network.present(np.array(ids))
    network.close()


@pytest.mark.parametrize(
    "change",
    [{"images": np.zeros((4, 3))}, {"images": np.zeros((4, 3, 3))}, {"labels": np.array([0, 1, 2, 0])},
     {"labels": np.array([0, -1, 0, 1])}, {"labels": np.zeros(3, np.int64)}, {"names": ("a",)},
     {"labels": np.zeros(4)}],
)  # fmt: skip
def test_what_is_no_set_of_images(change):
    right = {"images": np.zeros((4, 3, 3), np.uint8), "labels": np.array([0, 1, 0, 1]),
             "classes": ("a", "b"), "source": "here"}  # fmt: skip
    assert len(ImageSet(**right)) == 4
    with pytest.raises(UsageError, match="must be"):
        ImageSet(**{**right, **change})


@pytest.mark.parametrize(
    ("samples", "labels"),
    [(np.zeros((4, 3), np.int16), [0, 1, 0, 1]), (np.zeros((4, 2)), [0, 1, 0, 1]),
     (np.zeros((4, 2), np.int16), [0, 1, 0]), (np.zeros((4, 2), np.int16), [0, 1, 0, 2]),
     (np.zeros((4, 2), np.int16), [0, 1, 0, -1]), (np.zeros((0, 2), np.int16), [])],
)  # fmt: skip
def test_what_no_classifier_can_learn_from(samples, labels):
    blocks = [(Block("a", "time", 1), 2)]
    with pytest.raises(UsageError, match=r"classifier: .*must be"):
        fit(samples, np.array(labels), 2, blocks, SvmSettings(), 1)
