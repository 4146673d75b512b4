"""Editors and type checkers see the names that packages load when they are first used."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from importlib import import_module
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


def lazy_packages() -> list[str]:
    """Return the packages whose names are loaded when first used."""
    faces = PACKAGE.rglob("__init__.py")
    lazy = [face.parent for face in faces if "lazy_face(" in face.read_text()]
    return sorted(".".join(path.relative_to(PACKAGE.parent).parts) for path in lazy)


def seen_names(package: str) -> dict[str, str]:
    """Return the names that the imports for type checkers give, with their modules."""
    path = PACKAGE.parent.joinpath(*package.split("."), "__init__.py")
    seen = {}
    for block in ast.parse(path.read_text()).body:
        if isinstance(block, ast.If) and ast.unparse(block.test) == "TYPE_CHECKING":
            for line in block.body:
                assert isinstance(line, ast.ImportFrom)
                for alias in line.names:
                    assert alias.asname == alias.name  # exported, not only used
                    seen[alias.name] = line.module
    return seen


@pytest.mark.parametrize("package", lazy_packages())
def test_both_lists_of_names_agree(package):
    face, seen = import_module(package), seen_names(package)
    assert sorted(seen) == [name for name in face.__all__ if name != "__version__"]
    for name, module in seen.items():
        assert getattr(import_module(module), name) is getattr(face, name)


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
        env={**os.environ, "PYTHONPATH": str(root)},
    )  # fmt: skip
    lines = done.stdout.splitlines()
    assert len(lines) == 5, done.stdout + done.stderr
    assert 'Revealed type is "distsnn.running.result.Result"' in lines[0]
    assert 'Revealed type is "tuple[numpy.ndarray' in lines[1]
    assert 'Argument 1 to "spikes" of "Result" has incompatible type "int"' in lines[2]
    assert 'has no attribute "LifExpp"' in lines[3]
