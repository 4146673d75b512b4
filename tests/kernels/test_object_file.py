"""Only sound object files count; whatever else lies in their place is as if there were none."""

from __future__ import annotations

import os
import random
from types import SimpleNamespace

import pytest
from kernels.small_kernels import flipped

from distsnn.kernels.compile import object_file

KEY = "0123456789abcdef" * 2
KERNELS = {"advance": ("symbol1", bytes(range(256)) * 40), "sweep": ("symbol2", b"\x7fELF" * 700)}


@pytest.fixture
def path(tmp_path):
    place = tmp_path / f"advance-{KEY}.obj"
    object_file.write(place, KEY, KERNELS)
    return place


def test_what_is_written_is_read(path):
    assert object_file.read(path, KEY) == KERNELS
    assert [one.name for one in path.parent.iterdir()] == [path.name]


def test_a_thousand_flipped_bits(path):
    content = path.read_bytes()
    rng = random.Random(1)
    bits = {*range(8 * object_file.N_HEAD), *(rng.randrange(8 * len(content)) for _ in range(1000))}
    assert len(bits) > 1000
    assert [bit for bit in bits if object_file.unpacked(flipped(content, bit), KEY)] == []
    assert object_file.unpacked(content, KEY) == KERNELS


def test_cut_and_longer(path):
    content = path.read_bytes()
    for n in (0, 1, 8, object_file.N_HEAD, len(content) // 2, len(content) - 1):
        assert object_file.unpacked(content[:n], KEY) is None
    assert object_file.unpacked(content + b"\0", KEY) is None


def test_another_kernels_file_under_this_name(path):
    assert object_file.read(path, KEY[::-1]) is None


def replace_by_link(path, other):
    path.rename(other)
    path.symlink_to(other)


def replace_by_pipe(path, other):
    path.unlink()
    os.mkfifo(path)


def replace_by_folder(path, other):
    path.unlink()
    path.mkdir()


FOREIGN = {
    "link": replace_by_link,
    "second name": lambda path, other: os.link(path, other),
    "pipe": replace_by_pipe,
    "folder": replace_by_folder,
    "group": lambda path, other: path.chmod(0o664),
    "world": lambda path, other: path.chmod(0o646),
    "nothing": lambda path, other: path.unlink(),
}


@pytest.mark.timeout(20)
@pytest.mark.parametrize("kind", FOREIGN)
def test_foreign_files(path, tmp_path, kind, monkeypatch):
    monkeypatch.setattr(os, "getuid", lambda: path.parent.stat().st_uid)
    FOREIGN[kind](path, tmp_path / "other")
    if kind == "second name" and os.getuid() == 0:
        pytest.skip("files of root may share their content, as in images")
    assert object_file.read(path, KEY) is None


def status(**more):
    return SimpleNamespace(**{"st_mode": 0o100644, "st_size": 10, "st_nlink": 1, **more})


def test_owners():
    mine, other = os.getuid(), os.getuid() + 1
    assert object_file.is_trusted(status(st_uid=mine))
    assert object_file.is_trusted(status(st_uid=0, st_nlink=2))
    assert not object_file.is_trusted(status(st_uid=other))
    assert not object_file.is_trusted(status(st_uid=0, st_mode=0o100664))
    assert not object_file.is_trusted(status(st_uid=mine, st_size=1 << 40))


def test_a_group_that_may_write_is_not_asked(tmp_path):
    """Whatever the umask, a file that was written can be read."""
    before = os.umask(0o002)
    try:
        object_file.write(tmp_path / "one.obj", KEY, KERNELS)
    finally:
        os.umask(before)
    assert object_file.read(tmp_path / "one.obj", KEY) == KERNELS
