"""Runs the Python blocks of a page of documentation, in order, in one namespace.

As a program: ``python pages.py PAGE.md [ready]``, in the folder that is to hold the files the page
makes; also under mpirun. With ``ready``, blocks that compile a rule of their own are left out.
"""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path

BLOCK = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)
OWN_FILE = re.compile(r"^# (\w+\.py)\n")
TOML = re.compile(r"^```toml\n(.*?)^```", re.MULTILINE | re.DOTALL)


def blocks_of(page: Path) -> list[str]:
    """Return the Python blocks of a page."""
    return BLOCK.findall(page.read_text())


def prepare(page: Path, folder: Path) -> None:
    """Write what a page takes for granted: a traffic matrix, and the files that it shows."""
    folder.mkdir(exist_ok=True)
    (folder / "packets.csv").write_text("source,target,packets\n0,127,10\n")
    for shown in TOML.findall(page.read_text())[:1]:
        (folder / "mine.toml").write_text(shown)
    if page.name == "nengo_loihi.md":  # what its first script writes
        shutil.copy(Path(__file__).with_name("nengo_blocks.npz"), folder / "blocks.npz")
    for block in blocks_of(page):
        if named := OWN_FILE.match(block):
            (folder / named[1]).write_text(block)


def run_blocks(page: Path, is_ready_only: bool = False) -> None:
    """Run the blocks of a page in the present folder."""
    namespace: dict[str, object] = {"__name__": "document"}
    for number, block in enumerate(blocks_of(page)):
        if is_ready_only and "load_rule(" in block:
            continue
        exec(compile(block, f"{page.name} block {number}", "exec"), namespace)


if __name__ == "__main__":
    run_blocks(Path(sys.argv[1]), "ready" in sys.argv[2:])
