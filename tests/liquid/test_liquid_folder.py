"""A folder that train wrote is taken as it was left, or refused in one line."""

from __future__ import annotations

import json
import os
import shutil
import zipfile

import numpy as np
import pytest

from distsnn.cli.parser import run_command
from distsnn.comm.serial import SerialComm
from distsnn.errors import InputFileError
from distsnn.liquid.classify.evaluation import evaluate
from distsnn.liquid.inputs.encoding import encode_all
from distsnn.liquid.inputs.samples import SHIPPED, find_samples
from distsnn.liquid.saved.arrays import digest_of
from distsnn.liquid.saved.folder import load_run
from distsnn.simulation import Settings

N_FUZZED = 250


def trained_with(folder, *options):
    run_command(["lsm", "train", "--out", str(folder), "--grid", "4x4x4", "--limit", "20", "--quiet",
                 "--no-pictures", *options])  # fmt: skip
    return folder


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    return trained_with(tmp_path_factory.mktemp("run"))


@pytest.fixture(scope="module")
def other(tmp_path_factory):
    return trained_with(tmp_path_factory.mktemp("other"), "--seed", "2", "--no-compare")


@pytest.fixture
def run(trained, tmp_path):
    """A copy of a run, to be damaged."""
    return shutil.copytree(trained, tmp_path / "copy")


def line_of(folder):
    with pytest.raises(InputFileError) as caught:
        load_run(folder)
    text = str(caught.value)
    assert "\n" not in text
    assert "must be" in text or "must have" in text
    assert caught.value.exit_code == 2
    return text


def text_of(folder):
    return json.loads((folder / "run.json").read_text())


def arrays_of(folder):
    with np.load(folder / "readouts.npz") as file:
        return {name: file[name] for name in file.files}


def write(folder, text=None, arrays=None, *, is_signed=False):
    """Write an edited run; signed as if it had been left so."""
    text = text_of(folder) if text is None else text
    arrays = arrays_of(folder) if arrays is None else arrays
    if is_signed:
        text["digest"] = digest_of(text, arrays)
    (folder / "run.json").write_text(json.dumps(text))
    np.savez(folder / "readouts.npz", **arrays)


def test_a_run_is_read_as_it_was_written(trained):
    found = load_run(trained)
    assert set(found.readouts) == {"liquid", "without_recurrence", "without_liquid"}
    assert found.about == text_of(trained)["training"]
    assert found.trained_on.shape == (2, 20)
    write(trained)  # the same content in another form
    assert load_run(trained).classes == found.classes


def test_files_of_two_runs_are_no_run(run, other):
    for name in ("readouts.npz", "run.json"):
        before = (run / name).read_bytes()
        shutil.copy(other / name, run / name)
        line_of(run)
        (run / name).write_bytes(before)
    load_run(run)


EDITS = {
    "permuted classes": lambda text: text["classes"].reverse(),
    "another seed": lambda text: text.update(seed=7),
    "another accuracy": lambda text: text["training"]["accuracies"]["liquid"].update(folds=100.0),
    "another weight": lambda text: text["preset"]["wiring"].update(weight_na=61.0),
    "another gain": lambda text: text["encoder"].update(gain=0.1),
    "another digest of states": lambda text: text["training"].update(digest="0" * 32),
    "another regularisation": lambda text: text["readouts"]["liquid"].update(alpha=2.0),
}


@pytest.mark.parametrize("name", EDITS)
def test_what_was_edited_is_refused(run, name):
    text = text_of(run)
    EDITS[name](text)
    write(run, text)
    assert "digest" in line_of(run)


def test_weights_that_were_edited_are_refused(run):
    arrays = arrays_of(run)
    arrays["liquid.weights"][3, 1] += 1e-3
    write(run, arrays=arrays)
    assert "digest" in line_of(run)


SIGNED_EDITS = {
    "nan": lambda text, arrays: arrays["liquid.weights"].__setitem__((0, 0), np.nan),
    "infinite bias": lambda text, arrays: arrays["liquid.bias"].__setitem__(0, np.inf),
    "fewer weights": lambda text, arrays: arrays.update(
        {"liquid.weights": arrays["liquid.weights"][:-1]}
    ),
    "more weights": lambda text, arrays: arrays.update(
        {"liquid.weights": np.tile(arrays["liquid.weights"], (2, 1))}
    ),
    "other type": lambda text, arrays: arrays.update(
        {"liquid.weights": arrays["liquid.weights"].astype(np.float64)}
    ),
    "objects": lambda text, arrays: arrays.update({"liquid.bias": np.array([None] * 10)}),
    "one array more": lambda text, arrays: arrays.update(extra=np.zeros(1)),
    "one array less": lambda text, arrays: arrays.pop("liquid.bias"),
    "no read-out": lambda text, arrays: text["readouts"].pop("liquid"),
    "no list": lambda text, arrays: text.update(classes="0123456789"),
    "one class twice": lambda text, arrays: text["classes"].__setitem__(0, "1"),
    "fewer classes": lambda text, arrays: text["classes"].pop(),
    "a wrong kind": lambda text, arrays: text.update(kind="events"),
    "no grid": lambda text, arrays: text["preset"]["column"].update(grid=[4, 4]),
    "a large grid": lambda text, arrays: text["preset"]["column"].update(grid=[4000, 4000, 4000]),
    "truth for a number": lambda text, arrays: text["preset"]["wiring"].update(fan=True),
    "a large number": lambda text, arrays: text["preset"]["times"].update(n=10**30),
    "an unknown key": lambda text, arrays: text["preset"].update(more=1),
    "a missing key": lambda text, arrays: text["preset"]["column"].pop("probability"),
    "a missing report": lambda text, arrays: text.update(training={}),
    "a report of text": lambda text, arrays: text["training"].update(neurons="many"),
    "another confusion": lambda text, arrays: text["training"]["confusion"].pop(),
    "another division": lambda text, arrays: text["training"]["by_group"].popitem(),
    "another version": lambda text, arrays: text.update(version=1),
    "no version": lambda text, arrays: text.pop("version"),
    "other times": lambda text, arrays: text["readouts"]["liquid"]["times"].update(lag_ms=1.0),
    "negative alpha": lambda text, arrays: text["readouts"]["liquid"].update(alpha=-1.0),
}


@pytest.mark.parametrize("name", SIGNED_EDITS)
def test_what_makes_no_sense_is_refused_even_if_signed(run, name):
    text, arrays = text_of(run), arrays_of(run)
    SIGNED_EDITS[name](text, arrays)
    write(run, text, arrays, is_signed=True)
    line_of(run)


def test_numbers_that_json_has_not(run):
    whole = (run / "run.json").read_text()
    for number in ("NaN", "Infinity", "-Infinity", "1e999"):
        (run / "run.json").write_text(whole.replace('"seed": 1,', f'"seed": {number},', 1))
        line_of(run)


def test_what_would_take_all_memory_or_time(run):
    text = (run / "run.json").read_text()
    (run / "run.json").write_text("[" * 200_000)
    line_of(run)
    (run / "run.json").unlink()
    os.mkfifo(run / "run.json")  # reading it would never end
    line_of(run)
    (run / "run.json").unlink()
    (run / "run.json").write_text(text)
    with zipfile.ZipFile(run / "readouts.npz", "w", zipfile.ZIP_DEFLATED) as file:
        for name in arrays_of_names(text):
            file.writestr(f"{name}.npy", bytes(10_000_000))
    assert (run / "readouts.npz").stat().st_size < 200_000
    line_of(run)


def arrays_of_names(text):
    names = [
        f"{name}.{part}" for name in json.loads(text)["readouts"] for part in ("weights", "bias")
    ]
    return [*names, "trained.stimuli", "trained.spikes"]


@pytest.mark.parametrize("name", ["run.json", "readouts.npz"])
def test_changed_bytes_give_the_same_run_or_one_line(run, name):
    """Bytes changed, cut out and put in at random: no run but the very same is ever returned."""
    whole = (run / name).read_bytes()
    expected = load_run(run)
    random = np.random.default_rng(5)
    messages = []
    for _ in range(N_FUZZED):
        data = bytearray(whole)
        for _ in range(int(random.integers(1, 4))):
            at = int(random.integers(0, len(data)))
            kind = int(random.integers(0, 4))
            if kind == 0:
                data[at] = int(random.integers(0, 256))
            elif kind == 1:
                del data[at : at + int(random.integers(1, 40))]
            elif kind == 2:
                data[at:at] = bytes(random.choice([b"1", b"-", b"e9", b"[", b'"', b"\0", b"null"]))
            else:
                data[at] ^= 1 << int(random.integers(0, 8))
        (run / name).write_bytes(data)
        try:
            found = load_run(run)
        except InputFileError as error:
            messages.append(str(error))
            continue
        assert found.about == expected.about
        assert (found.classes, found.preset, found.seed) == (
            expected.classes, expected.preset, expected.seed
        )  # fmt: skip
        for key, saved in found.readouts.items():
            weights = expected.readouts[key].readout.weights
            assert np.array_equal(saved.readout.weights, weights)
    assert len(messages) > 0.9 * N_FUZZED
    assert not any("\n" in one for one in messages)


def test_commands_end_in_one_line(run):
    write(run, {**text_of(run), "seed": 3})
    for verb in ("eval", "show"):
        with pytest.raises(InputFileError, match="digest"):
            run_command(["lsm", verb, str(run)])


def test_the_liquid_must_answer_as_it_did_in_training(run):
    """Another liquid than that of the read-outs is noticed by what it does with known recordings."""
    samples = find_samples(SHIPPED).limited(20)

    def evaluated(folder):
        saved = load_run(folder)
        stimuli = encode_all(saved.encoder, [one.path for one in samples.items], SerialComm())
        return evaluate(saved, samples, stimuli, Settings(), SerialComm())

    assert evaluated(run).accuracy > 50.0
    text = text_of(run)
    text["preset"]["column"]["tau_m_ms"] = 20.0
    write(run, text, is_signed=True)
    with pytest.raises(InputFileError, match="train it again"):
        evaluated(run)
