"""Every wrong input: one clear line, exit code 2, no traceback."""

from __future__ import annotations

import subprocess
import sys

import pytest

from distsnn.__main__ import main
from distsnn.core import memory_estimate

WRONG = {
    "unknown network": ("run loih", "Did you mean loihi"),
    "unknown command": ("rum", "Did you mean run?"),
    "unknown option": ("run --speed 3", "option: must be a known name, got '--speed'"),
    "option nearly right": ("run --durration 3", "Did you mean --duration?"),
    "option cut short": ("run --dur 3", "Did you mean --duration?"),
    "option of no command": (
        "--speed",
        "command line: option: must be a known name, got '--speed'",
    ),
    "two networks": ("run loihi brunel", "must be left out, got 'brunel'"),
    "duration text": ("run --duration long", "must be a number"),
    "duration negative": ("run --duration -5", "must be a number above 0"),
    "duration zero": ("run --duration 0", "must be a number above 0"),
    "duration nan": ("run --duration nan", "must be a number above 0"),
    "duration below a step": ("run --scale 0.02 --duration 0.1", "at least one step"),
    "duration between steps": (
        "run brunel --scale 0.02 --duration 10.26",
        "duration: must be a whole number of steps of 0.1 ms, got 10.26. Give 10.2 or 10.3 ms.",
    ),
    "discard between steps": (
        "run brunel --scale 0.02 --duration 10 --discard 0.25",
        "discard: must be a whole number of steps of 0.1 ms, got 0.25. Give 0.2 or 0.3 ms.",
    ),
    "delay between steps": (
        "run brunel --scale 0.02 --set delay_ms=1.55",
        "network brunel: delay_ms: must be a whole "
        "number of steps of 0.1 ms, got 1.55. Give 1.5 or 1.6 ms.",
    ),
    "duration absurd": ("run --duration 1e30", "2147483647 steps"),
    "discard all": ("run --duration 10 --discard 10", "less than the duration"),
    "scale twice": ("run --scale 0.5 --set scale=0.3", "must be given once"),
    "dt negative": ("run --dt -1", "must be a number above 0"),
    "scale absurd": ("run microcircuit --scale 1e9", "scale: must be"),
    "scale infinite": ("run --scale inf", "must be a number from"),
    "seed": ("run --seed -1", "whole number from 0"),
    "set without value": ("run --set g", "must be name=value"),
    "set unknown": ("run brunel --set h=3", "must be one of g, eta"),
    "set text": ("run brunel --set g=much", "must be a number"),
    "set nan": ("run brunel --set g=nan", "g: must be a number, got 'nan'"),
    "chip": ("run --scale 0.02 --chip loihy", "loihi"),
    "placement": ("run --scale 0.02 --placement diagonal", "near, random, rows"),
    "fabric": ("run --scale 0.02 --fabric wire", "mesh"),
    "ranks": ("run --scale 0.02 --ranks 7", "Start them with mpirun -n 7"),
    "neurons per core": ("run --scale 0.02 --neurons-per-core 5000", "1 to 1024"),
    "too few cores": ("run brunel --neurons-per-core 10", "at most 128 cores"),
    "strict": ("run loihi --scale 0.3 --duration 10 --strict", "synapse bits"),
    "discard": ("run --discard -1", "must be a number of at least 0"),
    "no file": ("run nowhere.py", "does not exist"),
    "json folder": ("run --scale 0.02 --json /nowhere/x.json", "must be in a folder that exists"),
    "json is a folder": ("run --scale 0.02 --json /tmp", "must be a file, got a folder"),
    "out below a file": ("run --scale 0.02 --out /proc/version/x", "'Not a directory'"),
    "json in no place": ("run --scale 0.02 --json /proc/x.json", "must be writable"),
    "picture format": ("run --scale 0.02 --plot x.txt", "got .txt"),
    "picture of traffic": ("traffic --matrix m.csv --plot x.txt", "got .txt"),
    "traffic placement": ("traffic --placement diagonal", "near, random, rows"),
    "folder as a network": ("run /tmp", "got a folder"),
    "events without a recording": ("run --scale 0.02 --events-fan 3", "--events FILE, got 3"),
    "matrix and network": ("traffic brunel --matrix m.csv", "instead of --matrix"),
    "matrix and rates": ("traffic --rates 3 --matrix m.csv", "instead of --matrix"),
    "matrix and settings": ("traffic --set g=3 --matrix m.csv", "instead of --matrix"),
    "bands of no sounds": (
        "lsm measure --out x --bands 3",
        "option: must be a known name, got '--bands'",
    ),
    "matrix missing": ("traffic --matrix nowhere.csv", "nowhere.csv"),
    "plan without ranks": ("plan loihi", "-n/--ranks"),
    "plan too many": ("plan loihi -n 129", "from 1 to 128, got 129"),
    "plan chips": ("plan loihi -n 4 --chips 4", "COLUMNSxROWS"),
}


@pytest.mark.parametrize("case", WRONG)
def test_one_line_and_exit_code_2(case, capsys):
    command, expected = WRONG[case]
    assert main(command.split()) == 2
    lines = capsys.readouterr().err.strip().splitlines()
    assert len(lines) == 1, lines
    assert lines[0].startswith("distsnn: ")
    assert expected in lines[0]


FILES = {
    "no build": ("x = 1\n", "has no function build()"),
    "syntax": ("def build(:\n", "line 1 raised SyntaxError"),
    "raises": ("def build():\n    return 1 / 0\n", "line 2 raised ZeroDivisionError"),
    "raises at import": ("import nothing_like_this\n", "ModuleNotFoundError"),
    "returns something else": ("def build():\n    return 3\n", "must return a Network, got int"),
    "exits": ("import sys\nsys.exit(3)\n", "line 2 raised SystemExit"),
    "empty network": (
        "from distsnn import Network\ndef build():\n    return Network()\n",
        "must have at least one population",
    ),
    "bad parameter": (
        "from distsnn import Network, LifExp\n"
        "def build():\n    LifExp(tau_m_ms=float('nan'))\n", "line 3: LifExp.tau_m_ms",
    ),
    "no default": ("def build(n):\n    return n\n", "n: must be given"),
    # its kind, SyntaxError or ValueError, depends on Python
    "binary": ("x = 1\n\0", "source code string cannot contain null bytes"),
    "error of several lines": (
        "def build():\n    raise ValueError('one\\n  two')\n", "ValueError: one two.",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", FILES)
def test_network_files(case, tmp_path, capsys):
    text, expected = FILES[case]
    path = tmp_path / "net.py"
    path.write_text(text)
    assert main(["run", str(path)]) == 2
    error = capsys.readouterr().err.strip()
    assert len(error.splitlines()) == 1
    assert expected in error


def test_error_in_a_module_beside_the_network_file(tmp_path, capsys):
    (tmp_path / "beside_it.py").write_text("def size():\n    return 1 / 0\n")
    path = tmp_path / "net.py"
    path.write_text("from beside_it import size\n\ndef build():\n    return size()\n")
    assert main(["run", str(path)]) == 2
    assert (
        "net.py: line 4 (beside_it.py, line 2) raised ZeroDivisionError" in capsys.readouterr().err
    )


MATRICES = {
    "empty": ("", "m.csv"),
    "negative": ("0,1,-3\n", "line 1"),
    "no number": ("0,1,3\n0,x,3\n", "line 2"),
    "no such core": ("0,128,3\n", "128"),
    "missing column": ("0,1,3\n0,1\n", "line 2"),
    "fraction": ("0,1,2.5\n", "line 1"),
}


@pytest.mark.parametrize("case", MATRICES)
def test_matrix_files(case, tmp_path, capsys):
    text, expected = MATRICES[case]
    path = tmp_path / "m.csv"
    path.write_text(text)
    assert main(["traffic", "--matrix", str(path)]) == 2
    error = capsys.readouterr().err.strip()
    assert len(error.splitlines()) == 1
    assert expected in error


def test_memory_is_foreseen(monkeypatch, capsys):
    monkeypatch.setattr(memory_estimate, "available_bytes", lambda: 1e8)
    assert main(["run", "loihi", "--quiet"]) == 2
    assert "0.1 GB, got" in capsys.readouterr().err


def test_help_is_quick_and_starts_no_mpi():
    code = (
        "import sys\nfrom distsnn.__main__ import main\n"
        "try:\n    main(['run', '-h'])\nexcept SystemExit as end:\n    assert end.code == 0\n"
        "heavy = {'numpy', 'mpi4py', 'numba', 'llvmlite', 'matplotlib', 'h5py', 'rich'}\n"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "--placement" in done.stdout
