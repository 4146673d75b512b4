"""The documents are run: every Python block, in order, one namespace per page."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from distsnn.comm.launch.environment import find_launcher

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(Path(__file__).parent))
from pages import blocks_of, prepare, run_blocks  # noqa: E402 - beside this file

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
LINK = re.compile(r"\]\((?!https?://)([^)#]+)\)")
MPIRUN = Path(sys.executable).parent / "mpirun"

# Pages about models and rules show a file of its own, which tests/neurons and tests/plasticity run.
RUN = [
    page
    for page in PAGES
    if page.parent.name != "models" and page.name != "own_rule.md" and blocks_of(page)
]
# Pages about another package are run where it is installed.
RUN = [page for page in RUN if page.name != "pynn.md" or find_spec("pyNN")]
SLOW = {"sdnn.md": [pytest.mark.slow]}  # a training
ON_RANKS = [pytest.param(page, marks=SLOW.get(page.name, [])) for page in RUN]


def name_of(page: Path) -> str:
    return str(page.relative_to(ROOT))


@pytest.mark.parametrize("page", RUN, ids=name_of)
def test_python_blocks_run(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    prepare(page, tmp_path)
    run_blocks(page)


@pytest.mark.skipif(
    not MPIRUN.exists() or find_launcher().n_ranks > 1, reason="starts mpirun itself"
)
@pytest.mark.parametrize("page", ON_RANKS, ids=name_of)
def test_python_blocks_run_on_two_ranks(page, tmp_path, request):
    """As they are written: a rank without results has empty ones, and no rank waits for ever."""
    prepare(page, tmp_path)
    environment = {**os.environ, "PRTE_MCA_rmaps_default_mapping_policy": ":oversubscribe"}
    if os.getuid() == 0:
        environment |= {"OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"}
    program = [sys.executable, str(Path(__file__).parent / "pages.py"), str(page)]
    if not request.config.getoption("--runslow"):
        program.append("ready")
    done = subprocess.run(
        [str(MPIRUN), "-n", "2", *program], cwd=tmp_path, env=environment, capture_output=True,
        text=True, check=False, timeout=150,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_lead_somewhere(page):
    for target in LINK.findall(page.read_text()):
        assert (page.parent / target).exists(), target


def test_architecture_names_every_room():
    text = (ROOT / "docs" / "architecture.md").read_text()
    rooms = [path.name for path in (ROOT / "distsnn").iterdir() if (path / "__init__.py").exists()]
    for room in rooms:
        assert f"`{room}/`" in text, room
