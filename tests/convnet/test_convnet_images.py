"""Reading images: every format, and one clear line for every wrong input."""

from __future__ import annotations

import gzip

import numpy as np
import pytest
from convnet_networks import blobs

from distsnn.convnet.images.image_set import divide, require_classes, sliced, with_classes
from distsnn.convnet.images.reading import load_images
from distsnn.errors import DistsnnError, InputFileError, UsageError

Image = pytest.importorskip("PIL.Image")


def write_idx(path, array, is_packed=False):
    header = bytes([0, 0, 8, array.ndim]) + b"".join(n.to_bytes(4, "big") for n in array.shape)
    content = header + array.astype(np.uint8).tobytes()
    path.write_bytes(gzip.compress(content) if is_packed else content)


def write_folder(folder, images, labels, mode="L"):
    for number, (image, label) in enumerate(zip(images, labels, strict=True)):
        place = folder / f"class{label}"
        place.mkdir(parents=True, exist_ok=True)
        Image.fromarray(image).convert(mode).save(place / f"{number:03}.png")


def one_line(caught) -> str:
    text = str(caught.value)
    assert "\n" not in text
    assert ": must " in text
    assert ", limit " not in text
    return text


def test_sample_ships():
    train, test = load_images(None, "train"), load_images(None, "test")
    assert train.images.shape == (600, 28, 28)
    assert test.images.shape == (200, 28, 28)
    assert np.array_equal(np.bincount(train.labels), np.full(10, 60))
    assert train.classes == tuple("0123456789")


@pytest.mark.parametrize("is_packed", [False, True])
def test_idx(tmp_path, is_packed):
    images, labels = blobs(20)
    suffix = ".gz" if is_packed else ""
    for part, which in (("train", slice(0, 14)), ("t10k", slice(14, 20))):
        write_idx(tmp_path / f"{part}-images-idx3-ubyte{suffix}", images[which], is_packed)
        write_idx(tmp_path / f"{part}-labels-idx1-ubyte{suffix}", labels[which], is_packed)
    train, test = load_images(tmp_path, "train"), load_images(tmp_path, "test")
    assert np.array_equal(train.images, images[:14])
    assert np.array_equal(test.images, images[14:])
    assert [int(train.classes[k]) for k in train.labels] == labels[:14].tolist()


def test_idx_of_one_part_serves_both(tmp_path):
    images, labels = blobs(6)
    write_idx(tmp_path / "train-images.idx3-ubyte", images)
    write_idx(tmp_path / "train-labels.idx1-ubyte", labels)
    assert len(load_images(tmp_path, "test")) == 6


def test_npz_forms(tmp_path):
    images, labels = blobs(12)
    forms = {
        "a": {"images": images, "labels": labels},
        "b": {"x_train": images[:8], "y_train": labels[:8], "x_test": images[8:],
              "y_test": labels[8:]},
        "c": {"x": images / 255.0, "y": labels[:, None]},
        "d": {"data": images[:, :16, :16].reshape(12, -1), "target": labels},
        "e": {"images": np.repeat(images[..., None], 3, axis=3), "labels": labels},
        "f": {"images": images, "labels": np.array(["cross", "ring", "bar"])[labels]},
    }  # fmt: skip
    for name, arrays in forms.items():
        np.savez(tmp_path / f"{name}.npz", **arrays)
    for name in "acef":
        assert np.array_equal(load_images(tmp_path / f"{name}.npz", "train").images, images), name
    assert len(load_images(tmp_path / "b.npz", "train")) == 8
    assert np.array_equal(load_images(tmp_path / "b.npz", "test").images, images[8:])
    assert np.array_equal(load_images(tmp_path / "d.npz", "test").images, images[:, :16, :16])
    assert "grey" in load_images(tmp_path / "e.npz", "train").note
    assert load_images(tmp_path / "f.npz", "train").classes == ("bar", "cross", "ring")


def test_folder(tmp_path):
    images, labels = blobs(15)
    write_folder(tmp_path, images, labels)
    data = load_images(tmp_path, "train")
    order = np.argsort(labels, kind="stable")
    assert np.array_equal(data.images, images[order])
    assert data.names[0].startswith("class0/")
    assert data.note == ""


def test_folder_with_train_and_test(tmp_path):
    images, labels = blobs(15)
    write_folder(tmp_path / "train", images[:9], labels[:9])
    write_folder(tmp_path / "test", images[9:], labels[9:])
    assert len(load_images(tmp_path, "train")) == 9
    assert len(load_images(tmp_path, "test")) == 6


def test_colour_is_turned_to_grey(tmp_path):
    images, labels = blobs(9)
    write_folder(tmp_path, images, labels)
    colour = np.zeros((16, 18, 3), dtype=np.uint8)
    colour[..., 0] = 200
    Image.fromarray(colour).save(tmp_path / "class0" / "red.png")
    data = load_images(tmp_path, "train")
    assert "1 of 10 pictures in colour" in data.note
    assert 50 < int(data.images[data.names.index("class0/red.png")][0, 0]) < 70


def test_sizes(tmp_path):
    images, labels = blobs(9)
    write_folder(tmp_path, images, labels)
    Image.fromarray(np.zeros((20, 30), np.uint8)).save(tmp_path / "class1" / "z.png")
    with pytest.raises(InputFileError) as caught:
        load_images(tmp_path, "train")
    assert "16x18" in one_line(caught)
    assert "20x30" in one_line(caught)
    assert load_images(tmp_path, "train", "10x12").images.shape == (10, 10, 12)
    with pytest.raises(UsageError):
        load_images(tmp_path, "train", "10 by 12")


def broken(folder, images, labels):
    """Return name -> (what to write, words of the message)."""
    write_folder(folder / "corrupt", images, labels)
    (folder / "corrupt" / "class0" / "a.png").write_bytes(b"\x89PNG\r\n\x1a\nnothing")
    write_folder(folder / "cut", images, labels)
    whole = (folder / "cut" / "class1").glob("*.png")
    path = next(iter(sorted(whole)))
    path.write_bytes(path.read_bytes()[:-30])
    (folder / "empty").mkdir()
    write_folder(folder / "hollow", images, labels)
    (folder / "hollow" / "class9").mkdir()
    for name in ("short", "foreign", "unlabelled"):
        (folder / name).mkdir()
    write_idx(folder / "short" / "train-images-idx3-ubyte", images)
    write_idx(folder / "short" / "train-labels-idx1-ubyte", labels)
    path = folder / "short" / "train-images-idx3-ubyte"
    path.write_bytes(path.read_bytes()[:-5])
    (folder / "foreign" / "train-images-idx3-ubyte.gz").write_bytes(b"\x1f\x8b damaged")
    write_idx(folder / "foreign" / "train-labels-idx1-ubyte", labels)
    write_idx(folder / "unlabelled" / "train-images-idx3-ubyte", images)
    np.savez(folder / "names.npz", pictures=images)
    np.savez(folder / "numbers.npz", images=images.astype(float) * 9, labels=labels)
    np.savez(folder / "fewer.npz", images=images, labels=labels[:-1])
    (folder / "text.npz").write_text("no arrays")
    (folder / "text.txt").write_text("no images")
    return {
        "corrupt": "must be a whole picture", "cut": "must be a whole picture",
        "empty": "one with neither", "hollow": "class9: must hold pictures",
        "short": "bytes",
        "foreign": "must be a whole gzip file", "unlabelled": "one without labels",
        "names.npz": "pictures",
        "numbers.npz": "grey values", "fewer.npz": "one label per image",
        "text.npz": "must be a .npz file", "text.txt": "got another file", "missing": "does not exist",
    }  # fmt: skip


def test_wrong_inputs_get_one_clear_line(tmp_path):
    images, labels = blobs(9)
    for name, words in broken(tmp_path, images, labels).items():
        with pytest.raises(DistsnnError) as caught:
            load_images(tmp_path / name, "train")
        assert words in one_line(caught), name
        assert str(tmp_path) in one_line(caught)


def test_a_class_with_one_image(tmp_path):
    images, labels = blobs(30)
    write_folder(tmp_path, images, labels)
    write_folder(tmp_path, images[:1], [7])
    with pytest.raises(InputFileError, match="class class7: must be of at least 2 images, got 1"):
        require_classes(load_images(tmp_path, "train"))


def test_one_class_only(tmp_path):
    write_folder(tmp_path, blobs(4)[0], [0, 0, 0, 0])
    with pytest.raises(InputFileError, match="2 or more classes, got 1"):
        require_classes(load_images(tmp_path, "train"))


def test_classes_are_those_of_the_training(tmp_path):
    images, labels = blobs(12)
    write_folder(tmp_path, images, labels)
    data = load_images(tmp_path, "test")
    renumbered = with_classes(data, ("other", "class2", "class1", "class0"))
    assert [renumbered.classes[k] for k in renumbered.labels] == [
        data.classes[k] for k in data.labels
    ]
    with pytest.raises(InputFileError, match="got class class2"):
        with_classes(data, ("class0", "class1"))


def test_dividing(tmp_path):
    images, labels = blobs(60)
    write_folder(tmp_path, images, labels)
    data = load_images(tmp_path, "train")
    train, held = divide(data, "last:10", 1)
    assert (len(train), len(held)) == (50, 10)
    train, held = divide(data, "each:5", 1)
    assert np.array_equal(np.bincount(train.labels), [5, 5, 5])
    assert set(train.names).isdisjoint(held.names)
    assert divide(data, "each:5", 2)[0].names != train.names
    train, held = divide(data, "share:0.25", 1)
    assert abs(len(held) - 15) <= 1
    _, held = divide(data, "match:class2/", 1)
    assert set(held.labels.tolist()) == {2}
    for wrong in ("last:60", "half", "match:nothing", "share:x", "match:("):
        with pytest.raises(UsageError):
            divide(data, wrong, 1)
    assert len(sliced(data, ":20")) == 20
    assert np.array_equal(sliced(data, "-5:").images, data.images[-5:])
    with pytest.raises(UsageError):
        sliced(data, "5")
    with pytest.raises(UsageError):
        sliced(data, "60:")
