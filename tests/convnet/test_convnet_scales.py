"""Which values are white, which set is meant, and what is said of it."""

from __future__ import annotations

import gzip

import numpy as np
import pytest
from PIL import Image

from distsnn.cli.parser import run_command
from distsnn.convnet.images.reading import load_images
from distsnn.errors import InputFileError, UsageError

TWO = np.random.default_rng(0).integers(0, 2, (6, 12, 12))
LABELS = np.arange(6) % 2


def load(tmp_path, images, size=""):
    np.savez(tmp_path / "i.npz", images=images, labels=LABELS)
    return load_images(tmp_path / "i.npz", "train", size)


@pytest.mark.parametrize("kind", [np.uint8, np.int64, bool, float, np.float32])
def test_images_of_0_and_1_are_black_and_white(tmp_path, kind):
    data = load(tmp_path, TWO.astype(kind))
    assert np.array_equal(data.images, TWO * 255)
    assert ("1 is white" in data.note) == (np.dtype(kind).kind in "iu")


@pytest.mark.parametrize("kind", [np.uint8, np.float64])
def test_sets_of_few_levels_span_their_own_range(tmp_path, kind):
    data = load(tmp_path, (TWO * 16).astype(kind))
    assert np.array_equal(data.images, TWO * 255)
    assert data.note == "values were scaled so that 16 is white"


@pytest.mark.parametrize("largest", [32, 200, 255])
def test_dark_sets_of_8_bits_stay_as_they_are(tmp_path, largest):
    data = load(tmp_path, (TWO * largest).astype(np.uint8))
    assert data.images.max() == largest
    assert data.note == ""


def test_black_images_stay_black(tmp_path):
    assert load(tmp_path, TWO * 0).images.max() == 0


@pytest.mark.parametrize(
    "wrong", [TWO - 1, TWO * 300, TWO * np.nan, np.where(TWO, np.inf, 0.0), TWO * 1e30]
)
def test_values_that_are_no_grey(tmp_path, wrong):
    with pytest.raises(InputFileError, match="grey values"):
        load(tmp_path, wrong)


def test_colours_of_few_levels(tmp_path):
    data = load(tmp_path, np.repeat(TWO[..., None], 3, axis=3))
    assert np.array_equal(data.images, TWO * 255)
    assert data.note == "colour was turned to grey; values were scaled so that 1 is white"


def test_idx_files_of_0_and_1(tmp_path):
    write_idx(tmp_path, "train-images-idx3-ubyte", TWO)
    write_idx(tmp_path, "train-labels-idx1-ubyte", LABELS)
    assert load_images(tmp_path, "train").images.max() == 255


def save(folder, name, values, kind):
    for k in range(2):
        (folder / f"class{k}").mkdir(exist_ok=True)
    path = folder / name
    Image.fromarray(np.asarray(values).astype(kind)).save(path)


@pytest.mark.parametrize("size", ["", "6x6"])
def test_pictures_of_0_and_1_are_scaled_before_they_are_resized(tmp_path, size):
    for k in range(2):
        save(tmp_path, f"class{k}/a.png", TWO[k], np.uint8)
    data = load_images(tmp_path, "train", size)
    assert data.note == "values were scaled so that 1 is white"
    if size:
        expected = Image.fromarray((TWO[0] * 255).astype(np.uint8)).resize((6, 6), Image.BILINEAR)
        assert np.array_equal(data.images[0], np.asarray(expected))
    else:
        assert np.array_equal(data.images[0], TWO[0] * 255)


def test_a_dark_picture_of_16_bits_beside_bright_ones(tmp_path):
    save(tmp_path, "class0/a.png", TWO[0] * 40_000, np.uint16)
    save(tmp_path, "class1/b.png", TWO[1] * 200, np.uint16)
    save(tmp_path, "class1/c.png", TWO[2] * 250, np.uint8)
    data = load_images(tmp_path, "train")
    assert [int(image.max()) for image in data.images] == [40_000 // 256, 0, 250]
    assert data.note == "values were scaled so that 65535 is white"


def test_16_bits_that_hold_8(tmp_path):
    for k in range(2):
        save(tmp_path, f"class{k}/a.png", TWO[k] * 200, np.uint16)
    data = load_images(tmp_path, "train")
    assert np.array_equal(data.images[0], TWO[0] * 200)
    assert data.note == ""


@pytest.mark.parametrize(("factor", "white"), [(1.0, 255), (200.0, 200), (0.5, 128)])
def test_pictures_of_fractions(tmp_path, factor, white):
    for k in range(2):
        save(tmp_path, f"class{k}/a.tif", TWO[k] * factor, np.float32)
    data = load_images(tmp_path, "train")
    assert np.array_equal(data.images[1], TWO[1] * white)
    assert ("1 is white" in data.note) == (factor <= 1.0)


def test_pictures_beyond_16_bits_are_told(tmp_path):
    save(tmp_path, "class0/a.tif", TWO[0] * 1e6, np.float32)
    save(tmp_path, "class1/a.tif", TWO[1], np.float32)
    with pytest.raises(
        InputFileError, match=r"class0/a\.tif: must be a picture of values to 65535"
    ):
        load_images(tmp_path, "train")


def test_drawings_on_nothing_are_laid_on_white(tmp_path):
    drawing = np.zeros((8, 8, 4), np.uint8)
    drawing[2, :, 3] = 255
    save(tmp_path, "class0/a.png", drawing, np.uint8)
    save(tmp_path, "class1/b.png", TWO[0][:8, :8] * 255, np.uint8)
    data = load_images(tmp_path, "train")
    assert (data.images[0][2] == 0).all()
    assert (np.delete(data.images[0], 2, axis=0) == 255).all()
    assert data.note == "1 of 2 pictures were laid on white"


def test_the_scale_is_said_on_screen(tmp_path, capsys):
    load(tmp_path, TWO)
    run_command([
        "sdnn", "train", str(tmp_path / "i.npz"), "--out", str(tmp_path / "run"),
        "--set", "conv1.maps=4", "--set", "conv1.max_images=4",
    ])  # fmt: skip
    assert "1 is white" in capsys.readouterr().out


def write_idx(folder, name, array):
    header = bytes([0, 0, 8, array.ndim]) + b"".join(n.to_bytes(4, "big") for n in array.shape)
    content = header + array.astype(np.uint8).tobytes()
    (folder / name).write_bytes(gzip.compress(content) if name.endswith("gz") else content)


def write_sets(folder, *names, suffix=""):
    """Write sets with 2, 4, ... images."""
    for k, name in enumerate(names):
        n = 2 * k + 2
        write_idx(folder, name.format(kind="images", idx="idx3") + suffix, TWO[:n] * 255)
        write_idx(folder, name.format(kind="labels", idx="idx1") + suffix, LABELS[:n])


def test_two_sets_of_which_none_is_meant(tmp_path):
    write_sets(
        tmp_path, "letters-train-{kind}-{idx}-ubyte", "digits-train-{kind}-{idx}-ubyte",
        "digits-test-{kind}-{idx}-ubyte",
    )  # fmt: skip
    with pytest.raises(InputFileError, match="one set of IDX files to train, got digits-train"):
        load_images(tmp_path, "train")
    assert len(load_images(tmp_path, "test")) == 6, "of tests there is one"


def test_images_are_paired_with_their_own_labels(tmp_path):
    write_sets(tmp_path, "t10k-{kind}.{idx}-ubyte", "train-{kind}.{idx}-ubyte", suffix=".gz")
    (tmp_path / "train-labels.idx1-ubyte.gz").rename(tmp_path / "a-train-labels.idx1-ubyte.gz")
    assert len(load_images(tmp_path, "test")) == 2
    with pytest.raises(InputFileError, match="with one of labels of the same name"):
        load_images(tmp_path, "train")


def test_test_inside_a_word_is_no_test_set(tmp_path):
    write_sets(tmp_path, "latest-{kind}-{idx}-ubyte", "t10k-{kind}-{idx}-ubyte")
    assert len(load_images(tmp_path, "train")) == 2
    assert len(load_images(tmp_path, "test")) == 4


def test_a_set_that_lies_there_packed_and_unpacked(tmp_path):
    write_sets(tmp_path, "train-{kind}-{idx}-ubyte")
    write_sets(tmp_path, "train-{kind}-{idx}-ubyte", suffix=".gz")
    assert len(load_images(tmp_path, "train")) == 2


@pytest.mark.parametrize("size", ["0x5", "5x", "99999999999x9", "70000x1", "5x5x5", "-1x5", "٣x٣"])
def test_sizes_that_are_none(tmp_path, size):
    with pytest.raises(UsageError, match=r"input\.size"):
        load(tmp_path, TWO, size)


def test_a_size_that_no_memory_holds(tmp_path):
    np.savez(tmp_path / "i.npz", images=np.zeros((3000, 2, 2)), labels=np.arange(3000) % 2)
    with pytest.raises(UsageError, match="half of this machine's memory"):
        load_images(tmp_path / "i.npz", "train", "65535x65535")
