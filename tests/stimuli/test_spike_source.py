"""Given spikes: order, steps, and files in all states of repair."""

from __future__ import annotations

import os
import pickle
from pathlib import Path

import h5py
import numpy as np
import pytest

from distsnn.errors import InputFileError, NetworkError
from distsnn.stimuli import SpikeSource


def test_sorted_by_time_then_source():
    source = SpikeSource([3.0, 1.0, 1.0, 2.0], [0, 7, 2, 2])
    assert source.times_ms.tolist() == [1.0, 1.0, 2.0, 3.0]
    assert source.sources.tolist() == [2, 7, 2, 0]
    assert (source.times_ms.dtype, source.sources.dtype) == (np.float64, np.uint32)
    assert source.n_sources == 8
    assert (source.receptors, source.states) == ((), {})
    assert pickle.loads(pickle.dumps(source)).sources.tolist() == [2, 7, 2, 0]


def test_empty():
    source = SpikeSource([], [])
    t, neurons = source.steps(0.1)
    assert (t.size, neurons.size, source.most_per_step(0.1)) == (0, 0, 0)
    assert (t.dtype, neurons.dtype) == (np.int64, np.uint32)


@pytest.mark.parametrize("dt_ms", [0.1, 0.025, 1.0, 0.3])
def test_times_at_the_end_of_steps_are_played_in_those_steps(dt_ms):
    steps = np.arange(100_000)
    t, _ = SpikeSource((steps + 1) * dt_ms, np.zeros(steps.size, int)).steps(dt_ms)
    assert (t == steps).all()


def test_times_within_steps():
    """Measured ones go to the nearest end of a step, halves up, and never before the first."""
    times = [0.0, 0.05, 0.1, 0.1499, 0.15, 0.2, 0.25, 0.35]
    t, neurons = SpikeSource(times, np.arange(8), measured=True).steps(0.1)
    assert t.tolist() == [0, 0, 0, 0, 1, 1, 2, 3]
    assert neurons.tolist() == list(range(8))
    with pytest.raises(NetworkError, match=r"times_ms\[3\]: must be a whole .* Give 0.1 or 0.2 ms"):
        SpikeSource([0.1, 0.1, 0.1, 0.1499], np.arange(4)).steps(0.1)


def test_steps_are_sorted_by_source_and_keep_repeats():
    source = SpikeSource([0.02, 0.04, 0.06, 0.08, 0.3], [5, 1, 5, 3, 5], measured=True)
    t, neurons = source.steps(0.1)
    assert t.tolist() == [0, 0, 0, 0, 2]
    assert neurons.tolist() == [1, 3, 5, 5, 5]
    assert source.most_per_step(0.1) == 2
    assert source.most_per_step(0.01) == 1
    assert source.most_per_step(1.0) == 3


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: SpikeSource([1.0], [1, 2]), "must be of 2 entries, as many as sources has, got 1"),
        (lambda: SpikeSource([-1.0], [1]), "times_ms[0]: must be numbers of at least 0, got -1"),
        (lambda: SpikeSource([np.nan], [1]), "times_ms[0]: must be numbers of at least 0, got nan"),
        (lambda: SpikeSource([np.inf], [1]), "times_ms[0]: must be numbers of at least 0, got inf"),
        (
            lambda: SpikeSource([[1.0]], [1]),
            "times_ms: must be an array of numbers with 1 dimension",
        ),
        (lambda: SpikeSource(["a"], [1]), "times_ms: must be an array of numbers with 1 dimension"),
        (lambda: SpikeSource([1.0], [-1]), "sources[0]: must be whole numbers from 0"),
        (lambda: SpikeSource([1.0], [0.5]), "sources: must be an array of whole"),
        (lambda: SpikeSource([1.0], [2**40]), "sources[0]: must be whole numbers from 0 to 2.1"),
        (
            lambda: SpikeSource([1.0], [9], n_sources=9),
            "n_sources: must be a whole number from 10 to",
        ),
        (lambda: SpikeSource([[1.0], [1.0, 2.0]], [0, 0]), "times_ms: must be an array of numbers"),
        (
            lambda: SpikeSource(1.0, 0),
            "times_ms: must be an array of numbers with 1 dimension, got 1",
        ),
        (lambda: SpikeSource([True], [0]), "times_ms: must be an array of numbers"),
        (lambda: SpikeSource([1.0], [2**70]), "sources: must be an array of whole numbers"),
        (lambda: SpikeSource([1.0], [0], measured=1), "measured: must be True or False, got 1"),
        (lambda: SpikeSource([5.0, 1e300], [0, 1]).steps(0.1), "times_ms[1]: must be at most"),
        (
            lambda: SpikeSource([1e19], [0], measured=True).steps(0.1),
            "times_ms: must be a number of",
        ),
        (lambda: SpikeSource([0.0], [0]).steps(0.1), "times_ms[0]: must be at least one step"),
        (lambda: SpikeSource([1.0], [9]).steps(0.0), "dt_ms: must be a number above 0, got 0"),
    ],
)
def test_errors(make, message):
    with pytest.raises(NetworkError) as raised:
        make()
    assert message in str(raised.value)
    assert "\n" not in str(raised.value)


GOOD_CSV = {
    "plain": "1.5,3\n0.25,0\n",
    "header": "time_ms,source\n1.5,3\n0.25,0\n",
    "other order": "source, time_ms\n3, 1.5\n0, 0.25\n",
    "more columns": "time_ms,x,source\n1.5,9,3\n0.25,9,0\n",
    "comments and blank lines": "# made by hand\n\ntime_ms,source\n1.5,3\n\n0.25,0",
    "windows": "\ufefftime_ms,source\r\n1.5,3\r\n0.25,0\r\n",
}


@pytest.mark.parametrize("text", GOOD_CSV.values(), ids=GOOD_CSV)
def test_csv(tmp_path, text):
    path = tmp_path / "spikes.csv"
    path.write_bytes(text.encode())
    source = SpikeSource.from_file(path)
    assert source.times_ms.tolist() == [0.25, 1.5]
    assert source.sources.tolist() == [0, 3]


def test_empty_csv_is_silence(tmp_path):
    (tmp_path / "none.csv").write_text("time_ms,source\n")
    assert SpikeSource.from_file(tmp_path / "none.csv").times_ms.size == 0


BAD_CSV = {
    "text": (b"1.5,3\nhello,2\n", "line 2: must be two numbers, time_ms and source, got 'hello,2'"),
    "one column": (b"1.5,3\n2.5\n", "line 2: must be two numbers, time_ms and source, got '2.5'"),
    "truncated": (
        b"time_ms,source\n1.5,3\n2.5,",
        "line 3: must be two numbers, time_ms and source",
    ),
    "other header": (b"t,neuron\n1,2\n", "must be a header with time_ms and source"),
    "negative time": (b"1.0,0\n-1.5,3\n", "time_ms of spike 2: must be a"),
    "nan": (b"nan,0\n", "time_ms of spike 1: must be a"),
    "infinite": (b"inf,0\n", "time_ms of spike 1: must be a"),
    "negative source": (b"1.0,-2\n", "source of spike 1: must be a"),
    "fraction": (b"1.0,2.5\n", "source of spike 1: must be a"),
    "large source": (b"1.0,5000000000\n", "source of spike 1: must be a"),
    "binary": (b"\xff\xfe\x00\x81", "must be CSV or HDF5"),
    "zeros": (b"1.0,2\n\x00\x00\x00", "got zeros at its end"),
}


@pytest.mark.parametrize(("content", "message"), BAD_CSV.values(), ids=BAD_CSV)
def test_damaged_csv_is_one_clear_line(tmp_path, content, message):
    path = tmp_path / "spikes.csv"
    path.write_bytes(content)
    with pytest.raises(InputFileError) as raised:
        SpikeSource.from_file(path)
    assert message in str(raised.value)
    assert str(path) in str(raised.value)
    assert "\n" not in str(raised.value)


def write_hdf5(path: Path, **datasets) -> Path:
    with h5py.File(path, "w") as file:
        for name, values in datasets.items():
            file[name] = values
    return path


@pytest.mark.parametrize("name", ["spikes.h5", "without_suffix"])
def test_hdf5(tmp_path, name):
    path = write_hdf5(tmp_path / name, time_ms=[1.5, 0.25], source=[3, 0])
    source = SpikeSource.from_file(path)
    assert source.times_ms.tolist() == [0.25, 1.5]
    assert source.sources.tolist() == [0, 3]


@pytest.mark.parametrize(
    ("datasets", "message"),
    [
        ({"time_ms": [1.0]}, "a dataset source, got time_ms"),
        ({"source": [1]}, "a dataset time_ms, got source"),
        ({"time_ms": [1.0], "source": [1, 2]}, "of 2 entries, as many as source has, got 1"),
        ({"time_ms": [[1.0]], "source": [[1]]}, "at time_ms, got float64 of shape (1, 1)"),
        ({"time_ms": ["a"], "source": [1]}, "numbers in 1 dimension at time_ms"),
        ({"time_ms": [1.0, -1.0], "source": [1, 1]}, "time_ms of entry 2: must be a"),
        ({"time_ms": [np.nan], "source": [1]}, "time_ms of entry 1: must be a"),
        ({"time_ms": [1.0], "source": [-1]}, "source of entry 1: must be a"),
    ],
)
def test_wrong_hdf5_is_one_clear_line(tmp_path, datasets, message):
    path = write_hdf5(tmp_path / "spikes.h5", **datasets)
    with pytest.raises(InputFileError) as raised:
        SpikeSource.from_file(path)
    assert message in str(raised.value)
    assert "\n" not in str(raised.value)


def test_damaged_hdf5_is_one_clear_line(tmp_path):
    path = write_hdf5(tmp_path / "s.h5", time_ms=np.arange(9000.0), source=np.arange(9000))
    content = path.read_bytes()
    for damaged, message in (
        (content[: len(content) // 2], "must be an HDF5 file"),
        (b"1.0,2\n", "must be an HDF5 file with such a name"),
        (b"", "must be an HDF5 file with such a name"),
    ):
        path.write_bytes(damaged)
        with pytest.raises(InputFileError, match=message) as raised:
            SpikeSource.from_file(path)
        assert "\n" not in str(raised.value)


def test_missing_file(tmp_path):
    for read in (SpikeSource.from_file, SpikeSource.from_nmnist):
        with pytest.raises(InputFileError, match="must be a"):
            read(tmp_path / "nowhere")
        with pytest.raises(InputFileError, match="must be a"):
            read(tmp_path)


def event(x, y, polarity, microseconds):
    return bytes([x, y]) + (polarity << 23 | microseconds).to_bytes(3, "big")


def test_nmnist_format(tmp_path):
    path = tmp_path / "events.bin"
    path.write_bytes(event(3, 4, 1, 70_000) + event(33, 33, 0, 0) + event(0, 0, 1, 2**23 - 1))
    source = SpikeSource.from_nmnist(path)
    assert source.times_ms.tolist() == pytest.approx([0.0, 70.0, 8388.607])
    assert source.sources.tolist() == [33 * 34 + 33, (34 + 4) * 34 + 3, 34 * 34]
    assert source.n_sources == 2312


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "a multiple of 5 bytes above 0, as N-MNIST is, got 0"),
        (event(1, 2, 0, 5)[:-1], "a multiple of 5 bytes above 0, as N-MNIST is, got 4"),
        (event(1, 2, 0, 5) + event(34, 2, 0, 6), "34 x 34 pixels, got event 1 at (34, 2)"),
    ],
)
def test_damaged_nmnist_is_one_clear_line(tmp_path, content, message):
    path = tmp_path / "events.bin"
    path.write_bytes(content)
    with pytest.raises(InputFileError) as raised:
        SpikeSource.from_nmnist(path)
    assert message in str(raised.value)
    assert "\n" not in str(raised.value)


@pytest.mark.data
def test_a_real_recording():
    folder = os.environ.get("DISTSNN_DATA")
    if not folder:
        pytest.skip("DISTSNN_DATA does not name the folder with the recordings (nmnist/0/*.bin)")
    paths = sorted(Path(folder, "nmnist", "0").glob("*.bin"))
    assert paths, f"no recordings in {folder}/nmnist/0"
    for path in paths[:20]:
        source = SpikeSource.from_nmnist(path)
        assert source.times_ms.size == path.stat().st_size // 5
        assert source.n_sources == 2312
        # Three saccades of about 100 ms, events of both polarities from most of the field.
        assert 280.0 < source.times_ms.max() < 340.0
        on = (source.sources >= 34 * 34).mean()
        assert 0.2 < on < 0.8
        assert np.unique(source.sources).size > 300
