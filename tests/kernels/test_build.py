"""The compiling process: nothing of the user's is run in it, and it ends when it must."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from kernels.small_kernels import DOUBLE, USE_DOUBLE, python

from distsnn.errors import KernelError
from distsnn.kernels.compile import build as build_module
from distsnn.kernels.compile.build import BOOT, build, environment

TRAP = "import pathlib, sys\npathlib.Path(__file__ + '.ran').touch()\nsys.exit('trapped')\n"


def test_modules_in_the_current_folder_are_not_run(tmp_path):
    """Files that have the names of what the compiler imports, there and on an empty path entry."""
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "double.py").write_text(DOUBLE)
    (tmp_path / "work").mkdir()
    for name in ("numba", "llvmlite", "ctypes", "marshal", "distsnn", "importlib"):
        (tmp_path / "work" / f"{name}.py").write_text(TRAP)
    (tmp_path / "work" / ".numba_config.yaml").write_text("opt: 0\n")
    (tmp_path / "lib" / "use.py").write_text(USE_DOUBLE)
    # as an installed command is started: its own folder is the first on the path
    done = python(
        str(tmp_path / "lib" / "use.py"), cwd=str(tmp_path / "work"),
        DISTSNN_CACHE=str(tmp_path / "cache"),
    )  # fmt: skip
    assert done.stdout == "42\n", done.stderr
    assert "compiling" in done.stderr
    assert list((tmp_path / "work").glob("*.ran")) == []


def test_environment():
    given = {
        "PYTHONPATH": os.pathsep.join(["", "/opt/modules", "relative", "."]), "NUMBA_OPT": "0",
        "NUMBA_CPU_NAME": "x86-64-v3", "PYTHONWARNINGS": "error", "PATH": "/bin",
    }  # fmt: skip
    kept = environment(given)
    assert kept == {
        "PYTHONPATH": "/opt/modules", "PATH": "/bin", "DISTSNN_KERNELS": "compile",
        "NUMBA_DISABLE_INTEL_SVML": "1", "NUMBA_CPU_NAME": "x86-64-v3",
    }  # fmt: skip
    assert "PYTHONPATH" not in environment({"PYTHONPATH": ":"})


def test_settings_of_numba_change_nothing(tmp_path):
    """Machine code has one name in the cache, so the shell must not decide what it is."""
    (tmp_path / "double.py").write_text(DOUBLE)
    (tmp_path / "use.py").write_text(USE_DOUBLE)
    done = python(
        str(tmp_path / "use.py"), DISTSNN_CACHE=str(tmp_path / "cache"), NUMBA_DISABLE_JIT="1",
        NUMBA_BOUNDSCHECK="1", PYTHONWARNINGS="error",
    )  # fmt: skip
    assert done.stdout == "42\n", done.stderr


@pytest.mark.timeout(60)
def test_it_ends_with_its_parent():
    """The parent is killed while the child waits for its work, which nobody will send."""
    package = str(Path(build_module.__file__).parents[2])
    parent = subprocess.Popen(
        [
            sys.executable, "-c",
            "import os, subprocess, sys\n"
            f"child = subprocess.Popen([sys.executable, '-c', {BOOT!r}, {package!r}, "
            "str(os.getpid())], stdin=subprocess.PIPE)\n"
            "print(child.pid, flush=True)\n"
            "read, write = os.pipe()\n"  # keeps the child's input open
            "os.set_inheritable(child.stdin.fileno(), True)\n"
            "keeper = subprocess.Popen(['sleep', '30'], close_fds=False)\n"
            "print(keeper.pid, flush=True)\n"
            "child.wait()\n",
        ],
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert parent.stdout is not None
    child, keeper = int(parent.stdout.readline()), int(parent.stdout.readline())
    try:
        until = time.monotonic() + 30
        while not waits_for_input(child) and time.monotonic() < until:
            time.sleep(0.05)
        assert is_alive(child)
        parent.kill()
        parent.wait()
        until = time.monotonic() + 5
        while is_alive(child) and time.monotonic() < until:
            time.sleep(0.02)
        assert not is_alive(child)
    finally:
        os.kill(keeper, 9)
        parent.stdout.close()


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def waits_for_input(pid: int) -> bool:
    try:
        return "pipe" in Path(f"/proc/{pid}/wchan").read_text()
    except OSError:
        return False


def test_it_does_not_start_for_a_parent_that_is_gone():
    package = str(Path(build_module.__file__).parents[2])
    done = subprocess.run([sys.executable, "-c", BOOT, package, "1"], timeout=60, check=False)
    assert done.returncode == 1


def test_a_time_limit(tmp_path, monkeypatch):
    monkeypatch.setattr(build_module, "MAX_START_S", 0.2)
    monkeypatch.setattr(build_module, "MAX_KERNEL_S", 0.1)
    monkeypatch.setattr(build_module, "BOOT", "import time; time.sleep(60)")
    began = time.monotonic()
    with pytest.raises(KernelError, match=r"kernel advance: must compile within 0.* s, got no end"):
        build((("advance",),), ["advance"])
    assert time.monotonic() - began < 10


def test_what_cannot_be_compiled_is_one_line(tmp_path):
    (tmp_path / "double.py").write_text(DOUBLE.replace("FACTOR * x", "FACTOR * x.nothing"))
    (tmp_path / "use.py").write_text(USE_DOUBLE)
    done = python(str(tmp_path / "use.py"), DISTSNN_CACHE=str(tmp_path / "cache"))
    last = done.stderr.splitlines()[-1]
    assert (
        "kernel double.times: does not compile: Unknown attribute 'nothing' of type int64" in last
    )
    assert 'double.py", line 8' in last
    assert list((tmp_path / "cache").glob("*.obj")) == []
