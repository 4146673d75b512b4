"""The command ``gallery``: what it writes, what it refuses, and the same picture on any ranks."""

from __future__ import annotations

import re
import sys

import pytest
from matplotlib.image import imread

from distsnn.__main__ import main
from distsnn.comm import start
from distsnn.comm.serial import SerialComm
from distsnn.gallery import NAMES, make_picture, module_of

QUICK = ("lif-trace", "stdp-window", "synapses")


def test_pictures_are_drawn(tmp_path, capsys):
    assert main(["gallery", "--out", str(tmp_path / "new"), *QUICK]) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == [
        str(tmp_path / "new" / f"{name}.png") for name in QUICK
    ]
    for name in QUICK:
        pixels = imread(tmp_path / "new" / f"{name}.png")
        assert min(pixels.shape[:2]) > 400
        assert 0.01 < (pixels[..., :3].min(axis=2) < 0.9).mean() < 0.5  # neither empty nor full


@pytest.mark.parametrize(("kind", "first"), [("pdf", b"%PDF"), ("svg", b"<?xml")])
def test_formats(kind, first, tmp_path):
    assert main(["gallery", "lif-trace", "--out", str(tmp_path), "--format", kind]) == 0
    assert (tmp_path / f"lif-trace.{kind}").read_bytes().startswith(first)


def test_list_names_all_and_draws_nothing(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["gallery", "--list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == list(NAMES)
    assert all(module_of(name).TITLE in line for name, line in zip(NAMES, lines, strict=True))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["brunel-state"],
            "picture: must be one of lif-trace, .*got 'brunel-state'. Did you mean brunel-states?",
        ),
        (["--format", "jpg"], "invalid choice: 'jpg'"),
        (["lif-trace", "--out", "taken"], "output taken: must be a folder"),
    ],
)
def test_what_is_refused(arguments, message, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "taken").write_text("a file")
    assert main(["gallery", *arguments]) == 2
    told = capsys.readouterr().err.strip()
    assert "\n" not in told
    assert re.search(message, told)


def test_help_imports_nothing_that_draws(capsys):
    before = set(sys.modules)
    with pytest.raises(SystemExit):
        main(["gallery", "-h"])
    assert "--list" in capsys.readouterr().out
    assert not {name for name in set(sys.modules) - before if name.startswith("matplotlib")}


@pytest.mark.mpi
def test_same_picture_on_any_ranks(tmp_path):
    comm = start()
    command = ["gallery", "--out", str(tmp_path / "many"), "stdp-window", "synapses"]
    assert main(command) == 0
    if comm.rank == 0:
        for name in ("stdp-window", "synapses"):
            alone = tmp_path / f"{name}.png"
            assert make_picture(name, alone, SerialComm())
            assert alone.read_bytes() == (tmp_path / "many" / f"{name}.png").read_bytes()
    comm.barrier()
