"""Chip files with wrong bytes are chips or one line, whatever they say."""

from __future__ import annotations

from pathlib import Path

import pytest
from mutated import mutations, refused_in_one_line

import distsnn.chip
from distsnn.chip import load_chip

PRESETS = Path(distsnn.chip.__file__).parent / "presets"
SMALL = b"""name = "mine"
title = "A chip"
note = "nothing"
[sources]
book = "page 3"
[grid]
width = 8
height = 4
tile_width = 4
wrap = true
n_fabrics = 3
link_bytes_per_s = { value = 1e9, source = "book: measured" }
[limits]
neurons_per_core = 64
delay_steps = 62
[energy]
static_w = 0.5
neuron_update_active_pj = 2.0
neuron_update_inactive_pj = 1
[time]
barrier_ns = [[1, 10], [8, 80.5]]
"""


@pytest.mark.parametrize("name", ["small", "loihi", "truenorth"])
def test_wrong_bytes(name, tmp_path):
    content = SMALL if name == "small" else (PRESETS / f"{name}.toml").read_bytes()
    path = tmp_path / "wrong.toml"

    def read(changed: bytes) -> None:
        path.write_bytes(changed)
        chip = load_chip(path)
        assert chip.n_cores >= 1
        assert chip.name.isprintable()

    n = 700 if name == "small" else 60
    n_refused = refused_in_one_line(read, mutations(content, 1), n, "wrong.toml")
    assert n / 10 < n_refused < n, "some are still chips"
