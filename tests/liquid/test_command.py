"""``distsnn lsm`` from the outside."""

from __future__ import annotations

import json

import pytest

from distsnn.cli.parser import run_command
from distsnn.errors import InputFileError, UsageError


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    folder = tmp_path_factory.mktemp("run")
    report = folder / "train.json"
    run_command(["lsm", "train", "--out", str(folder), "--grid", "6x6x5", "--json", str(report),
                 "--quiet"])  # fmt: skip
    return folder, json.loads(report.read_text())


def test_training_beats_chance_and_says_what_it_costs(trained):
    folder, report = trained
    for scores in report["accuracies"].values():
        assert scores["folds"] > 60.0
        assert scores["new speakers"] > 40.0
    assert set(report["accuracies"]) == {
        "liquid", "recurrent weights at zero", "input without liquid, tuned",
    }  # fmt: skip
    assert report["spikes_per_sample"] > 100
    assert 0 < report["joules_per_sample"] < 1
    assert sum(map(sum, report["confusion"])) == report["n_train"] == 120
    for name in ("accuracies.png", "confusion.png", "recording.png", "readouts.npz", "run.json"):
        assert (folder / name).stat().st_size > 1000


def test_evaluation_has_the_keys_of_its_contract(trained, tmp_path):
    folder, _ = trained
    path = tmp_path / "eval.json"
    run_command(["lsm", "eval", str(folder), "--limit", "30", "--json", str(path), "--quiet"])
    report = json.loads(path.read_text())
    assert report["n_test"] == 30
    for key in ("accuracy", "baseline_accuracy", "no_recurrence_accuracy"):
        assert 80.0 < report[key] <= 100.0
    for key in ("seconds", "spikes_per_sample", "joules_per_sample"):
        assert report[key] > 0
    assert sum(map(sum, report["confusion"])) == 30


def test_show(trained, capsys):
    folder, _ = trained
    run_command(["lsm", "show", str(folder)])
    said = capsys.readouterr().out
    assert "new speakers" in said
    assert "recurrent weights at zero" in said


def test_the_same_seed_gives_the_same_digest(trained, tmp_path):
    _, report = trained
    path = tmp_path / "again.json"
    run_command(["lsm", "train", "--out", str(tmp_path), "--grid", "6x6x5", "--json", str(path),
                 "--quiet", "--no-compare", "--no-pictures"])  # fmt: skip
    again = json.loads(path.read_text())
    assert again["digest"] == report["digest"]
    assert again["traffic_digest"] == report["traffic_digest"]


def test_wrong_input(tmp_path):
    with pytest.raises(InputFileError):
        run_command(["lsm", "eval", str(tmp_path)])
    with pytest.raises(InputFileError):
        run_command(["lsm", "train", str(tmp_path), "--out", str(tmp_path / "x")])
    with pytest.raises(UsageError):
        run_command(["lsm", "train", "--out", str(tmp_path / "x"), "--preset", "loud"])
    with pytest.raises(UsageError):
        run_command(["lsm", "train", "--out", str(tmp_path / "x"), "--grid", "3x3"])
    (tmp_path / "run.json").write_text("{}")
    (tmp_path / "readouts.npz").write_bytes(b"")
    with pytest.raises(InputFileError):
        run_command(["lsm", "eval", str(tmp_path)])
