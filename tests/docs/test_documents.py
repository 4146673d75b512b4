"""The documents are run: every Python block, in order, one namespace per page."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
BLOCK = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)
TOML = re.compile(r"^```toml\n(.*?)^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\((?!https?://)([^)#]+)\)")


# Pages about models show a file of its own, which tests/neurons writes and runs.
RUN = [page for page in PAGES if page.parent.name != "models"]


@pytest.mark.parametrize("page", RUN, ids=lambda page: str(page.relative_to(ROOT)))
def test_python_blocks_run(page, tmp_path, monkeypatch):
    blocks = BLOCK.findall(page.read_text())
    if not blocks:
        pytest.skip("has no Python blocks to run")
    monkeypatch.chdir(tmp_path)
    # What the pages take for granted: a traffic matrix, and the chip file that the page shows.
    (tmp_path / "packets.csv").write_text("source,target,packets\n0,127,10\n")
    for shown in TOML.findall(page.read_text())[:1]:
        (tmp_path / "mine.toml").write_text(shown)
    namespace: dict[str, object] = {"__name__": "document"}
    for number, block in enumerate(blocks):
        exec(compile(block, f"{page.name} block {number}", "exec"), namespace)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page):
    for target in LINK.findall(page.read_text()):
        assert (page.parent / target).exists(), target


def test_architecture_names_every_room():
    text = (ROOT / "docs" / "architecture.md").read_text()
    rooms = [path.name for path in (ROOT / "distsnn").iterdir() if (path / "__init__.py").exists()]
    for room in rooms:
        assert f"`{room}/`" in text, room
