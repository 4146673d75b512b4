"""``distsnn sdnn`` as typed: the same digests on any number of ranks; one line for wrong inputs."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from distsnn.__main__ import main

# That of the environment which the tests run in comes before one of the system.
SEARCHED = os.pathsep.join([os.path.dirname(sys.executable), os.environ.get("PATH", "")])
LAUNCHER = shutil.which("mpirun", path=SEARCHED) or ""
ENVIRONMENT = {
    **{k: v for k, v in os.environ.items() if not k.startswith(("OMPI", "PMI", "PMIX"))},
    "OMPI_ALLOW_RUN_AS_ROOT": "1",
    "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
    "PRTE_MCA_rmaps_default_mapping_policy": ":oversubscribe",
}
# Two layers that learn, small enough for eight ranks on one processor core.
SMALL = [
    "--preset", "mnist-paper", "--images", ":60", "--set", "conv1.maps=10",
    "--set", "conv2.maps=12", "--set", "conv1.max_images=60", "--set", "conv2.max_images=40",
    "--set", "conv1.check_every=20", "--set", "conv2.check_every=20", "--set", "conv1.a_plus=0.05",
    "--set", "conv2.a_plus=0.05",
]  # fmt: skip


def command(n: int, *arguments: str) -> None:
    start = [LAUNCHER, "-n", str(n)] if n > 1 else []
    done = subprocess.run(
        [*start, sys.executable, "-m", "distsnn", "sdnn", *arguments, "--quiet"],
        env=ENVIRONMENT, capture_output=True, text=True, check=False, timeout=500,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def digests(n: int, folder: Path, *options: str) -> dict[str, str]:
    """Train and try on n ranks; return every digest of both."""
    run = folder / f"{n}{''.join(options)}"
    reports = [folder / f"{run.name}-{name}.json" for name in ("train", "eval")]
    command(n, "train", "--out", str(run), *SMALL, *options, "--json", str(reports[0]))
    command(n, "eval", str(run), "--images", ":40", *options, "--json", str(reports[1]))
    learned, tried = (json.loads(path.read_text()) for path in reports)
    assert learned["n_ranks"] == tried["n_ranks"] == n
    assert learned["features"]["spikes_per_sample"] > 300
    return {
        "weights and features": learned["digest"],
        "learning": learned["learning"]["traffic_digest"] + learned["learning"]["spike_digest"],
        "traffic": learned["features"]["traffic_digest"] + learned["features"]["spike_digest"],
        "tried": tried["digest"] + tried["traffic_digest"] + tried["spike_digest"],
        "confusion": str(tried["confusion"]),
    }


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    return digests(1, tmp_path_factory.mktemp("alone"))


@pytest.mark.skipif(not LAUNCHER, reason="there is no mpirun")
@pytest.mark.parametrize(
    ("n", "options"),
    [(2, ()), (3, ()), (5, ("--fabric", "hop")), (8, ())],
    ids=lambda value: str(value) if isinstance(value, int) else " ".join(value),
)
def test_any_number_of_ranks(n, options, alone, tmp_path):
    assert digests(n, tmp_path, *options) == alone


@pytest.mark.skipif(not LAUNCHER, reason="there is no mpirun")
@pytest.mark.parametrize(("n", "replicas"), [(4, 2)])
def test_replicas(n, replicas, alone, tmp_path):
    found = digests(n, tmp_path, "--replicas", str(replicas))
    assert found == alone


def test_a_training_that_is_killed_goes_on(tmp_path):
    """Killed while it learns, it ends with the result of one that was not."""
    slow = ["--set", "conv1.max_images=1500", "--set", "conv1.stop_c=0", "--set", "conv1.maps=16"]
    options = [*slow, "--images", ":200", "--quiet"]
    whole, cut = tmp_path / "whole", tmp_path / "cut"
    assert main(["sdnn", "train", "--out", str(whole), *options]) == 0
    start = [sys.executable, "-m", "distsnn", "sdnn", "train", "--out", str(cut), *options]
    process = subprocess.Popen(start, env=ENVIRONMENT)
    deadline = time.monotonic() + 120
    while not (cut / "settings.json").exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    time.sleep(0.3)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert main(["sdnn", "train", "--out", str(cut), *options]) == 0
    results = [json.loads((folder / "report.json").read_text()) for folder in (whole, cut)]
    assert results[0]["digest"] == results[1]["digest"]


def test_a_reader_that_leaves_early(tmp_path):
    """``... | head -1`` ends quietly, as other programs do."""
    small = "--set conv1.maps=8 --set conv1.max_images=300 --set conv1.check_every=10"
    typed = f"{sys.executable} -m distsnn sdnn train --out {tmp_path}/run {small} | head -1"
    done = subprocess.run(
        ["bash", "-c", typed], env=ENVIRONMENT, capture_output=True, text=True, check=False,
        timeout=200,
    )  # fmt: skip
    assert done.stdout.startswith("MNIST")
    assert "Traceback" not in done.stderr
    assert "Broken" not in done.stderr


def one_line(capsys, *arguments: str) -> str:
    """Return the error line of a command that must fail with exit code 2."""
    assert main(["sdnn", *arguments]) == 2
    lines = capsys.readouterr().err.strip().splitlines()
    lines = [line for line in lines if "compiling" not in line]  # on a machine that is new to it
    assert len(lines) == 1, lines
    assert lines[0].startswith("distsnn: ")
    return lines[0]


def pictures(folder: Path, sizes: dict[str, list[tuple[int, int]]], mode: str = "L") -> Path:
    image_module = pytest.importorskip("PIL.Image")
    for name, shapes in sizes.items():
        (folder / name).mkdir(parents=True)
        for number, (height, width) in enumerate(shapes):
            image = image_module.new(mode, (width, height), number * 20)
            image.save(folder / name / f"{number}.png")
    return folder


def test_wrong_data(tmp_path, capsys):
    run, whole = str(tmp_path / "run"), [(28, 28)] * 3
    (tmp_path / "empty").mkdir()
    corrupt = pictures(tmp_path / "corrupt", {"a": whole, "b": whole})
    (corrupt / "b" / "1.png").write_bytes(b"no picture")
    np.savez(tmp_path / "none.npz", images=np.zeros((0, 28, 28)), labels=np.zeros(0))
    cases = {
        "empty": "one with neither",
        str(pictures(tmp_path / "one", {"a": whole, "b": whole[:1]})): "at least 2 images, got 1",
        str(pictures(tmp_path / "class", {"a": whole})): "2 or more classes, got 1",
        str(pictures(tmp_path / "mixed", {"a": whole, "b": [(30, 20)] * 2})): "images of one size",
        str(pictures(tmp_path / "tiny", {"a": [(4, 4)] * 2, "b": [(4, 4)] * 2})): "larger images",
        "corrupt": "must be a whole picture",
        "none.npz": "2 or more images, got 0",
        "missing": "does not exist",
    }
    for data, words in cases.items():
        assert words in one_line(capsys, "train", str(tmp_path / data), "--out", run), data


def test_colour_is_said_and_other_sizes_are_refused(tmp_path, capsys):
    run = str(tmp_path / "run")
    image_module = pytest.importorskip("PIL.Image")
    rng = np.random.default_rng(0)
    for label in "ab":
        (tmp_path / "colour" / label).mkdir(parents=True)
        for number in range(4):
            pixels = rng.integers(0, 256, (28, 28, 3)).astype(np.uint8)
            image_module.fromarray(pixels).save(tmp_path / "colour" / label / f"{number}.png")
    small = ["--set", "conv1.maps=8", "--set", "conv1.max_images=20"]
    assert main(["sdnn", "train", str(tmp_path / "colour"), "--out", run, *small]) == 0
    assert "8 of 8 pictures in colour were turned to grey" in capsys.readouterr().out
    larger = pictures(tmp_path / "larger", {"a": [(30, 30)] * 2, "b": [(30, 30)] * 2})
    assert "28x28, as trained, got 30x30" in one_line(capsys, "eval", run, str(larger))
    other = pictures(tmp_path / "other", {"a": [(28, 28)] * 2, "c": [(28, 28)] * 2})
    assert "got class c" in one_line(capsys, "eval", run, str(other))


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ("train --out RUN --preset mist", "got 'mist'"),
        ("train --out RUN --set conv1.mapz=3", "conv1.mapz"),
        ("train --out RUN --set conv1.maps=0", "conv1.maps"),
        ("train --out RUN --set conv1", "NAME=VALUE"),
        ("train --out RUN --set readouts.grid=conv1.time@40", "grid: must be at most 22"),
        ("train --out RUN --images 700:", "holds some of 600 images"),
        ("train --out RUN --images :10", "at least 2 images, got 0"),
        ("train --out RUN --hold-out half", "--hold-out"),
        ("train --out RUN --replicas 3", "replicas"),
        ("train --out RUN --json /nowhere/x.json", "must be in a folder that exists"),
        ("train --out /proc/version/x", "Not a directory"),
        ("train", "--out"),
        ("eval RUN", "settings.json"),
        ("show RUN", "settings.json"),
        ("play RUN", "play"),
    ],
)
def test_wrong_words(arguments, words, tmp_path, capsys):
    typed = arguments.replace("RUN", str(tmp_path / "run")).split()
    assert words in one_line(capsys, *typed)
