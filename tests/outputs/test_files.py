"""One file is there whole or not at all, with what was there before kept until then."""

from __future__ import annotations

import os
import resource
import threading

import pytest

from distsnn.errors import OutputFileError, UsageError
from distsnn.outputs import hdf5_bytes, save_figure, write_file
from distsnn.outputs.content import is_own_picture


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_file_is_replaced(tmp_path):
    path = tmp_path / "x.txt"
    write_file(path, b"old")
    path.chmod(0o640)
    write_file(path, b"new")
    assert path.read_bytes() == b"new"
    assert path.stat().st_mode & 0o777 == 0o640
    assert names(tmp_path) == ["x.txt"]


def test_nothing_is_left_of_a_file_that_does_not_fit(tmp_path):
    path = tmp_path / "x.txt"
    path.write_bytes(b"old")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, before[1]))
    try:
        with pytest.raises(
            OutputFileError, match=r"x\.txt: must be writable, got 'File too large'"
        ):
            write_file(path, bytes(1001))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert path.read_bytes() == b"old"
    assert names(tmp_path) == ["x.txt"]


def test_a_link_stays_a_link(tmp_path):
    target, link = tmp_path / "target", tmp_path / "link"
    link.symlink_to(target)
    write_file(link, b"new")  # also one that led nowhere
    assert link.is_symlink()
    assert target.read_bytes() == b"new"


@pytest.mark.parametrize("name", ["no/x", "a" * 256, "a\0b", "loop"])
def test_places_that_cannot_be_written(name, tmp_path):
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    with pytest.raises(OutputFileError, match="must be writable"):
        write_file(tmp_path / name, b"")
    assert names(tmp_path) == ["loop"]


def test_devices_and_pipes_are_written_directly(tmp_path):
    write_file("/dev/null", b"text")
    with pytest.raises(OutputFileError, match="No space left"):
        write_file("/dev/full", b"text")
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(OutputFileError, match="No such device"):
        write_file(pipe, b"text")  # nobody reads: an error, no wait
    read = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()))
    reader.start()
    while not read and reader.is_alive():
        try:
            write_file(pipe, b"text")
            break
        except OutputFileError:  # the reader has not come yet
            continue
    reader.join(10)
    assert read == [b"text"]
    assert pipe.is_fifo()


def test_hdf5_has_the_same_bytes_again():
    def fill(file):
        file.attrs["name"] = "x"
        file.create_dataset("a", data=list(range(5000)), compression="gzip", track_times=False)

    assert bytes(hdf5_bytes(fill)) == bytes(hdf5_bytes(fill))


@pytest.mark.parametrize("suffix", [".png", ".pdf", ".svg", ".PNG"])
def test_pictures_are_known_as_own(suffix, tmp_path):
    from matplotlib.figure import Figure

    figure = Figure()
    figure.subplots().plot(range(100))
    save_figure(figure, tmp_path / f"own{suffix}")
    assert is_own_picture(tmp_path / f"own{suffix}")
    figure.savefig(tmp_path / f"other{suffix}")
    assert not is_own_picture(tmp_path / f"other{suffix}")
    with pytest.raises(UsageError, match="must end in one of"):
        save_figure(figure, tmp_path / "own.gif")
