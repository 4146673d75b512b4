"""Results as data of other packages hold the same spikes and samples."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from small_runs import result

from distsnn.errors import UsageError

PACKAGES = {"pandas": "to_dataframe", "xarray": "to_xarray", "neo": "to_neo"}


def test_the_table_has_a_row_for_each_spike():
    r = result()
    table = r.to_dataframe()
    assert list(table) == ["time_ms", "population", "neuron"]
    assert set(table.population) == {"e", "i"}
    assert table.time_ms.is_monotonic_increasing
    for name, rows in table.groupby("population", observed=True):
        for column, expected in zip(("time_ms", "neuron"), r.spikes(name), strict=True):
            assert np.array_equal(rows[column], expected)
    assert len(table) == r.spikes("e")[0].size + r.spikes("i")[0].size


def test_the_tree_has_times_and_neurons():
    r = result()
    tree = r.to_xarray()
    assert sorted(node.path for node in tree.leaves) == ["/e/v", "/i/refractory", "/i/v"]
    for population, variable in (("e", "v"), ("i", "v"), ("i", "refractory")):
        trace = tree[f"{population}/{variable}"][variable]
        times_ms, values = r.trace(population, variable)
        assert np.array_equal(trace.time_ms, times_ms)
        assert np.array_equal(trace.values, values)
        assert trace.attrs["units"] == r.network.find(population).model.units[variable]
    column = tree["e/v"].v.sel(neuron=12)
    assert np.array_equal(column, r.trace(r.network.find("e")[12], "v")[1][:, 0])


def test_the_block_has_trains_and_signals_with_units():
    r = result()
    block = r.to_neo()
    (segment,) = block.segments
    assert len(segment.spiketrains) == 100
    assert [group.name for group in block.groups] == ["e", "i"]
    times_ms, neuron = r.spikes("e")
    for k, train in enumerate(block.groups[0].spiketrains):
        assert train.annotations == {"population": "e", "neuron": k}
        assert np.array_equal(train.rescale("ms").magnitude, times_ms[neuron == k])
        assert float(train.t_stop.rescale("s")) == pytest.approx(0.03)
    units = [str(signal.units.dimensionality) for signal in segment.analogsignals]
    assert units == ["mV", "mV", "dimensionless"]
    for signal, (population, variable) in zip(segment.analogsignals, r.traces, strict=True):
        sampled_ms, values = r.trace(population, variable)
        assert np.allclose(signal.times.rescale("ms").magnitude, sampled_ms)
        assert np.allclose(signal.magnitude, values)
        neurons, _ = r.traces[population, variable]
        assert np.array_equal(signal.array_annotations["neuron"], neurons)


@pytest.mark.parametrize("package", PACKAGES)
def test_a_missing_package_is_one_line(package, monkeypatch):
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(
        UsageError, match=rf"^Result\.{PACKAGES[package]}: .*: pip install {package}$"
    ):
        getattr(result(), PACKAGES[package])()


def test_nothing_of_it_is_imported_before():
    program = (
        "import sys; from small_runs import result; print(result());"
        f"print(*sorted(({set(PACKAGES)} | {{'matplotlib', 'IPython'}}) & set(sys.modules)))"
    )
    folder = Path(__file__).parent
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=folder, capture_output=True, text=True, check=True,
        timeout=120,
    )  # fmt: skip
    assert done.stdout.splitlines()[-1] == ""
