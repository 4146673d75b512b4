"""What a command writes is tried before its work, and put in place together after it."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from every_option import usual_arguments

from distsnn.__main__ import main
from distsnn.errors import OutputFileError
from distsnn.outputs import RUN, Delivery, Inputs, save_figure, write_file


def test_all_files_or_none(tmp_path, monkeypatch):
    first, second = tmp_path / "first", tmp_path / "below" / "second"
    second.parent.mkdir()
    first.write_text("old")
    delivery = Delivery([first, second])
    write_file(delivery.place(first), b"new")
    write_file(delivery.place(second), b"new")
    assert first.read_text() == "old"
    assert not second.exists()
    delivery.discard()
    assert first.read_text() == "old"
    assert [one.name for one in tmp_path.iterdir()] in (["below", "first"], ["first", "below"])
    delivery = Delivery([first, second])
    write_file(delivery.place(first), b"new")
    write_file(delivery.place(second), b"new")
    delivery.commit()
    delivery.discard()
    assert first.read_text() == second.read_text() == "new"
    assert not list(second.parent.glob(".*"))


def test_files_inside_the_folder_belong_to_the_run(tmp_path):
    """A report in the folder of results is replaced, and removed, with the results."""
    folder, report = tmp_path / "run", tmp_path / "run" / "report.json"
    marker = {"distsnn": "0", "network": "n", "traffic_digest": "d"}
    for has_report in (True, False):
        delivery = Delivery([report] if has_report else [], folder=folder, kind=RUN)
        if has_report:
            write_file(delivery.place(report), b"{}")
        write_file(delivery.place(folder / "settings.json"), json.dumps(marker).encode())
        delivery.commit()
        delivery.discard()
        assert report.exists() == has_report


def test_two_outputs_of_one_place(tmp_path):
    (tmp_path / "link").symlink_to(tmp_path / "a")
    for first, second in (("a", "a"), ("a", "link"), ("a", "below/../a")):
        (tmp_path / "below").mkdir(exist_ok=True)
        with pytest.raises(OutputFileError, match="must differ from the other outputs"):
            Delivery([tmp_path / first, tmp_path / second])
    with pytest.raises(OutputFileError, match="must differ"):
        Delivery([tmp_path / "run"], folder=tmp_path / "run", kind=RUN)
    with pytest.raises(OutputFileError, match="must differ from the files of distsnn run"):
        Delivery([tmp_path / "run" / "spikes.h5"], folder=tmp_path / "run", kind=RUN)
    assert not (tmp_path / "run").exists()


def test_pictures_of_others_are_kept(tmp_path):
    from matplotlib.figure import Figure

    path = tmp_path / "raster.png"
    path.write_bytes(b"\x89PNG of a holiday")
    with pytest.raises(OutputFileError, match="must be free or a picture of distsnn"):
        Delivery(pictures=[path])
    save_figure(Figure(), path.with_name("mesh.png"))
    Delivery(pictures=[path.with_name("mesh.png")]).discard()
    Delivery(pictures=[tmp_path / "a" / "b" / "mesh.png"]).discard()
    assert not (tmp_path / "a").exists()


INPUTS = ["itself", "link", "hard link", "dotted", "in a data folder", "hard link into data"]


@pytest.mark.parametrize("how", INPUTS)
def test_inputs_are_not_written_over(how, tmp_path):
    data = tmp_path / "data"
    (data / "below").mkdir(parents=True)
    file = data / "below" / "events.dat"
    file.write_text("data")
    output = tmp_path / "output"
    inputs = Inputs([file])
    if how in ("in a data folder", "hard link into data"):
        inputs = Inputs([], [data])
    if how in ("itself", "in a data folder"):
        output = file
    elif how == "link":
        output.symlink_to(file)
    elif how == "dotted":
        output = tmp_path / "data" / ".." / "data" / "below" / "events.dat"
    else:
        os.link(file, output)
    with pytest.raises(OutputFileError, match="must not be an input"):
        Delivery([output], inputs=inputs)
    Delivery([tmp_path / "other"], inputs=inputs).discard()
    Delivery([data / "report.json"], inputs=inputs).discard()


@pytest.fixture
def usual(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return usual_arguments(tmp_path)


COMMANDS = {
    "run": ("run net.py --duration=1 --quiet", ("--json", "--out", "--plot")),
    "traffic": ("traffic --matrix=matrix.csv --quiet", ("--json", "--plot")),
    "plan": ("plan net.py --ranks=1 --quiet", ("--json",)),
    "models": ("models --quiet", ("--json",)),
}
BAD_PLACES = [
    "nowhere/x/y", "leads_nowhere.png", "read_only.png", "folder.png", "circle.png", "net.py/x",
]  # fmt: skip


@pytest.mark.parametrize("place", BAD_PLACES)
@pytest.mark.parametrize("command", COMMANDS)
def test_places_are_tried_before_the_work(command, place, usual, tmp_path, monkeypatch, capsys):
    """Also by root, to whom nothing is read-only."""
    (tmp_path / "leads_nowhere.png").symlink_to("/nowhere/at/all.png")
    (tmp_path / "circle.png").symlink_to("circle.png")
    (tmp_path / "folder.png").mkdir()
    (tmp_path / "read_only.png").write_text("")
    (tmp_path / "read_only.png").chmod(0o444)
    usual_access = os.access
    read_only = str(tmp_path / "read_only.png")
    monkeypatch.setattr(
        os, "access", lambda path, mode: str(path) not in (read_only, "read_only.png")
        and usual_access(path, mode),
    )  # fmt: skip
    monkeypatch.setattr("distsnn.running.building.compile_kernels", pytest.fail)
    words, options = COMMANDS[command]
    for option in options:
        if option == "--out" and place in ("nowhere/x/y", "folder.png"):
            continue  # a folder that can be made, and one that is there
        if option == "--plot" and place in ("nowhere/x/y", "folder.png", "read_only.png"):
            continue  # raster.png in folders that can be made; a picture by the name of a folder
        assert main([*words.split(), f"{option}={place}"]) == 2, option
        lines = capsys.readouterr().err.splitlines()
        assert len(lines) == 1, lines


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def test_own_files_are_not_written_over(usual, tmp_path, capsys):
    (tmp_path / "net.toml").write_text("")
    (tmp_path / "helper.py").write_text("N = 3\n")
    (tmp_path / "uses.py").write_text("import helper\n" + (tmp_path / "net.py").read_text())
    before = contents(tmp_path)
    for words in (
        "run net.py --duration=1 --json=net.py", "plan net.py --ranks=1 --json=net.py",
        "traffic --matrix=matrix.csv --json=matrix.csv", "models net.py --json=net.py",
        "run uses.py --duration=1 --json=helper.py", "run net.py --duration=1 --out=net.py",
    ):  # fmt: skip
        assert main([*words.split(), "--quiet"]) == 2, words
        assert len(capsys.readouterr().err.splitlines()) == 1
    assert contents(tmp_path) == before


def test_a_folder_that_was_made_in_vain_goes(usual, tmp_path, capsys, monkeypatch):
    def fails(*arguments, **options):
        raise OutputFileError("no")

    monkeypatch.setattr("distsnn.storage.fill_run_folder", fails)
    assert main(["run", "net.py", "--duration=1", "--quiet", "--out=a/b/c"]) == 2
    assert not (tmp_path / "a").exists()
