"""The scripts side by side on the pages "Coming from ...": both give the same spikes.

The other simulator's script runs where it is installed: ``launch/peers`` makes two environments,
one with NEST, Brian2 and SANA-FE, one with nengo-loihi, which needs older packages.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parents[2]
PAGES = ROOT / "docs" / "coming_from"
sys.path.insert(0, str(Path(__file__).parent))
from pages import blocks_of, prepare  # noqa: E402 - beside this file

PEER = re.compile(r"^```python peer\n(.*?)^```", re.MULTILINE | re.DOTALL)
ENVIRONMENTS = {"nest": "peers", "brian2": "peers", "sana_fe": "peers", "nengo_loihi": "nengo"}


def spikes_of(namespace: dict) -> list:
    """Return what a script leaves, as lists."""
    given = namespace.get("spikes_ms", namespace.get("spikes"))
    return json.loads(json.dumps(given))


def own_spikes(name: str, folder: Path, monkeypatch) -> list:
    monkeypatch.chdir(folder)
    namespace: dict = {"__name__": "document"}
    for block in blocks_of(PAGES / f"{name}.md"):
        exec(compile(block, name, "exec"), namespace)
    return spikes_of(namespace)


def peer_spikes(name: str, folder: Path) -> list:
    """Run the other simulator's script in its environment, in a folder where it may write."""
    python = ROOT / f".venv-{ENVIRONMENTS[name]}" / "bin" / "python"
    if not python.exists():
        pytest.skip(f"{name}: not installed; launch/peers installs it")
    (script,) = PEER.findall((PAGES / f"{name}.md").read_text())
    script += (
        "\nimport json\nnames = globals()\n"
        "given = names['spikes_ms'] if 'spikes_ms' in names else spikes\n"
        "print('\\n' + json.dumps(given))\n"
    )
    done = subprocess.run(
        [str(python), "-c", script], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_both_scripts_give_the_same_spikes(name, tmp_path, monkeypatch):
    peer = peer_spikes(name, tmp_path)  # first: it may write what the other reads
    own = own_spikes(name, tmp_path, monkeypatch)
    assert len(peer) > 0
    assert sorted(own) == sorted(peer)


def test_the_blocks_in_the_tests_are_those_that_nengo_loihi_gives(tmp_path):
    peer_spikes("nengo_loihi", tmp_path)
    prepare(PAGES / "nengo_loihi.md", kept := tmp_path / "kept")
    new, stored = np.load(tmp_path / "blocks.npz"), np.load(kept / "blocks.npz")
    assert sorted(new) == sorted(stored)
    for key in new:
        assert np.array_equal(new[key], stored[key]), key


def decayed(x: int, factor: int) -> int:
    """Loihi's decay: towards 0 in whole numbers."""
    return (1 if x >= 0 else -1) * (abs(x) * factor // 4096)


def lava_layer(arriving: np.ndarray, du: int, dv: int, vth: int, bias: list[int]) -> list:
    """Return [step, neuron] of the spikes of Lava's LIF in fixed point. arriving: [steps, neurons]."""
    spikes = []
    u, v = [0] * len(bias), [0] * len(bias)
    for step, row in enumerate(arriving.tolist()):
        for k, a in enumerate(row):
            u[k] = decayed(u[k], 4096 - (du + 1)) + (a << 6)
            v[k] = decayed(v[k], 4096 - dv) + u[k] + bias[k]
            if v[k] > vth << 6:
                spikes.append([step, k])
                v[k] = 0
    return spikes


def test_the_script_for_lava_follows_its_equations(tmp_path, monkeypatch):
    first, second = own_spikes("lava", tmp_path, monkeypatch)
    weights = 2 * (np.arange(8 * 20).reshape(8, 20) % 23 - 6)
    alone = lava_layer(np.zeros((200, 20), int), 4095, 128, 60, [10 * k for k in range(40, 60)])
    arriving = np.zeros((201, 8), int)
    for step, k in alone:
        arriving[step + 1] += weights[:, k]
    assert sorted(first) == sorted(alone)
    assert sorted(second) == sorted(lava_layer(arriving[:200], 409, 128, 120, [0] * 8))
    assert len(second) > 20
