"""What follows learning: classifier, preferred stimuli, settings, and the command line."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from convnet_networks import blobs, small_settings

from distsnn.chip import load_chip
from distsnn.cli.parser import run_command
from distsnn.comm.serial import SerialComm
from distsnn.convnet.classify import svm
from distsnn.convnet.classify.scaling import scaling_of
from distsnn.convnet.engine.network import ConvNetwork
from distsnn.convnet.machine import Machine
from distsnn.convnet.preferred import preferred
from distsnn.convnet.presets import load_preset, override
from distsnn.convnet.readout import Block
from distsnn.convnet.settings import SvmSettings
from distsnn.convnet.train.augmentation import augmented_images, translated_images
from distsnn.convnet.train.run_folder import RunFolder
from distsnn.errors import DistsnnError, UsageError


@pytest.mark.parametrize("n_classes", [2, 5])
def test_classifier_is_the_one_of_scikit_learn(n_classes):
    """Dual coordinate descent finds LinearSVC's machines: outputs, not only classes."""
    pytest.importorskip("sklearn")
    rng = np.random.default_rng(3)
    samples = rng.integers(0, 400, (700, 150)).astype(np.int16)
    samples[:, 30:60] += rng.integers(0, 3000, 30).astype(np.int16)
    true = (samples - samples.mean(axis=0)) @ rng.normal(size=(150, n_classes))
    labels = np.argmax(true + 500 * rng.normal(size=true.shape), axis=1)
    blocks = [(Block("a", "time", 1), 60), (Block("a", "potential", 1), 90)]
    exact = SvmSettings(c=2.0, tolerance=1e-4, epochs=2000)
    own = svm.fit(samples, labels, n_classes, blocks, exact, 1)
    theirs = svm.fit(samples, labels, n_classes, blocks, replace(exact, solver="sklearn"), 1)
    assert own.n_epochs < 2000
    difference = np.abs(own.outputs(samples) - theirs.outputs(samples)).max()
    assert difference < 0.02, difference
    assert (own.classes(samples) == labels).mean() > 0.7


def test_scaling():
    """Potentials are centred with standard deviation 1, times only divided; equal lengths."""
    rng = np.random.default_rng(0)
    samples = rng.integers(0, 300, (500, 8)).astype(np.int16)
    samples[:, 7] = 5
    scaling = scaling_of(samples, [(Block("a", "time", 1), 4), (Block("a", "potential", 1), 4)])
    x = (samples - scaling.shift) * scaling.scale
    assert np.allclose((x**2).sum(axis=1).mean(), 1.0)
    assert np.allclose((x[:, :4] ** 2).sum(axis=1).mean(), 0.5)
    assert np.allclose(x[:, 4:7].mean(axis=0), 0.0, atol=1e-6)
    assert (x[:, 7] == 0).all()
    assert (scaling.shift[:4] == 0).all()


def test_shifts():
    images = np.arange(12, dtype=np.uint8).reshape(1, 3, 4)
    up, down, left, right = translated_images(images, 1)
    assert np.array_equal(up[1:], images[0][:-1])
    assert np.array_equal(down[:-1], images[0][1:])
    assert np.array_equal(left[:, 1:], images[0][:, :-1])
    assert np.array_equal(right[:, :-1], images[0][:, 1:])
    assert len(translated_images(images, 0)) == 0


def test_mirrored_images():
    images = np.arange(24, dtype=np.uint8).reshape(2, 3, 4)
    (first, second) = augmented_images(images, SvmSettings(mirror=True))
    assert np.array_equal(first, images[0][:, ::-1])
    assert np.array_equal(second, images[1][:, ::-1])
    assert len(augmented_images(images, SvmSettings())) == 0
    both = augmented_images(images, SvmSettings(mirror=True, shifts=1))
    assert len(both) == 9 * 2
    assert np.array_equal(both[8], first), "four moves, mirror, four moves"


def test_preferred_stimuli_see_through_pooling():
    """One strong synapse of a deep map shows the kernel behind it, at its place."""
    settings = small_settings()
    first = np.zeros((6, 2, 4, 4), dtype=np.float32)
    first[3, 0, 1, 2] = 1.0
    first[3, 1, 0, 0] = 0.5
    second = np.zeros((9, 6, 3, 3), dtype=np.float32)
    second[5, 3, 2, 1] = 1.0
    found = preferred(settings, {"conv1": first, "conv2": second})
    assert found["conv1"].images[3][1, 2] == 1.0
    assert found["conv1"].images[3][0, 0] == -0.5
    deep = found["conv2"]
    assert deep.step == 2
    assert deep.images.shape == (9, 4 + 1 + 2 * 2, 4 + 1 + 2 * 2)
    # The window of two pixels blurs by averages of four positions.
    expected = np.zeros((9, 9))
    for y in (4, 5):
        for x in (2, 3):
            expected[y + 1, x + 2] += 0.25
            expected[y, x] -= 0.125
    assert np.allclose(deep.images[5], expected)
    assert not deep.images[4].any()


def test_every_number_can_be_overridden():
    settings = load_preset("mnist-paper")
    changed = override(
        settings,
        [("conv1.maps", "12"), ("input.off", "loud"), ("svm.c", "0.5"), ("seed", "7"),
         ("conv2.inhibition", "true"), ("readouts.mine", "conv1.time@2")],
    )  # fmt: skip
    assert changed.layers[0].maps == 12
    assert (changed.input.off, changed.svm.c, changed.seed) == ("loud", 0.5, 7)
    assert changed.layers[2].inhibition is True
    assert changed.readouts["mine"] == "conv1.time@2"
    assert override(settings, []) == settings
    for name, value in (
        ("conv1.mapss", "3"), ("conv9.maps", "3"), ("maps", "3"), ("conv1.maps", "many"),
        ("conv1.maps", "2.5"), ("input.bins", "99"), ("svm.solver", "magic"),
        ("conv1.inhibition", "perhaps"), ("readouts.x", "conv1.times@2"),
        ("readouts.x", "conv7.time@2"), ("readouts.x", "pool1.potential@2"),
    ):  # fmt: skip
        with pytest.raises(UsageError, match="must be"):
            ConvNetwork(
                override(settings, [(name, value)]), blobs(2, 28, 28)[0],
                Machine(SerialComm(), load_chip("loihi")),
            )  # fmt: skip


SMALL = ["--set", "conv1.maps=12", "--set", "conv1.max_images=500", "--images", ":300"]


def test_command_line(tmp_path, capsys):
    run, report = tmp_path / "run", tmp_path / "eval.json"
    assert run_command(["sdnn", "train", "--out", str(run), *SMALL, "--hold-out", "last:60"]) == 0
    assert "held out" in capsys.readouterr().out
    assert run_command(["sdnn", "eval", str(run), "--json", str(report)]) == 0
    found = json.loads(report.read_text())
    for name in ("accuracy", "n_test", "seconds", "spikes_per_sample", "joules_per_sample"):
        assert found[name] > 0, name
    assert found["n_test"] == 200
    assert np.sum(found["confusion"]) == 200
    assert found["accuracy"] > 60
    assert run_command(["sdnn", "show", str(run)]) == 0
    pictures = {path.name for path in (run / "pictures").iterdir()}
    assert pictures == {"kernels-conv1.png", "learning.png", "confusion-grid.png"}
    before = (run / "layer-conv1.npz").stat().st_mtime_ns
    assert run_command(["sdnn", "train", "--out", str(run), *SMALL, "--hold-out", "last:60"]) == 0
    assert (run / "layer-conv1.npz").stat().st_mtime_ns == before, "finished: nothing learned anew"


def test_command_line_says_what_is_wrong(tmp_path):
    run = str(tmp_path / "run")
    for arguments, words in (
        (["train", str(tmp_path / "none"), "--out", run], "does not exist"),
        (["train", "--out", run, "--preset", "mist"], "preset"),
        (["train", "--out", run, "--set", "conv1.map=3"], "conv1.map"),
        (["train", "--out", run, "--set", "conv1"], "NAME=VALUE"),
        (["train", "--out", run, "--replicas", "2"], "replicas"),
        (["train", "--out", run, "--hold-out", "last:600"], "hold-out"),
        (["eval", str(tmp_path)], "settings.json"),
        (["show", str(tmp_path)], "settings.json"),
        (["train"], "--out"),
    ):
        with pytest.raises(DistsnnError) as caught:
            run_command(["sdnn", *arguments])
        text = str(caught.value)
        assert words in text
        assert "\n" not in text
    assert not RunFolder(tmp_path / "run").has("report.json")
