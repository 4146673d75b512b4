"""Editors and type checkers see the names of the package that are loaded when first used."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import distsnn

PACKAGE = Path(distsnn.__file__).parent

USER = """
from distsnn import LifExp, Network, Simulation, simulate

net = Network(dt_ms=0.1)
e = net.population("e", 10, LifExp())
result = Simulation(net).run(5.0, progress=True).result()
reveal_type(result)
reveal_type(simulate(net, duration_ms=1.0).spikes(e[:5] + e[5:]))
result.spikes(3)
from distsnn import LifExpp
"""


def seen_names() -> dict[str, str]:
    """Return the names that the imports for type checkers give, with their modules."""
    face = ast.parse((PACKAGE / "__init__.py").read_text())
    seen = {}
    for block in face.body:
        if isinstance(block, ast.If) and ast.unparse(block.test) == "TYPE_CHECKING":
            for line in block.body:
                assert isinstance(line, ast.ImportFrom)
                for alias in line.names:
                    assert alias.asname == alias.name  # exported, not only used
                    seen[alias.name] = line.module
    return seen


def test_both_lists_of_names_agree():
    seen = seen_names()
    assert sorted(seen) == [name for name in distsnn.__all__ if name != "__version__"]
    for name, module in seen.items():
        assert getattr(sys.modules.get(module) or __import__(module, fromlist=[name]), name) is (
            getattr(distsnn, name)
        )


def test_the_package_says_that_it_is_typed():
    assert (PACKAGE / "py.typed").exists()


def test_a_users_script_is_checked(tmp_path):
    pytest.importorskip("mypy")
    script = tmp_path / "script.py"
    script.write_text(USER)
    root = PACKAGE.parent
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file=", "--python-version=3.11"]
    done = subprocess.run(
        [*command, "--cache-dir", str(root / ".mypy_cache" / "users"), str(script)],
        cwd=tmp_path, capture_output=True, text=True, check=False, timeout=280,
    )  # fmt: skip
    lines = done.stdout.splitlines()
    assert len(lines) == 5, done.stdout + done.stderr
    assert 'Revealed type is "distsnn.running.result.Result"' in lines[0]
    assert 'Revealed type is "tuple[numpy.ndarray' in lines[1]
    assert 'Argument 1 to "spikes" of "Result" has incompatible type "int"' in lines[2]
    assert 'has no attribute "LifExpp"' in lines[3]
