"""Networks exported by snnTorch, Norse and Sinabs give the spikes that these programs give.

The graphs, the spikes and how they were made: ``reference/make_frameworks.py``. Where
``launch/peers frameworks`` has installed the programs, they make the graphs anew and read graphs
that were written here.
"""

from __future__ import annotations

import json
import subprocess
import zipfile
from pathlib import Path

import numpy as np
import pytest

from distsnn import nir, start
from distsnn.errors import NetworkError
from distsnn.player import Recording

REFERENCE = Path(__file__).parent / "reference"
SCRIPT = REFERENCE / "make_frameworks.py"
FRAMEWORKS = Path(__file__).parents[2] / ".venv-frameworks" / "bin" / "python"
CASES = json.loads((REFERENCE / "frameworks.json").read_text())["cases"]
DIGESTS = {
    "snntorch_leaky": "9c1763216ece3344fd0d1e429c089ed9",
    "snntorch_synaptic": "6e74650d6803dd8ba69a10ec0ae618fc",
    "snntorch_rleaky": "d6e211a4349039f937a216a381a962cc",
    "snntorch_subtract": "6aa667c6405eecc842b079266ae5a580",
    "norse_lif": "3611438c2b50f5a1ae6fb19a313b8dcc",
    "sinabs_if": "fcf8aa7cd0ac2c8078c8b7d4c5162266",
    "sinabs_convolution": "54a593e2025852e68186b7fc3e93c791",
}


def graph_of(name, folder, archive=REFERENCE / "graphs.zip"):
    """Return the file of an exported graph, in a folder."""
    path = folder / f"{name}.nir"
    path.write_bytes(zipfile.ZipFile(archive).read(path.name))
    return path


def played(case, path, comm=None):
    """Return what the graph of a case does with its input."""
    loaded = nir.load(path, **case["options"])
    recording = Recording(*map(np.array, case["input"]), case["n_steps"])
    return nir.run(loaded, [recording], comm=comm)


def spikes_of(played, case):
    """Return the spikes of the output, bool [steps, neurons]."""
    return table(played.outputs.trains[0], case)


def table(spikes, case):
    spiked = np.zeros((case["n_steps"], case["n_outputs"]), bool)
    spiked[tuple(spikes)] = True
    return spiked


def rewritten(name, path, folder):
    """Write what was loaded; NIR says nothing of a reset by subtraction, so it is read without."""
    loaded = nir.load(path, **{**CASES[name]["options"], "reset": "value"})
    nir.write(loaded, folder / "again.nir")
    return folder / "again.nir"


@pytest.mark.parametrize("name", CASES)
def test_spikes_are_those_of_the_framework(name, tmp_path):
    case = CASES[name]
    theirs = table(case["output"], case)
    assert theirs.sum() > 10
    assert (theirs.sum(axis=0) < case["n_steps"]).any()
    mine = played(case, graph_of(name, tmp_path))
    np.testing.assert_array_equal(spikes_of(mine, case), theirs)
    assert mine.digest == DIGESTS[name]


@pytest.mark.mpi
@pytest.mark.parametrize("name", CASES)
def test_same_digest_on_all_numbers_of_ranks(name, tmp_path):
    comm = start()
    mine = played(CASES[name], graph_of(name, tmp_path), comm)
    if comm.rank == 0:
        assert mine.digest == DIGESTS[name]


@pytest.mark.parametrize("name", CASES)
def test_a_graph_written_again_is_the_same_network(name, tmp_path):
    path = rewritten(name, graph_of(name, tmp_path), tmp_path)
    assert played(CASES[name], path).digest == DIGESTS[name]


def test_a_reset_by_subtraction_is_not_written(tmp_path):
    """NIR's nodes have v_reset and no other reset."""
    name = "sinabs_if"
    loaded = nir.load(graph_of(name, tmp_path), **CASES[name]["options"])
    with pytest.raises(NetworkError, match=r"reset: must be 'value', got 'subtract'\."):
        nir.write(loaded, tmp_path / "again.nir")


@pytest.fixture(scope="module")
def made_anew(tmp_path_factory):
    """Return the folder in which the installed frameworks have written all cases."""
    folder = tmp_path_factory.mktemp("made")
    answer(str(folder))
    return folder


def answer(*arguments):
    if not FRAMEWORKS.exists():
        pytest.skip("the frameworks are not installed; launch/peers frameworks installs them")
    words = [str(FRAMEWORKS), str(SCRIPT), *arguments]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout.splitlines()[-1]


@pytest.mark.parametrize("name", CASES)
def test_installed_frameworks_give_the_same_spikes(name, made_anew, tmp_path):
    case = json.loads((made_anew / "frameworks.json").read_text())["cases"][name]
    mine = spikes_of(played(case, graph_of(name, tmp_path, made_anew / "graphs.zip")), case)
    np.testing.assert_array_equal(mine, table(case["output"], case))


# snnTorch 1.0 does not read its own graphs of recurrent layers: PyTorch refuses "." in names.
@pytest.mark.parametrize("name", [name for name in CASES if name != "snntorch_rleaky"])
def test_frameworks_read_what_is_written(name, tmp_path):
    path = rewritten(name, graph_of(name, tmp_path), tmp_path)
    theirs = json.loads(answer("read", name, str(path)))
    case = CASES[name]
    np.testing.assert_array_equal(table(theirs, case), table(case["output"], case))
