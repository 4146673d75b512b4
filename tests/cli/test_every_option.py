"""Every argument and option of every command meets every kind of wrong value.

A value is taken (exit code 0, nothing on standard error) or refused (exit code 2, one line there):
no traceback, no hang. Commands, verbs and options are found in the parsers, so that a new one is
tried without being named here. Training is left out unless with --runslow.
"""

from __future__ import annotations

import os
import re
import signal
from pathlib import Path

import matplotlib.figure
import numpy as np
import pytest
from every_option import WRONG, Command, every_command, usual_arguments, with_value
from PIL import Image

from distsnn.__main__ import main
from distsnn.cli.parser import make_parser
from distsnn.comm.launch.environment import find_launcher
from distsnn.errors import DistsnnError

MAX_SECONDS = 60  # for one value; a hang, where it takes longer
MAX_TAKEN = 1  # value that is taken for real, for each option; the others are only parsed

pytestmark = pytest.mark.skipif(find_launcher().n_ranks > 1, reason="one process is enough")


class WorkBegins(DistsnnError):
    """Raised where a training would begin."""

    exit_code = 0


LONG_WORK = {
    "lsm train": "distsnn.liquid.inputs.encoding.encode_with_copies",
    "lsm measure": "distsnn.liquid.measures.everything.measure_all",
    "lsm eval": "distsnn.liquid.inputs.encoding.encode_all",
    "sdnn train": "distsnn.convnet.train.training.Training",
    "sdnn eval": "distsnn.convnet.train.evaluation.evaluate",
}


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder with everything that commands need, trained networks included."""
    folder = tmp_path_factory.mktemp("place")
    picture = (np.arange(64).reshape(8, 8) * 4).astype(np.uint8)
    Image.fromarray(picture).save(folder / "picture.png")
    usual = usual_arguments(folder)
    before = Path.cwd()
    os.chdir(folder)
    try:
        for name in ("lsm train", "sdnn train"):
            assert main([*name.split(), *usual[name]]) == 0
    finally:
        os.chdir(before)
    return folder, usual


@pytest.fixture
def quick(monkeypatch, request):
    """Pictures are not drawn, trainings end where they begin, and nothing takes too long."""

    def save(figure, file, **options):
        file.write(b"\x89PNG distsnn")

    def begins(*arguments, **options):
        raise WorkBegins("work begins")

    monkeypatch.setattr(matplotlib.figure.Figure, "savefig", save)
    is_slow = request.config.getoption("--runslow")
    if not is_slow:
        for target in LONG_WORK.values():
            monkeypatch.setattr(target, begins)
    return not is_slow


def too_late(number, frame):
    raise TimeoutError(f"took more than {MAX_SECONDS} s")


def outcome(words, capsys) -> tuple[int, list[str]]:
    """Return exit code and lines on standard error of a command line."""
    signal.signal(signal.SIGALRM, too_late)
    signal.alarm(MAX_SECONDS)
    try:
        code = main(words)
    except SystemExit as leaving:
        code = leaving.code
    finally:
        signal.alarm(0)
    return code, [line for line in capsys.readouterr().err.splitlines() if line.strip()]


def test_every_command_is_tried(tmp_path):
    assert {str(one) for one in every_command()} == set(usual_arguments(tmp_path))
    _, parsers = make_parser()
    assert {one.words[0] for one in every_command()} == set(parsers)


@pytest.mark.parametrize("command", every_command(), ids=str)
def test_every_value(command: Command, place, quick, capsys, monkeypatch, tmp_path):
    folder, usual = place
    monkeypatch.chdir(tmp_path)
    tried = wrong = 0
    for action in command.actions:
        if action.nargs == 0:
            continue
        taken = 0
        for value in (*WRONG, str(folder), str(folder / "matrix.csv"), "/dev/null"):
            if value == "loihi" and not action.option_strings:
                continue  # a network of 100,000 neurons, and right
            if quick and taken >= MAX_TAKEN and is_parsed(command, action, value, usual):
                continue
            words = with_value(command, action, value, usual[str(command)])
            code, lines = outcome(words, capsys)
            # "compiling": on a machine that is new to it
            lines = [line for line in lines if not re.search("work begins|compiling", line)]
            assert code in (0, 2), words
            assert len(lines) == (1 if code == 2 else 0), (words, lines)
            assert all(line.startswith("distsnn: ") for line in lines), (words, lines)
            tried, taken, wrong = tried + 1, taken + (code == 0), wrong + (code == 2)
    assert wrong > len(command.actions), "values must be refused"
    assert tried >= 3 * len([one for one in command.actions if one.nargs != 0])


def is_parsed(command, action, value, usual) -> bool:
    """Return whether a value passes the parser."""
    try:
        make_parser()[0].parse_args(with_value(command, action, value, usual[str(command)]))
    except DistsnnError:
        return False
    return True


@pytest.mark.parametrize("command", every_command(), ids=str)
def test_options_that_are_no_numbers(command: Command, place, quick, capsys, monkeypatch, tmp_path):
    """An option without its value, given twice, cut short, or with a value that it does not take."""
    _, usual = place
    monkeypatch.chdir(tmp_path)
    for action in command.actions:
        for name in action.option_strings:
            if not name.startswith("--"):
                continue
            if action.nargs not in (0, "?"):
                code, lines = outcome([*command.words, name], capsys)
                assert (code, len(lines)) == (2, 1), name
            if action.nargs == 0:
                code, lines = outcome([*command.words, f"{name}=yes"], capsys)
                assert (code, len(lines)) == (2, 1), name
            code, lines = outcome([*command.words, *usual[str(command)], f"{name}x"], capsys)
            assert (code, len(lines)) == (2, 1), name


def test_null_characters_are_refused(capsys):
    assert main(["run", "a\0b"]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_more_frames_than_memory_holds(place, capsys):
    folder, _ = place
    code, lines = outcome(["camera", str(folder / "picture.png"), "--frames=2147483647"], capsys)
    assert code == 2
    assert "frames: must be of at most" in lines[0]


def test_options_of_a_camera_that_would_be_ignored(capsys, tmp_path):
    np.save(tmp_path / "frames.npy", np.zeros((3, 8, 8)))
    (tmp_path / "recording.dat").write_bytes(b"")
    for source, option in (
        ("recording.dat", "--fps=3"), ("recording.dat", "--frames=3"), ("frames.npy", "--shake"),
        ("frames.npy", "--move 3 4"),
    ):  # fmt: skip
        code, lines = outcome(["camera", str(tmp_path / source), *option.split()], capsys)
        assert (code, len(lines)) == (2, 1)
        assert "without. Leave it out." in lines[0]
