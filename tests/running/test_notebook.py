"""A notebook shows tables of results, figures and a bar. It runs without a screen."""

from __future__ import annotations

import nbformat
import pytest
from nbclient import NotebookClient

CELLS = (
    "%matplotlib inline\n"
    "from distsnn import FixedInDegree, LifExp, Network, Poisson, Simulation\n"
    "net = Network(dt_ms=0.1, seed=1, name='notebook')\n"
    "e = net.population('e', 100, LifExp())\n"
    "net.connect(e, e, FixedInDegree(10), weight=30.0)\n"
    "net.stimulate(e, Poisson(rate_hz=12_000.0, weight=87.0))\n"
    "net",
    "sim = Simulation(net)\nr = sim.run(20.0, progress=True).result()",
    "r",
    "r.plot_raster()",
    "import matplotlib.pyplot as plt\nfigure, ax = plt.subplots()\nax is r.plot_rates(ax=ax)",
)


@pytest.mark.jobs
@pytest.mark.filterwarnings("default")  # those of the packages that run notebooks
def test_a_notebook_runs(tmp_path):
    cells = [nbformat.v4.new_code_cell(text) for text in CELLS]
    notebook = nbformat.v4.new_notebook(cells=cells)
    resources = {"metadata": {"path": str(tmp_path)}}
    NotebookClient(notebook, timeout=120, kernel_name="python3", resources=resources).execute()
    described, ran, result, raster, rates = (kinds_of(cell) for cell in notebook.cells)
    assert "100" in described["text/html"]
    assert '<progress value="200" max="200">' in ran["text/html"]
    assert "<table>" in result["text/html"]
    assert result["text/plain"].startswith("Result(notebook: 100 neurons, 20 ms")
    assert "image/png" in raster
    assert "image/png" in rates
    assert rates["text/plain"].startswith("True")


def kinds_of(cell) -> dict[str, str]:
    """Return the outputs of a cell, kind -> content; there was no warning."""
    kinds: dict[str, str] = {}
    for output in cell.outputs:
        assert "Warning" not in output.get("text", "")
        for kind, content in output.get("data", {}).items():
            kinds.setdefault(kind, content)
    return kinds
