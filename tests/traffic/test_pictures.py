"""Pictures: what is drawn where, and files that cannot be written."""

from dataclasses import replace

import numpy as np
import pytest

from distsnn.chip import load_chip
from distsnn.errors import OutputFileError, UsageError
from distsnn.mesh import EAST, WEST, Mesh
from distsnn.traffic import TrafficMatrix, account
from distsnn.traffic.footprint import Footprint
from distsnn.traffic.mesh_picture import lane_segments
from distsnn.traffic.pictures import draw_mesh, draw_sweep
from distsnn.traffic.sweep import expected_sweep


def corner(chip):
    pair = (np.array([value]) for value in (0, chip.n_cores - 1, 5))
    return account(chip, TrafficMatrix(*pair))


@pytest.mark.parametrize("wrap", [False, True])
def test_a_lane_for_every_link_on_the_right_side(wrap):
    mesh = Mesh(3, 2, wrap)
    loads = np.arange(4 * mesh.n_nodes).reshape(4, mesh.n_nodes)
    segments, values = lane_segments(mesh, loads)
    assert segments.shape == (mesh.n_links, 2, 2)
    assert (np.diff(values) >= 0).all()
    lane_of = {value: segment for value, segment in zip(values, segments, strict=True)}
    east, west = lane_of[loads[EAST, 0]], lane_of[loads[WEST, 1]]
    assert east[0, 0] < east[1, 0]
    assert west[0, 0] > west[1, 0]
    assert (east[:, 1] > 0).all()  # rows are drawn downwards: right of east is below
    assert (west[:, 1] < 0).all()


@pytest.mark.parametrize(
    ("width", "height", "tile", "wrap"),
    [(16, 8, 2, False), (1, 1, 1, False), (1, 9, 1, False), (2, 2, 2, True), (40, 40, 1, False)],
)
@pytest.mark.parametrize("on_tiles", [False, True])
def test_meshes_of_many_sizes_are_drawn(tmp_path, width, height, tile, wrap, on_tiles):
    chip = replace(
        load_chip("loihi"), width=width, height=height, tile_width=tile, tile_height=tile, wrap=wrap
    )
    path = tmp_path / "mesh.png"
    draw_mesh(corner(chip), path, on_tiles=on_tiles)
    assert path.read_bytes()[:4] == b"\x89PNG"
    assert path.stat().st_size > 5000


@pytest.mark.parametrize(("name", "n_missing"), [("loihi", 0), ("truenorth", 1)])
def test_sweeps_are_drawn(tmp_path, name, n_missing):
    chip = load_chip(name)
    source = np.arange(chip.n_cores)
    pairs = TrafficMatrix(source, source[::-1].copy(), np.full(source.size, 100))
    footprint = Footprint(chip, pairs, np.full(source.size, 10_000), np.full(source.size, 100))
    points = expected_sweep(footprint, 1.0)
    draw_sweep(points, points, tmp_path / "sweep.svg", title="t", dt_ms=1.0)
    drawn = (tmp_path / "sweep.svg").read_text()
    assert drawn.count("not published") == n_missing
    assert "real time" in drawn


def test_files_that_cannot_be_written(tmp_path, loihi):
    with pytest.raises(OutputFileError, match="No such file"):
        draw_mesh(corner(loihi), tmp_path / "none" / "mesh.png")
    with pytest.raises(UsageError, match=r"must end in one of .*png"):
        draw_mesh(corner(loihi), tmp_path / "mesh.xyz")
