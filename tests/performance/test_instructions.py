"""Instructions per synaptic event, counted by callgrind: the same on every machine and in any mood."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

SCRIPT = Path(__file__).with_name("delivery_work.py")
EVENTS_PER_REPEAT = 1024 * 25
FEW, MANY = 100, 400
MAX_INSTRUCTIONS = 8.6  # 8.1 to 8.3 when this was written, the header of a segment included


def valgrind(tool: str, repeats: int, cache: Path) -> str:
    # Valgrind knows no AVX-512, and other processors would give other code: compile for one.
    environment = {
        **os.environ,
        "DISTSNN_CACHE": str(cache),
        "NUMBA_CPU_NAME": "x86-64-v3",
        "NUMBA_CPU_FEATURES": "",
        "PYTHONHASHSEED": "0",
    }
    command = ["valgrind", f"--tool={tool}", sys.executable, str(SCRIPT), str(repeats)]
    if tool == "callgrind":
        command.insert(2, "--callgrind-out-file=/dev/null")
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=250)
    if done.returncode != 0:
        pytest.skip(f"valgrind does not run this Python: {done.stderr.strip().splitlines()[-1]}")
    return done.stderr


@pytest.mark.skipif(shutil.which("valgrind") is None, reason="valgrind is not installed")
@pytest.mark.skipif(os.uname().machine != "x86_64", reason="counts are those of x86-64")
def test_instructions_per_synaptic_event(tmp_path):
    cache = tmp_path / "cache"
    valgrind("none", 1, cache)  # compiles

    def instructions(repeats: int) -> int:
        text = valgrind("callgrind", repeats, cache)
        return int(re.search(r"Collected : (\d+)", text)[1])

    with ThreadPoolExecutor(2) as both:
        few, many = both.map(instructions, (FEW, MANY))
    per_event = (many - few) / (MANY - FEW) / EVENTS_PER_REPEAT
    assert 3.0 < per_event < MAX_INSTRUCTIONS, per_event
