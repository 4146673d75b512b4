"""Pictures of a training: what they show, read from the figures, and that no window system is asked."""

from __future__ import annotations

import sys
from dataclasses import replace

import numpy as np
import pytest
from convnet_networks import small_settings
from matplotlib.colors import to_rgb
from PIL import Image

from distsnn.convnet import pictures
from distsnn.convnet.train.trained import Trained

CLASSES = ("cross", "ring", "bar")
CONFUSION = [[7, 3, 0], [0, 10, 0], [1, 0, 1]]


def trained(n_maps: int = 6) -> Trained:
    """Return a training of two convolutions; wins of the first: map 0 most often, then 1, ..."""
    rng = np.random.default_rng(1)
    settings = small_settings(conv1={"maps": n_maps})
    shapes = {"conv1": (n_maps, 2 * 16), "conv2": (9, n_maps * 9)}
    layers = {
        name: {
            "weights": rng.random(shape).astype(np.float32),
            "wins": np.arange(shape[0])[::-1].copy(),
            "curve": np.array([[10.0, 0.2], [20.0, 0.05], [30.0, 0.004]]),
        }
        for name, shape in shapes.items()
    }
    held = {"accuracy": 80.0, "confusion": CONFUSION}
    report = {"readouts": {"all": {"training": 99.0, "held_out": held}, "first": {"training": 5.0}}}
    return Trained(settings, CLASSES, (16, 18), layers, {}, report, {})


@pytest.fixture
def figures(monkeypatch):
    """Keep figures instead of writing them; by the stem of the file's name."""
    kept = {}
    monkeypatch.setattr(
        pictures, "save_figure", lambda figure, path: kept.update({path.stem: figure})
    )
    return kept


def test_drawn_without_pyplot(tmp_path, monkeypatch):
    """pyplot would look for a display, and keep every figure in memory."""
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)  # any import of it fails
    names = pictures.draw_all(trained(), lambda name: tmp_path / name)
    assert names == [
        "kernels-conv1.png", "preferred-conv2.png", "learning.png", "confusion-all.png",
    ]  # fmt: skip
    assert sorted(names) == sorted(path.name for path in tmp_path.iterdir())
    for name in names:
        with Image.open(tmp_path / name) as image:
            assert min(image.size) > 100
            assert len(set(image.convert("L").tobytes())) > 10, f"{name} is empty"


def test_kernels_are_shown_with_frequent_winners_first(tmp_path, figures):
    result = trained()
    result.layers["conv1"]["wins"][:] = [0, 5, 1, 9, 3, 2]
    pictures.draw_all(result, lambda name: tmp_path / name)
    axis = figures["kernels-conv1"].axes[0]
    assert "6 maps" in axis.get_title()
    # ON minus OFF of the map that has won most often, stretched to its own contrast, at upper left.
    on, off = result.layers["conv1"]["weights"][3].reshape(2, 4, 4).astype(float)
    wanted = 0.5 + 0.5 * (on - off) / np.abs(on - off).max()
    gap, factor = 2, 7
    shown = np.asarray(axis.images[0].get_array())[gap : gap + 4 * factor, gap : gap + 4 * factor]
    assert np.allclose(shown, np.kron(wanted, np.ones((factor, factor)))[..., None])


def test_no_more_maps_than_a_picture_has_room_for(tmp_path, figures):
    n = pictures.MAX_SHOWN + 20
    pictures.draw_all(trained(n), lambda name: tmp_path / name)
    assert f"{pictures.MAX_SHOWN} of {n} maps" in figures["kernels-conv1"].axes[0].get_title()


def test_learning_shows_convergence_and_wins(tmp_path, figures):
    result = trained()
    pictures.draw_learning(result, tmp_path / "learning.png")
    left, right = figures["learning"].axes
    curves = {line.get_label(): line for line in left.lines}
    for name, layer in result.layers.items():
        assert np.array_equal(curves[name].get_xydata(), layer["curve"])
    assert {to_rgb(line.get_color()) for line in right.lines} == {
        to_rgb(line.get_color()) for line in left.lines
    }
    assert right.lines[0].get_ydata().tolist() == [5, 4, 3, 2, 1, 0]


def test_confusion_is_in_shares_of_the_true_class(tmp_path, figures):
    result = trained()
    (drawn,) = pictures.results(result).values()
    assert drawn["title"] == "all: 80.00 % of held-out images"
    pictures.draw_confusion(drawn, CLASSES, tmp_path / "confusion.png")
    axis = figures["confusion"].axes[0]
    share = np.array([[0.7, 0.3, 0], [0, 1, 0], [0.5, 0, 0.5]])
    assert np.allclose(np.asarray(axis.images[0].get_array()) ** 2, share)
    numbers = {text.get_position(): text.get_text() for text in axis.texts}
    assert numbers == {(0, 0): "7", (1, 0): "3", (1, 1): "10", (0, 2): "1", (2, 2): "1"}
    evaluated = {"readouts": {"first": {"accuracy": 50.0, "confusion": CONFUSION}}, "n_test": 2000}
    (drawn,) = pictures.results(replace(result, evaluation=evaluated)).values()
    assert drawn["title"] == "first: 50.00 % of 2,000 images"
