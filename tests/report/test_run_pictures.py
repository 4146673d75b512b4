"""Pictures: where they go, and that they show what they say."""

from __future__ import annotations

from pathlib import Path

import pytest

from distsnn import FixedInDegree, LifCondExp, LifExp, Network, Poisson
from distsnn.errors import UsageError
from distsnn.report.pictures import draw_raster, picture_paths
from distsnn.running.display import plotting
from distsnn.simulation import simulate


def test_where_pictures_go(tmp_path):
    pair = [tmp_path / "raster.png", tmp_path / "mesh.png"]
    assert picture_paths(None, tmp_path) == []
    assert picture_paths("", tmp_path) == pair
    assert picture_paths("", None) == [Path("raster.png"), Path("mesh.png")]
    assert picture_paths(str(tmp_path), None) == pair
    assert picture_paths(str(tmp_path / "new"), None)[0] == tmp_path / "new" / "raster.png"
    files = picture_paths(str(tmp_path / "a.svg"), None)
    assert files == [tmp_path / "a.svg", tmp_path / "a-mesh.svg"]
    with pytest.raises(UsageError, match=r"got \.txt"):
        picture_paths("a.txt", None)


@pytest.mark.parametrize(("size", "duration_ms"), [(1, 0.1), (20, 50.0), (5000, 50.0)])
def test_rasters_of_any_size(tmp_path, size, duration_ms):
    network = Network(dt_ms=0.1, name="any")
    cells = network.population("cells", size, LifExp())
    network.population("silent", 3, LifExp())
    network.stimulate(cells, Poisson(rate_hz=12_000.0, weight=87.8))
    result = simulate(network, duration_ms=duration_ms)
    draw_raster(result, tmp_path / "raster.png", discard_ms=0.0)
    assert (tmp_path / "raster.png").stat().st_size > 5_000


def test_colours_follow_what_synapses_do():
    network = Network()
    a = network.population("a", 10, LifCondExp())
    b = network.population("b", 10, LifExp())
    network.population("c", 10, LifExp())
    network.connect(a, b, FixedInDegree(2), weight=1.0)
    network.connect(b, a, FixedInDegree(2), weight=1.0, receptor=1)
    colors = plotting.population_colors(network)
    assert colors[:2] == [plotting.EXCITATORY, plotting.INHIBITORY]
    assert colors[2] in plotting.OTHERS
