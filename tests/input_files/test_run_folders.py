"""A training on disk that was edited, or is put together from two, is refused in one line."""

from __future__ import annotations

import json

import numpy as np
import pytest
from convnet_networks import small_settings
from file_samples import trained_folder

from distsnn.__main__ import main
from distsnn.convnet.classify import svm
from distsnn.convnet.train.run_folder import RunFolder
from distsnn.convnet.train.trained import load_trained
from distsnn.errors import InputFileError, UsageError
from distsnn.kernels.conv.svm import LANES


@pytest.fixture
def folder(tmp_path):
    return trained_folder(tmp_path / "run")


def edit(path, change, is_signed=False):
    """Change the arrays of a piece; signed: with the digest that belongs to them."""
    with np.load(path) as content:
        arrays = dict(content)
    change(arrays)
    if is_signed:
        arrays.pop("digest")
        RunFolder(path.parent).save(path.name, arrays)
    else:
        np.savez(path, **arrays)


def refusal(folder, name=""):
    with pytest.raises(InputFileError) as caught:
        load_trained(folder)
    line = str(caught.value)
    assert line.startswith(str(folder / name))
    assert line.isprintable()
    return line


def nan_weight(arrays):
    arrays["weights"][0, 0] = np.nan


def other_class_order(arrays):
    arrays["u"] = np.ascontiguousarray(arrays["u"][::-1] * np.arange(3, dtype=np.float32)[:, None])


def without_digest(arrays):
    arrays.pop("digest")


@pytest.mark.parametrize(
    ("name", "change"),
    [("layer-conv1.npz", nan_weight), ("svm-all.npz", other_class_order),
     ("svm-all.npz", without_digest), ("layer-conv2.npz", without_digest)],
)  # fmt: skip
def test_pieces_that_were_edited(folder, name, change):
    load_trained(folder)
    edit(folder / name, change)
    assert "as it was written" in refusal(folder, name)


SIGNED = {
    "a weight that is none": ("layer-conv1.npz", nan_weight),
    "a weight above 1": ("layer-conv1.npz", lambda a: a["weights"].__setitem__((0, 0), 1.5)),
    "fewer maps": ("layer-conv1.npz", lambda a: a.update(weights=a["weights"][:-1])),
    "one weight for all": ("layer-conv1.npz", lambda a: a.update(weights=a["weights"][:1, :1])),
    "64 bits": ("layer-conv1.npz", lambda a: a.update(weights=a["weights"].astype(float))),
    "a threshold below 0": ("layer-conv2.npz", lambda a: a["theta"].__setitem__(0, -1)),
    "a large threshold": ("layer-conv2.npz", lambda a: a["theta"].__setitem__(0, 1e9)),
    "negative wins": ("layer-conv2.npz", lambda a: a["wins"].__setitem__(0, -1)),
    "no curve": ("layer-conv2.npz", lambda a: a.pop("curve")),
    "one array more": ("layer-conv2.npz", lambda a: a.update(x=np.zeros(2))),
    "fewer columns": ("svm-all.npz", lambda a: a.update(u=a["u"][:, :-1])),
    "a column": ("svm-all.npz", lambda a: a.update(u=a["u"][:, :1])),
    "another multiple": ("svm-first.npz", lambda a: a.update(u=a["u"][:, :LANES])),
    "fewer classes": ("svm-all.npz", lambda a: a.update(u=a["u"][:1], of_class=a["of_class"][:1])),
    "no classes": ("svm-all.npz", lambda a: a.update(of_class=a["of_class"][:0])),
    "not-a-number": ("svm-all.npz", lambda a: a["u"].__setitem__((0, 0), np.nan)),
    "infinite": ("svm-all.npz", lambda a: a["of_class"].__setitem__((0, 0), np.inf)),
    "text": ("svm-all.npz", lambda a: a.update(numbers=np.array(["a", "b"]))),
}  # fmt: skip


@pytest.mark.parametrize(("name", "change"), SIGNED.values(), ids=SIGNED)
def test_pieces_of_other_shapes_and_numbers(folder, name, change):
    """Compiled code reads as far as the network is large, whatever an array's digest says."""
    edit(folder / name, change, is_signed=True)
    assert "must be a file" in refusal(folder, name)


def test_read_outs_of_another_training(folder, tmp_path):
    other = tmp_path / "other"
    about = {**RunFolder(folder).about(), "images": "others"}
    training = RunFolder(other)
    training.claim(about)
    training.begin(about)
    training.close()
    with np.load(folder / "svm-all.npz") as content:
        arrays = {name: content[name] for name in content.files if name != "digest"}
    RunFolder(other).save("svm-all.npz", arrays)
    (folder / "svm-all.npz").write_bytes((other / "svm-all.npz").read_bytes())
    assert "as it was written" in refusal(folder, "svm-all.npz")


def test_read_outs_in_each_others_place(folder):
    first, second = folder / "svm-all.npz", folder / "svm-literal.npz"
    one, two = first.read_bytes(), second.read_bytes()
    first.write_bytes(two)
    second.write_bytes(one)
    refusal(folder, "svm-all.npz")


ABOUT = {
    "permuted classes": ({"classes": ["b", "a", "c"]}, "layer-conv1.npz"),
    "fewer classes": ({"classes": ["a"]}, "settings.json"),
    "classes twice": ({"classes": ["a", "a", "b"]}, "settings.json"),
    "classes of numbers": ({"classes": [1, 2, 3]}, "settings.json"),
    "no size": ({"image_size": [16]}, "settings.json"),
    "a size of none": ({"image_size": [16, -18]}, "settings.json"),
    "a huge size": ({"image_size": [10**9, 10**9]}, "settings.json"),
    "another size": ({"image_size": [18, 16]}, "layer-conv1.npz"),
    "another seed": ({"settings": small_settings(seed=2).as_dict()}, "layer-conv1.npz"),
    "no settings": ({"settings": None}, "settings.json"),
    "settings of nothing": ({"settings": {}}, "settings.json"),
    "one thing more": ({"more": 1}, "settings.json"),
}  # fmt: skip


@pytest.mark.parametrize(("change", "name"), ABOUT.values(), ids=ABOUT)
def test_settings_that_were_edited(folder, change, name):
    path = folder / "settings.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **change}))
    refusal(folder, name)


@pytest.mark.parametrize("name", ["report.json", "eval.json"])
def test_reports_that_were_edited(folder, name):
    path = folder / name
    path.write_text(json.dumps({**json.loads(path.read_text()), "n_test": 10**6}))
    assert "another checksum" in refusal(folder, name)


def test_a_training_goes_on_only_from_its_own_pieces(tmp_path, capsys):
    options = [
        "--images",
        ":60",
        "--set",
        "conv1.maps=8",
        "--set",
        "conv1.max_images=20",
        "--quiet",
    ]
    train = ["sdnn", "train", "--out", str(tmp_path / "run"), *options]
    assert main(train) == 0
    before = json.loads((tmp_path / "run" / "report.json").read_text())["digest"]
    edit(tmp_path / "run" / "layer-conv1.npz", nan_weight)
    for arguments in (train, ["sdnn", "eval", str(tmp_path / "run"), "--images", ":20", "--quiet"],
                      ["sdnn", "show", str(tmp_path / "run")]):  # fmt: skip
        assert main(arguments) == 2
        lines = capsys.readouterr().err.strip().splitlines()
        assert len(lines) == 1
        assert "layer-conv1.npz" in lines[0]
    (tmp_path / "run" / "layer-conv1.npz").unlink()
    assert main(train) == 0, "as the line advises"
    assert json.loads((tmp_path / "run" / "report.json").read_text())["digest"] == before


@pytest.mark.parametrize(
    ("u", "of_class"),
    [(np.ones((2, LANES - 1), np.float32), np.zeros((2, 4))),
     (np.ones((2, LANES)), np.zeros((2, 4))),
     (np.ones((2, LANES), np.float32), np.zeros((1, 4))),
     (np.ones((2, LANES), np.float32), np.zeros((2, 4), np.float32)),
     (np.full((2, LANES), np.nan, np.float32), np.zeros((2, 4))), (None, None)],
)  # fmt: skip
def test_what_is_no_classifier(u, of_class):
    with pytest.raises(UsageError, match=r"classifier: .*must be"):
        svm.Classifier(u, of_class)


@pytest.mark.parametrize("samples", [np.zeros((3, LANES + 1), np.int16), np.zeros((3, 9)), None])
def test_samples_that_a_classifier_was_not_made_for(samples):
    made = svm.Classifier(np.ones((2, LANES), np.float32), np.zeros((2, 4)))
    with pytest.raises(UsageError, match="classifier: samples"):
        made.classes(samples)
