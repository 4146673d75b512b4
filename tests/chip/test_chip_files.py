"""A user's chip from a TOML file, and one clear line for everything that can be wrong with it."""

import pytest

from distsnn.chip import load_chip
from distsnn.errors import ChipError, InputFileError

SMALLEST = """
[grid]
width = 3
height = 2
[limits]
neurons_per_core = 100
"""


def load(tmp_path, text, name="mine.toml"):
    path = tmp_path / name
    path.write_text(text)
    return load_chip(path)


def test_smallest_chip(tmp_path):
    chip = load(tmp_path, SMALLEST)
    assert (chip.name, chip.title, chip.n_cores, chip.n_tiles) == ("mine", "mine", 6, 6)
    assert (chip.wrap, chip.routing, chip.n_fabrics, chip.packet_bits) == (False, "xy", 1, 32)
    assert chip.link_bytes_per_s is None
    assert chip.synapse is None
    assert chip.energy.static_w is None
    assert chip.time.barrier_of(6) is None
    assert "mine.toml" in chip.source_of["grid.width"]


def test_numbers_with_sources(tmp_path):
    chip = load(
        tmp_path,
        """
name = "ring"
title = "A ring of rings"
[sources]
notebook = "lab notebook, p. 3"
[grid]
width = 8
height = 4
tile_width = 4
tile_height = 1
wrap = true
n_fabrics = 3
link_bytes_per_s = { value = 1e9, source = "notebook: measured" }
[limits]
neurons_per_core = { value = 64 }
[energy]
hop_east_west_pj = 2
[time]
barrier_ns = [[1, 10], [8, 80.5]]
""",
    )
    assert (chip.name, chip.title, chip.wrap, chip.tiles_x, chip.tiles_y) == (
        "ring", "A ring of rings", True, 2, 4,
    )  # fmt: skip
    assert chip.link_bytes_per_s == 1e9
    assert chip.source_of["grid.link_bytes_per_s"] == "notebook: measured"
    assert chip.energy.hop_east_west_pj == 2.0
    assert chip.time.barrier_of(8) == 80.5
    assert chip.limits.neurons_per_core == 64


def test_a_path_wins_over_nothing_but_a_preset_wins_by_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "loihi.toml").write_text(SMALLEST)
    assert load_chip("loihi").n_cores == 128
    assert load_chip("loihi.toml").n_cores == 6
    assert load_chip("./loihi.toml").n_cores == 6


@pytest.mark.parametrize("name", ["lohi", "", "Loihi", "loihi2"])
def test_unknown_name_lists_the_known_ones(name):
    with pytest.raises(ChipError, match="must be one of loihi, loihi-fitted, truenorth") as caught:
        load_chip(name)
    assert "\n" not in str(caught.value)


WRONG = {
    "width = 3": [
        ("", "grid.width: must be given"),
        ("width = 0", "grid.width: must be a whole number from 1 to 512, got 0"),
        ("width = -3", "grid.width: .*got -3"),
        ("width = 100000", "from 1 to 512, got 100000"),
        ("width = 3.0", "whole number"),
        ("width = " + "9" * 4000, "from 1 to 512, got a number of about 4000 digits"),
        ("width = " + "9" * 5000, "must be TOML"),
        ("width = 2026-11-30", "whole number"),
        ('width = "3"', "whole number"),
        ("width = true", "whole number"),
        ("width = { value = 3, sauce = 1 }", "must be a value and its source"),
        ("width = {}", "must be a value and its source"),
        ("width = { value = 3, source = 5 }", "source: must be a text, got 5"),
        ("width = 3\nwidth = 4", "must be TOML"),
        (
            "width = 3\nwidht = 4",
            "key in .grid.: must be one of .*got 'widht'. Did you mean width?",
        ),
        ("width = 3\ntile_width = 2", "must be a divisor of grid.width = 3, got 2"),
        ("width = 3\nwrap = 1", "must be true or false, got 1"),
        ('width = 3\nrouting = "yx"', "must be one of xy, got 'yx'"),
        ('width = 3\nrouting = "own.py"', "must be one of xy, got 'own.py'"),
        ("width = 3\nn_fabrics = 0", "from 1 to 16, got 0"),
        (
            "width = 3\nlink_bytes_per_s = 0",
            "grid.link_bytes_per_s: must be a number from 1 to .*, got 0",
        ),
        ("width = 3\nlink_bytes_per_s = nan", "grid.link_bytes_per_s: .*got nan"),
        ('width = 3\nlink_bytes_per_s = "8 GB"', "must be a number from"),
    ],
    "neurons_per_core = 100": [
        ("", "limits.neurons_per_core: must be given"),
        (
            "neurons_per_core = 100\n[energy]\nhop_pj = 1",
            "key in .energy.: must be one of .*got 'hop_pj'",
        ),
        ("neurons_per_core = 100\n[energy]\nstatic_w = -1", "energy.static_w: .*got -1"),
        ("neurons_per_core = 100\n[energy]\nstatic_w = inf", "energy.static_w: .*got inf"),
        ("neurons_per_core = 100\n[energy]\nspike_pj = " + "9" * 400, "spike_pj: must be a number"),
        ("neurons_per_core = 100\n[energy]\nspike_pj = 1e30", "Check the value and its unit"),
        (
            "neurons_per_core = 100\n[energy]\nneuron_update_active_pj = 1\n"
            "neuron_update_inactive_pj = 2",
            "neuron_update_inactive_pj: must be at most neuron_update_active_pj = 1.0, got 2",
        ),
        (
            "neurons_per_core = 100\n[time]\nneuron_update_inactive_ns = 2",
            "give both",
        ),
        (
            "neurons_per_core = 100\n[time]\nbarrier_ns = 5",
            r"must be a list of \[tiles, ns\] pairs",
        ),
        ("neurons_per_core = 100\n[time]\nbarrier_ns = []", "must be a list"),
        ("neurons_per_core = 100\n[time]\nbarrier_ns = [[1, 2, 3]]", "pairs"),
        ("neurons_per_core = 100\n[time]\nbarrier_ns = [[4, 2], [4, 3]]", "rising"),
        (
            "neurons_per_core = 100\n[time]\nbarrier_ns = [[0, 2]]",
            "tiles: must be a whole number from 1 to",
        ),
        (
            "neurons_per_core = 100\n[enrgy]\nstatic_w = 1",
            "key: must be one of .*got 'enrgy'. Did you mean energy",
        ),
        (
            "neurons_per_core = 100\n[synapse]\nweight_bits = 8",
            "synapse.block_synapses: must be given",
        ),
        ("neurons_per_core = 100\n[sources]\na = 1", "sources.: must be lines of"),
    ],
    "[grid]": [
        ("name = 5\n[grid]", "name: must be a text of one line, got 5"),
        ("energy = 5\n[grid]", "energy: must be a table, got 5"),
        ("[gird]", "must be one of"),
        ("[grid", "must be TOML"),
        ('name = "two\\nlines"\n[grid]', "name: must be a text of one line"),
        ("x = " + "[" * 3000 + "]" * 3000 + "\n[grid]", "must be TOML"),
    ],
}


@pytest.mark.parametrize(
    ("line", "instead", "message"),
    [(line, instead, message) for line, cases in WRONG.items() for instead, message in cases],
)
def test_wrong_files(tmp_path, line, instead, message):
    with pytest.raises(ChipError, match=f"chip file .*mine.toml: .*{message}") as caught:
        load(tmp_path, SMALLEST.replace(line, instead))
    assert "\n" not in str(caught.value)
    assert caught.value.exit_code == 2


def test_missing_tables(tmp_path):
    with pytest.raises(ChipError, match=r"\[grid\]: must be a table"):
        load(tmp_path, "")
    with pytest.raises(ChipError, match=r"\[limits\]: must be a table"):
        load(tmp_path, "[grid]\nwidth = 1\nheight = 1")


def test_files_that_cannot_be_read(tmp_path):
    with pytest.raises(InputFileError, match="No such file"):
        load_chip(tmp_path / "none.toml")
    with pytest.raises(InputFileError, match="must be a regular file, got a folder"):
        load_chip(f"{tmp_path}/")
    (tmp_path / "latin.toml").write_bytes(b'name = "caf\xe9"')
    with pytest.raises(InputFileError, match="UTF-8"):
        load_chip(tmp_path / "latin.toml")
