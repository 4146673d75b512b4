"""From a file and a folder of recordings to a report: in Python, as a command, on several ranks."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import distsnn.chip
from distsnn import nir, start
from distsnn.__main__ import main
from distsnn.errors import InputFileError
from distsnn.events import Events
from distsnn.network import ExplicitList, Network
from distsnn.neurons import NirIf, NirLif
from distsnn.nir.quantising import quantised
from distsnn.stimuli import SpikeSource

SIDE = 6
N_LINES = 2 * SIDE * SIDE


def write_network(path, ending=None):
    """Three classes: the left, the middle and the right third of the picture."""
    network = Network(dt_ms=1.0, name="thirds")
    source = network.population("in", N_LINES, SpikeSource([], [], n_sources=N_LINES))
    hidden = network.population("hidden", 12, NirIf())
    out = network.population("out", 3, ending or NirIf(v_threshold=0.5))
    line = np.arange(N_LINES)
    column = line % SIDE
    rng = np.random.default_rng(1)
    post = column // 2 * 4 + rng.integers(0, 4, N_LINES)
    network.connect(source, hidden, ExplicitList(line, post, rng.uniform(0.4, 0.6, N_LINES)))
    pre, onto = np.arange(12).repeat(3), np.tile(np.arange(3), 12)
    weights = np.where(pre // 4 == onto, 1.0, -0.37) * rng.uniform(0.8, 1.0, 36)
    network.connect(hidden, out, ExplicitList(pre, onto, weights))
    nir.write(network, path)


def write_events(path, seed, third):
    rng = np.random.default_rng(seed)
    n = 60
    x = third * 2 + rng.integers(0, 2, n)
    rows = np.zeros((n, 5), np.uint8)
    t = np.sort(rng.integers(0, 50_000, n))
    rows[:, 0], rows[:, 1] = x, rng.integers(0, SIDE, n)
    rows[:, 2] = (rng.random(n) < 0.5).astype(np.uint8) << 7 | (t >> 16).astype(np.uint8)
    rows[:, 3], rows[:, 4] = (t >> 8) & 255, t & 255
    path.write_bytes(rows.tobytes())


@pytest.fixture
def folder(tmp_path):
    for third in range(3):
        (tmp_path / "data" / f"{third}").mkdir(parents=True)
        for k in range(4):
            write_events(tmp_path / "data" / f"{third}" / f"{k}.bin", 10 * third + k, third)
    return tmp_path


def in_shape(path):
    """Give the graph an input of two polarities of pictures, as exporters do."""
    import h5py

    with h5py.File(path, "a") as file:
        nodes = file["node/nodes"]
        del nodes["in/shape"]
        nodes["in/shape"] = np.array([2, SIDE, SIDE])
        flat = nodes.create_group("flat")
        flat["type"] = "Flatten"
        flat["start_dim"], flat["end_dim"] = 0, -1
        edges = file["node/edges"].asstr()[()]
        del file["node/edges"]
        changed = [["flat" if a == "in" else a, b] for a, b in edges] + [["in", "flat"]]
        file["node"].create_dataset(
            "edges", data=np.array(changed, dtype=object), dtype=h5py.string_dtype()
        )


def made(folder, **options):
    write_network(folder / "net.nir")
    in_shape(folder / "net.nir")
    loaded = nir.load(folder / "net.nir", **options)
    return loaded, nir.read_folder(folder / "data", loaded.input_shape)


def test_report(folder):
    loaded, data = made(folder, weight_bits=8)
    assert data.classes == ["0", "1", "2"]
    report = nir.evaluate(loaded, data)
    assert report["accuracy"] == {"ideal": 1.0, "chip": 1.0, "same_decision": 1.0}
    assert report["n_recordings"] == 12
    assert [layer["name"] for layer in report["layers"]] == ["hidden", "out"]
    n_events = sum(recording.step.size for recording in data.recordings)
    assert report["inference"]["packets"] * 12 >= n_events
    # 10 log10(3 levels^2) = 45.9 dB for errors uniform in a step and weights at the largest level
    assert all(30 < link["snr_db"] < 60 for link in report["weights"])
    assert report["traffic"]["links"] is not None
    total = report["inference"]["energy_j"]["total"]
    assert total == pytest.approx(report["energy_j"]["total"] / 12)
    json.dumps(report)


def test_the_output_of_a_silent_node_is_its_mean_potential(folder):
    write_network(folder / "net.nir", NirLif(tau_ms=10.0, v_threshold=1e38))
    in_shape(folder / "net.nir")
    loaded = nir.load(folder / "net.nir")
    report = nir.evaluate(loaded, nir.read_folder(folder / "data", loaded.input_shape))
    assert report["accuracy"]["ideal"] == report["accuracy"]["chip"] == 1.0
    assert report["layers"][-1]["kind"] == "LI"
    assert report["layers"][-1]["deviation"] is None


def test_fewer_bits_lose_more(folder):
    loaded, _ = made(folder)
    ratios = []
    for bits in (3, 5, 8, 12):
        program, losses = quantised(loaded.ideal, bits)
        ratios.append([loss.snr_db for loss in losses])
        for layer in program.layers:
            for link in layer.links:
                levels = np.unique(np.abs(link.matrix.data))
                assert levels.size <= 2 ** (bits - 1)
    # 6.02 dB for each bit, where the errors are uniform
    steps = np.diff(ratios, axis=0) / np.diff([3, 5, 8, 12])[:, np.newaxis]
    assert np.all((steps > 4.0) & (steps < 8.5))
    assert quantised(loaded.ideal, None) == (loaded.ideal, [])


def test_command(folder, capsys):
    made(folder)
    arguments = ["nir", str(folder / "net.nir"), "--data", str(folder / "data")]
    assert main([*arguments, "--json", str(folder / "r.json"), "--steps", "50"]) == 0
    shown = capsys.readouterr().out
    assert "accuracy, loihi with 8-bit weights  100.00%" in shown
    report = json.loads((folder / "r.json").read_text())
    assert report["weight_bits"] == 8
    assert report["mean_steps"] == 50
    assert main([*arguments, "--weight-bits", "file", "--recordings", "3", "--quiet"]) == 0
    assert capsys.readouterr().out == ""
    for wrong in (["--weight-bits", "1"], ["--dt", "0"], ["--chip", "none"], ["--method", "x"]):
        assert main([*arguments, *wrong]) == 2
        assert len(capsys.readouterr().err.strip().splitlines()) == 1


def test_the_network_is_cut_within_the_limits_of_the_chip(folder):
    made(folder)
    preset = Path(distsnn.chip.__file__).parent / "presets" / "loihi.toml"
    small = "synapse_bits_per_core = { value = 4096,"
    text = preset.read_text().replace("synapse_bits_per_core = { value = 1048576,", small)
    assert small in text
    (folder / "small.toml").write_text(text)
    reports = {}
    for cut in ("limits", "neurons"):
        words = ["nir", folder / "net.nir", "--data", folder / "data", "--chip"]
        words += [folder / "small.toml", "--json", folder / "r.json", "--quiet"]
        words += ["--cut=neurons"] * (cut == "neurons")
        assert main([str(word) for word in words]) == 0
        reports[cut] = json.loads((folder / "r.json").read_text())
    exceeded = {
        cut: [limit["name"] for limit in report["limits"] if limit["exceeded"]]
        for cut, report in reports.items()
    }
    assert exceeded == {"limits": [], "neurons": ["synapse bits"]}
    assert reports["limits"]["n_cores"] > reports["neurons"]["n_cores"]
    # Where neurons are changes nothing that they do.
    assert reports["limits"]["digest"] == reports["neurons"]["digest"]


def test_data_that_do_not_fit(folder):
    loaded, data = made(folder)
    with pytest.raises(InputFileError, match="at most 5 x 5 pixels"):
        nir.read_folder(folder / "data", (2, 5, 5))
    with pytest.raises(InputFileError, match="input is"):
        nir.read_folder(folder / "data", (7,))
    (folder / "data" / "3").mkdir()
    write_events(folder / "data" / "3" / "0.bin", 1, 2)
    with pytest.raises(InputFileError, match="at most 3 classes"):
        nir.evaluate(loaded, nir.read_folder(folder / "data", loaded.input_shape))
    assert len(data.recordings) == 12


def test_limited_data_has_the_same_number_of_each_class(folder):
    loaded, _ = made(folder)
    data = nir.read_folder(folder / "data", loaded.input_shape, limit=7, n_steps=20)
    assert np.bincount(data.labels).tolist() == [3, 2, 2]
    assert {recording.n_steps for recording in data.recordings} == {20}


def test_events_of_one_polarity():
    events = Events.of([500, 1500], [1, 2], [0, 1], [True, False], 3, 3)
    both = nir.recording_of(events, (2, 3, 3))
    assert both.line.tolist() == [9 + 1, 3 + 2]
    assert both.step.tolist() == [0, 1]
    merged = nir.recording_of(events, (1, 3, 3), dt_ms=0.5)
    assert merged.line.tolist() == [1, 5]
    assert merged.step.tolist() == [1, 3]
    assert merged.n_steps == 4


@pytest.mark.mpi
def test_same_digest_on_all_numbers_of_ranks(tmp_path):
    comm = start()
    shared = comm.broadcast(str(tmp_path))
    if comm.rank == 0:
        write_network(tmp_path / "net.nir")
    comm.barrier()
    loaded = nir.load(f"{shared}/net.nir", weight_bits=6)
    rng = np.random.default_rng(2)
    recordings = [
        nir.playing.Recording(rng.integers(0, 40, 300), rng.integers(0, N_LINES, 300), 40)
        for _ in range(5)
    ]
    played = nir.run(loaded, recordings, comm=comm)
    ideal = nir.evaluating.shared_ideal(loaded.ideal, recordings, comm)
    if comm.rank == 0:
        assert played.digest == DIGEST
        whole = nir.ideal_outputs(loaded.ideal, recordings)
        np.testing.assert_array_equal(ideal.counts, whole.counts)
        assert {k: v.tolist() for k, v in ideal.spikes.items()} == {
            k: v.tolist() for k, v in whole.spikes.items()
        }


DIGEST = "6beea04c6f68c6c196a018936ba20b0c"
