"""Where the kernel cache is, whose it may be, and that one process compiles for all."""

from __future__ import annotations

import os
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from kernels.small_kernels import DOUBLE, USE_DOUBLE, flipped, python

from distsnn.errors import KernelError
from distsnn.kernels.compile.cache import cache_folder, writing

COMPILING = "distsnn: compiling 1 kernel files"


@pytest.fixture
def user_folder(tmp_path):
    (tmp_path / "double.py").write_text(DOUBLE)
    (tmp_path / "use.py").write_text(USE_DOUBLE)
    return tmp_path


def use(folder: Path, cache: Path | str, **more: str):
    return python(str(folder / "use.py"), DISTSNN_CACHE=str(cache), **more)


def test_order_of_places(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    for name in ("XDG_CACHE_HOME", "DISTSNN_CACHE"):
        monkeypatch.delenv(name, raising=False)
    assert cache_folder() == tmp_path / "home" / ".cache" / "distsnn"
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")  # to be ignored
    assert cache_folder() == tmp_path / "home" / ".cache" / "distsnn"
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert cache_folder() == tmp_path / "xdg" / "distsnn"
    monkeypatch.setenv("DISTSNN_CACHE", "~/own")
    assert cache_folder() == tmp_path / "home" / "own"
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DISTSNN_CACHE", "tau=10")
    assert cache_folder() == tmp_path / "tau=10"
    assert cache_folder().stat().st_mode & 0o777 == 0o700


def test_no_home(tmp_path, monkeypatch):
    """A user without a home, as in a container: one line, and no folder named ~."""
    monkeypatch.chdir(tmp_path)
    for name in ("XDG_CACHE_HOME", "DISTSNN_CACHE", "HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(os.path, "expanduser", lambda path: path)
    with pytest.raises(KernelError, match=r"got no home of this user\. Set DISTSNN_CACHE"):
        cache_folder()
    assert list(tmp_path.iterdir()) == []


def test_whose_it_may_be(tmp_path, monkeypatch):
    monkeypatch.setenv("DISTSNN_CACHE", str(tmp_path / "cache"))
    folder = cache_folder()
    for mode in (0o770, 0o707, 0o720):
        folder.chmod(mode)
        with pytest.raises(KernelError, match=f"must not be writable by others, got mode {mode:o}"):
            cache_folder()
    folder.chmod(0o755)
    owner = folder.stat().st_uid
    monkeypatch.setattr(os, "getuid", lambda: owner + 1)
    if owner == 0:
        assert cache_folder() == folder
    else:
        with pytest.raises(KernelError, match=f"got a folder of user number {owner}"):
            cache_folder()


def test_a_file_in_its_place(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("DISTSNN_CACHE", str(tmp_path / "file"))
    with pytest.raises(KernelError, match="must be a folder, got File exists"):
        cache_folder()


def test_what_killed_processes_left_is_removed(tmp_path):
    (tmp_path / "advance-1.obj.77.tmp").write_text("half")
    (tmp_path / "advance-2.obj").write_text("whole")
    with writing(tmp_path, "advance"):
        assert {path.name for path in tmp_path.iterdir()} == {"advance-2.obj", "lock"}


def test_compiled_once_and_anew_where_damaged(user_folder):
    """Four processes at once compile once; a flipped bit, wherever, means compiling once more."""
    cache = user_folder / "a cache=1"
    with ThreadPoolExecutor(4) as pool:
        jobs = list(pool.map(lambda _: use(user_folder, cache), range(4)))
    assert [job.stdout for job in jobs] == ["42\n"] * 4, jobs[0].stderr
    assert sum(COMPILING in job.stderr for job in jobs) == 1
    (file,) = cache.glob("*.obj")
    content = file.read_bytes()
    for damaged in (flipped(content, 8 * len(content) // 2), content[:-1]):
        file.write_bytes(damaged)
        for is_compiled in (True, False):
            done = use(user_folder, cache)
            assert (done.stdout, COMPILING in done.stderr) == ("42\n", is_compiled)
    assert len(list(cache.glob("*.obj"))) == 1


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become another user")
def test_a_complete_cache_of_root_serves_others(user_folder, request):
    """As in a container's image: it belongs to root, and who uses it cannot write in it."""
    image = tempfile.TemporaryDirectory()
    request.addfinalizer(image.cleanup)
    cache = Path(image.name) / "cache"
    assert use(user_folder, cache).stdout == "42\n"
    for folder in (cache, cache.parent):
        folder.chmod(0o755)
    script = (
        "import os\n"
        "from distsnn.kernels.compile import library\n"
        "library._common_digest(), library._offer_c_functions()\n"  # all that is to be imported
        "os.setgroups([]); os.setgid(7); os.setuid(7)\n"
    )
    text = DOUBLE + USE_DOUBLE.replace("from double import times", "")
    done = python("-c", script + text, DISTSNN_CACHE=str(cache))
    assert done.stdout == "42\n", done.stderr
    assert "compiling" not in done.stderr
    done = python("-c", script + text.replace("FACTOR = 2", "FACTOR = 3"), DISTSNN_CACHE=str(cache))
    assert (
        f"kernel cache {cache}: must be writable to compile __main__.times, got Permission denied. "
        "Set DISTSNN_CACHE to a folder of your own that can be written."
    ) in done.stderr.splitlines()[-1]


def test_a_cache_that_lacks_a_kernel_and_cannot_be_written(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "open", lambda *_: (_ for _ in ()).throw(PermissionError(13, "no")))
    with (
        pytest.raises(KernelError, match=r"must be writable to compile times, got no\. Set DIST"),
        writing(tmp_path, "times"),
    ):
        pass
