"""A folder of results: replaced as a whole, by one process at a time, and only where it may be."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys

import pytest

from distsnn.errors import OutputFileError
from distsnn.outputs import LSM, PICTURES, RUN, SDNN, OutputFolder, finish_interrupted, write_file
from distsnn.outputs import folder as folder_module

MARKER = {"distsnn": "0", "network": "n", "traffic_digest": "d"}


def fill(path, text, names=("spikes.h5", "counters.h5"), kind=RUN):
    """Write a run whose files all contain ``text``."""
    place = OutputFolder(path, kind)
    try:
        for name in names:
            write_file(place.place(name), text.encode())
        write_file(place.place("settings.json"), json.dumps({**MARKER, "text": text}).encode())
        place.commit()
    finally:
        place.close()


def texts(path):
    """Return the text of each file of a folder by its name, that of the marker included."""
    found = {one.name: one.read_text() for one in path.iterdir() if one.is_file()}
    if "settings.json" in found:
        found["settings.json"] = json.loads(found["settings.json"])["text"]
    return found


def whole(text, names=("spikes.h5", "counters.h5")):
    return dict.fromkeys([*names, "settings.json"], text)


def test_a_run_takes_the_place_of_an_older_one(tmp_path):
    path = tmp_path / "a" / "b"
    fill(path, "old", ("spikes.h5", "counters.h5", "traces.h5", "report.json"))
    (path / "notes.txt").write_text("mine")
    fill(path, "new")
    assert texts(path) == {**whole("new"), "notes.txt": "mine"}
    listed = json.loads((path / "settings.json").read_text())["files"]
    assert listed["spikes.h5"] == hashlib.sha256(b"new").hexdigest()


def test_nothing_stays_of_a_run_that_fails(tmp_path):
    place = OutputFolder(tmp_path / "a" / "b", RUN)
    write_file(place.place("spikes.h5"), b"half")
    place.close()
    assert not (tmp_path / "a").exists()
    fill(tmp_path / "c", "old")
    place = OutputFolder(tmp_path / "c", RUN)
    write_file(place.place("spikes.h5"), b"half")
    place.close()
    assert texts(tmp_path / "c") == whole("old")


def n_renames():
    """How often files are moved when one run takes the place of another."""
    return 2 * 3 + 1  # three files out and in, and the hidden folder before


@pytest.mark.parametrize("failing", range(1, n_renames() + 1))
def test_a_rename_that_fails_leaves_the_older_run(failing, tmp_path, monkeypatch):
    fill(tmp_path / "run", "old")
    rename, calls = os.rename, []

    def fails(source, target):
        calls.append(source)
        if len(calls) == failing:
            raise OSError(5, "Input/output error")
        rename(source, target)

    with monkeypatch.context() as patch:
        patch.setattr(folder_module.os, "rename", fails)
        with pytest.raises(OutputFileError, match="Input/output error"):
            fill(tmp_path / "run", "new")
    assert texts(tmp_path / "run") == whole("old")
    fill(tmp_path / "run", "new")
    assert texts(tmp_path / "run") == whole("new")


@pytest.mark.parametrize("deadly", range(1, n_renames() + 1))
def test_a_process_that_is_killed_leaves_no_mixture(deadly, tmp_path, monkeypatch):
    fill(tmp_path / "run", "old", ("spikes.h5", "counters.h5"))
    rename, calls = os.rename, []

    def dies(source, target):
        calls.append(source)
        if len(calls) == deadly:
            os._exit(9)
        rename(source, target)

    child = os.fork()
    if child == 0:
        folder_module.os.rename = dies
        fill(tmp_path / "run", "new")
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9
    left = set(texts(tmp_path / "run").values()) - {""}  # the lock is empty or names its owner
    assert len({text for text in left if not text.startswith("process")}) <= 1
    finish_interrupted(tmp_path / "run")
    expected = whole("old" if deadly == 1 else "new")
    found = texts(tmp_path / "run")
    assert {name: found[name] for name in expected} == expected
    fill(tmp_path / "run", "newest")
    assert texts(tmp_path / "run") == whole("newest")
    assert not [one for one in (tmp_path / "run").iterdir() if one.name.startswith(".")]


def test_one_process_at_a_time(tmp_path):
    holder = OutputFolder(tmp_path / "run", RUN)
    with pytest.raises(OutputFileError, match=f"in use by process {os.getpid()} on"):
        OutputFolder(tmp_path / "run", RUN)
    holder.close()
    fill(tmp_path / "run", "new")


def test_the_lock_of_a_dead_process_does_not_count(tmp_path):
    code = (
        "import os, sys\nfrom pathlib import Path\nfrom distsnn.outputs import RUN, OutputFolder\n"
        "OutputFolder(Path(sys.argv[1]), RUN).place('spikes.h5').write_text('half')\nos._exit(9)\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path / "run")], check=False)
    assert done.returncode == 9
    assert list((tmp_path / "run").iterdir())
    fill(tmp_path / "run", "new")
    assert texts(tmp_path / "run") == whole("new")


def test_a_file_system_without_locks(tmp_path, monkeypatch):
    def no_locks(descriptor, how):
        raise OSError(38, "Function not implemented")

    monkeypatch.setattr("distsnn.outputs.locks.fcntl.flock", no_locks)
    fill(tmp_path / "run", "old")
    fill(tmp_path / "run", "new")
    assert texts(tmp_path / "run") == whole("new")


@pytest.mark.parametrize("name", ["spikes.h5", "settings.json", "mesh.png", "raster.png"])
def test_what_is_not_the_products_own_is_kept(name, tmp_path):
    (tmp_path / name).write_text('{"mine": 1}')
    with pytest.raises(OutputFileError, match=name):
        OutputFolder(tmp_path, RUN)
    assert texts_of(tmp_path) == {name: '{"mine": 1}'}


def texts_of(path):
    return {one.name: one.read_text() for one in path.iterdir()}


def test_kinds_of_results_do_not_mix(tmp_path):
    fill(tmp_path / "run", "old")
    for kind in (LSM, SDNN):
        with pytest.raises(OutputFileError, match=r"got one of distsnn run\. Choose another"):
            OutputFolder(tmp_path / "run", kind)
    OutputFolder(tmp_path / "run", PICTURES).close()
    (tmp_path / "cnn").mkdir()
    about = {"settings": {}, "classes": [], "images": ""}
    (tmp_path / "cnn" / "settings.json").write_text(json.dumps(about))
    for kind in (LSM, RUN):
        with pytest.raises(OutputFileError, match="got one of distsnn sdnn train"):
            OutputFolder(tmp_path / "cnn", kind)


def test_pieces_of_a_training_without_its_settings(tmp_path):
    (tmp_path / "layer-conv1.npz").write_text("checked when it is read")
    (tmp_path / "report.json").write_text('{"distsnn": "0"}')
    OutputFolder(tmp_path, SDNN).close()
    (tmp_path / "report.json").write_text('{"mine": 1}')
    with pytest.raises(OutputFileError, match=r"got a report\.json that it has not written"):
        OutputFolder(tmp_path, SDNN)


@pytest.mark.parametrize("name", ["file", "file/below", "loop", "a" * 256])
def test_places_that_are_no_folders(name, tmp_path):
    (tmp_path / "file").write_text("")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    with pytest.raises(OutputFileError):
        OutputFolder(tmp_path / name, RUN)
    assert sorted(one.name for one in tmp_path.iterdir()) == ["file", "loop"]


def test_a_list_of_moves_cannot_lead_elsewhere(tmp_path):
    (tmp_path / "outside").write_text("mine")
    commit = tmp_path / "run" / folder_module.COMMIT
    (commit / folder_module.OLD).mkdir(parents=True)
    moves = {"out": ["../outside", "a"], "in": ["../outside"]}
    (commit / folder_module.MOVES).write_text(json.dumps(moves))
    finish_interrupted(tmp_path / "run")
    assert (tmp_path / "outside").read_text() == "mine"
