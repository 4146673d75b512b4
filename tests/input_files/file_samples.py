"""A whole file of every kind that the package reads, and what reads it."""

from __future__ import annotations

import gzip
import io
import os
import struct
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pyarrow
import writers
from convnet_networks import small_settings
from PIL import Image
from pyarrow import csv, parquet

from distsnn import nir
from distsnn.convnet.classify.svm import padded_columns
from distsnn.convnet.images.picture_folders import read_picture
from distsnn.convnet.images.reading import load_images
from distsnn.convnet.presets import FOLDER, read_preset
from distsnn.convnet.train.run_folder import RunFolder
from distsnn.convnet.train.trained import load_trained
from distsnn.events.formats import read_events
from distsnn.events.frames import read_frames
from distsnn.events.frames import read_picture as read_brightness
from distsnn.input_files.idx import read_idx
from distsnn.kernels.conv.svm import N_NUMBERS
from distsnn.network import EdgeList
from distsnn.stimuli import SpikeSource
from distsnn.storage import load_counters, load_spikes, load_traces
from distsnn.storage.weights import load_weights


@dataclass(frozen=True)
class Sample:
    """A reader and a file that it reads. modules: of the package, whose readers it goes through."""

    name: str
    content: Callable[[], bytes]
    read: Callable[[Path], Any]
    modules: tuple[str, ...]


def events(width: int = 30, height: int = 30, n: int = 40) -> list[tuple[int, int, int, bool]]:
    rng = np.random.default_rng(4)
    t = np.sort(rng.integers(0, 20_000, n)).tolist()
    x, y = rng.integers(0, width, n).tolist(), rng.integers(0, height, n).tolist()
    return list(zip(t, x, y, (rng.random(n) < 0.5).tolist(), strict=True))


def aedat1() -> bytes:
    rows = [struct.pack(">HI", y << 8 | x << 1 | (not on), t) for t, x, y, on in events()]
    return b"#!AER-DAT1.0\r\n# a comment\r\n" + b"".join(rows)


def davis() -> bytes:
    head = b"#!AER-DAT2.0\r\n# AEChip: eu.seebetter.ini.chips.davis.DAVIS240C\r\n"
    rows = [struct.pack(">II", y << 22 | x << 12 | on << 11, t) for t, x, y, on in events()]
    return head + b"#End Of ASCII Header\r\n" + b"".join(rows)


def hdf5(fill: Callable[[Any], None]) -> Callable[[], bytes]:
    def content() -> bytes:
        room = io.BytesIO()
        with h5py.File(room, "w") as file:
            fill(file)
        return room.getvalue()

    return content


def nir_graph(file: Any) -> None:
    """A kernel, its neurons and dense weights onto the neurons of the output."""
    neurons = {name: np.ones((2, 2, 3)) for name in ("r", "v_threshold", "v_reset")}
    nodes: dict[str, dict[str, Any]] = {
        "input": {"type": "Input", "shape": np.array([1, 3, 4])},
        "conv": {
            "type": "Conv2d", "weight": np.ones((2, 1, 2, 2)), "bias": np.zeros(2),
            "stride": np.ones(2, np.int64), "padding": np.zeros(2, np.int64),
            "dilation": np.ones(2, np.int64), "groups": 1, "input_shape": np.array([3, 4]),
        },
        "if": {"type": "IF", **neurons},
        "flat": {"type": "Flatten", "start_dim": 0, "end_dim": -1},
        "dense": {"type": "Affine", "weight": np.ones((3, 12)), "bias": np.zeros(3)},
        "lif": {
            "type": "LIF", "tau": np.full(3, 0.01), "r": np.ones(3), "v_leak": np.zeros(3),
            "v_threshold": np.ones(3),
        },
        "output": {"type": "Output", "shape": np.array([3])},
    }  # fmt: skip
    text = h5py.string_dtype()
    root = file.create_group("node")
    root["type"] = "NIRGraph"
    edges = np.array(list(pairwise(nodes)), dtype=object)
    root.create_dataset("edges", data=edges, dtype=text)
    for name, fields in nodes.items():
        for key, value in fields.items():
            root[f"nodes/{name}/{key}"] = value


def spikes(file: Any) -> None:
    group = file.create_group("exc")
    packed = {"compression": "gzip", "shuffle": True, "track_times": False}
    group.create_dataset("time_ms", data=np.arange(1500.0), **packed)
    group.create_dataset("source", data=np.arange(1500, dtype=np.uint32) % 7, **packed)


def plain_spikes(file: Any) -> None:
    file["time_ms"], file["source"] = np.arange(20.0), np.arange(20)


def counters(file: Any) -> None:
    file["n_steps"] = 200
    file["link_packets"] = np.arange(64, dtype=np.int64).reshape(1, 4, 16)


def traces(file: Any) -> None:
    file["exc/v/neurons"], file["exc/v/values"] = np.arange(3), np.zeros((5, 3), np.float32)


def weights(file: Any) -> None:
    for name in ("pre", "post"):
        file[f"0/{name}"] = np.arange(4, dtype=np.uint32)
    file["0/delay_ms"], file["0/time_ms"] = np.ones(4), np.arange(2.0)
    file["0/weight"] = np.ones((2, 4))


def npz(is_packed: bool) -> bytes:
    room = io.BytesIO()
    save = np.savez_compressed if is_packed else np.savez
    save(room, images=np.arange(96, dtype=np.uint8).reshape(6, 4, 4), labels=np.arange(6) % 2)
    return room.getvalue()


def npy(dtype: Any = np.uint8) -> bytes:
    room = io.BytesIO()
    np.save(room, (np.arange(48) % 2).astype(dtype).reshape(3, 4, 4))
    return room.getvalue()


def idx(n_dims: int = 3, is_packed: bool = False) -> bytes:
    array = np.arange(4**n_dims, dtype=np.uint8).reshape((4,) * n_dims)
    head = bytes([0, 0, 8, n_dims]) + b"".join(struct.pack(">I", 4) for _ in range(n_dims))
    content = head + array.tobytes()
    return gzip.compress(content, mtime=0) if is_packed else content


def picture(form: str, mode: str, **options: Any) -> Callable[[], bytes]:
    def content() -> bytes:
        room = io.BytesIO()
        y, x = np.mgrid[0:9, 0:11]
        grey = Image.fromarray((20 * y + x).astype(np.uint8))
        wide = Image.fromarray((20 * y + x).astype(np.uint16 if mode == "I;16" else np.float32))
        image = wide if mode in ("I;16", "F") else grey.convert(mode)
        image.save(room, form, **options)
        return room.getvalue()

    return content


def images_beside_labels(path: Path) -> Any:
    """Read a folder of IDX files."""
    (path.parent / "train-labels-idx1-ubyte").write_bytes(idx(1))
    return load_images(path.parent, "train")


def trained_folder(folder: Path) -> Path:
    """Write what a small training leaves."""
    settings = small_settings()
    about = {
        "settings": settings.as_dict(), "classes": ["a", "b", "c"], "image_size": [16, 18],
        "n_images": 9, "images": "0", "held_out": None, "chip": "loihi",
    }  # fmt: skip
    run = RunFolder(folder)
    run.claim(about)
    run.begin(about)
    for name, maps, n_synapses in (("conv1", 6, 2 * 16), ("conv2", 9, 6 * 9)):
        run.save(f"layer-{name}.npz", {
            "weights": np.full((maps, n_synapses), 0.5, np.float32),
            "theta": np.ones(maps, np.float32), "n_shown": np.array([3]),
            "a_plus": np.array([0.1], np.float32), "curve": np.ones((1, 2)),
            "wins": np.zeros(maps, np.int64),
        })  # fmt: skip
    # Cells times maps of the blocks in ``small_settings``; pool1 has 7 x 8 places.
    columns = {"all": 2 * 4 * 9, "literal": 9, "first": 2 * 9 * 6 + 7 * 8 * 6 + 4 * 9}
    for name, n in columns.items():
        run.save(f"svm-{name}.npz", {
            "u": np.ones((3, padded_columns(n)), np.float32),
            "of_class": np.zeros((3, N_NUMBERS)), "numbers": np.zeros(2, np.int64),
        })  # fmt: skip
    run.write_json("report.json", {"readouts": {"all": {"training": 50.0}}})
    run.write_json("eval.json", {"readouts": {}, "n_test": 9})
    run.close()
    return folder


def piece(name: str) -> Callable[[], bytes]:
    def content() -> bytes:
        with tempfile.TemporaryDirectory() as folder:
            return (trained_folder(Path(folder)) / name).read_bytes()

    return content


def beside_the_others(path: Path) -> Any:
    """Read a folder of a training of which one file is ``path``."""
    if not (path.parent / "whole").exists():
        aside = path.parent / "aside"
        is_there = os.path.lexists(path)
        if is_there:
            path.rename(aside)
        trained_folder(path.parent)
        (path.parent / "whole").touch()
        path.unlink()
        if is_there:
            aside.rename(path)
    return load_trained(path.parent)


def edge_table(as_parquet: bool) -> bytes:
    """Return a table of 40 edges with all columns."""
    rng = np.random.default_rng(2)
    ends = rng.integers(0, 9, (2, 40))
    table = pyarrow.table(
        {"pre": ends[0], "post": ends[1], "weight": rng.random(40), "delay": np.arange(1.0, 41.0)}
    )
    file = io.BytesIO()
    if as_parquet:
        parquet.write_table(table, file)
    else:
        csv.write_csv(table, file)
    return file.getvalue()


def hold_edges(path: Path, *, named: bool) -> None:
    """Read a table of edges as a rank does: all of it, then the edges onto some targets."""
    rule = EdgeList(path, named=named)
    rule.hold([(0, 2), (5, 9)])


EDGES = ("input_files/column_files",)
RUN = ("storage/pieces",)
EVENTS = ("events/formats", "events/bytes_of")
SAVED = ("storage/reading",)
PICTURES = ("convnet/images/picture_folders", "input_files/pictures")
BRIGHTNESS = ("events/frames", "input_files/pictures")
SAMPLES = [
    Sample("a.bin", lambda: writers.nmnist(events()), read_events,
           (*EVENTS, "events/nmnist", "input_files/nmnist")),
    Sample("b.bin", lambda: writers.nmnist(events()), SpikeSource.from_nmnist,
           ("stimuli/spike_files",)),
    Sample("a.dat", lambda: writers.dat(events(), size=(40, 40)), read_events, EVENTS),
    Sample("v1.dat", lambda: writers.dat(events(), version=1), read_events, EVENTS),
    Sample("v1.aedat", aedat1, read_events, EVENTS),
    Sample("v2.aedat", lambda: writers.aedat2(events()), read_events, EVENTS),
    Sample("davis.aedat", davis, read_events, EVENTS),
    Sample("a.aedat4", lambda: writers.aedat4(events()), read_events,
           (*EVENTS, "events/aedat4")),
    Sample("lz4.aedat4", lambda: writers.aedat4(events(n=200), compression=1, pack=writers.lz4_frame),
           read_events, (*EVENTS, "events/aedat4")),
    Sample("evt2.raw", lambda: writers.evt2(events()), read_events, EVENTS),
    Sample("evt3.raw", lambda: writers.evt3(events()), read_events, EVENTS),
    Sample("a.csv", lambda: b"time_ms,source\n" + b"".join(b"%.1f,%d\n" % (k, k) for k in range(30)),
           SpikeSource.from_file, ("stimuli/spike_files",)),
    Sample("edges.csv", lambda: edge_table(as_parquet=False),
           lambda path: hold_edges(path, named=False), EDGES),
    Sample("edges.parquet", lambda: edge_table(as_parquet=True),
           lambda path: hold_edges(path, named=True), EDGES),
    Sample("packed.h5", hdf5(spikes), lambda path: SpikeSource.from_file(path, "exc"),
           ("stimuli/spike_files", "input_files/hdf5_files")),
    Sample("plain.h5", hdf5(plain_spikes), SpikeSource.from_file,
           ("stimuli/spike_files", "input_files/hdf5_files")),
    Sample("spikes.h5", hdf5(spikes), load_spikes, SAVED),
    Sample("counters.h5", hdf5(counters), load_counters, SAVED),
    Sample("traces.h5", hdf5(traces), load_traces, SAVED),
    Sample("graph.nir", hdf5(nir_graph), nir.load,
           ("nir/reading", "input_files/hdf5_files", "input_files/hdf5_heaps")),
    Sample("weights.h5", hdf5(weights), load_weights, ("storage/weights",)),
    Sample("stored.npz", lambda: npz(False), lambda path: load_images(path, "train"),
           ("convnet/images/reading", "input_files/numpy_files")),
    Sample("packed.npz", lambda: npz(True), lambda path: load_images(path, "test", "5x7"),
           ("convnet/images/reading", "input_files/numpy_files")),
    Sample("bytes.npy", npy, read_frames, ("events/frames", "input_files/numpy_files")),
    Sample("floats.npy", lambda: npy(np.float32), read_frames, ("events/frames",)),
    Sample("images.idx", idx, lambda path: read_idx(path, 3), ("input_files/idx",)),
    Sample("images.idx.gz", lambda: idx(is_packed=True), lambda path: read_idx(path, 3),
           ("input_files/idx", "input_files/whole")),
    Sample("train-images-idx3-ubyte.gz", lambda: idx(is_packed=True), images_beside_labels,
           ("input_files/idx",)),
    Sample("grey.png", picture("PNG", "L"), lambda path: read_picture(path, ""), PICTURES),
    Sample("wide.png", picture("PNG", "I;16"), lambda path: read_picture(path, "5x5"), PICTURES),
    Sample("alpha.png", picture("PNG", "RGBA"), lambda path: read_picture(path, ""), PICTURES),
    Sample("palette.gif", picture("GIF", "P"), lambda path: read_picture(path, ""), PICTURES),
    Sample("colour.jpg", picture("JPEG", "RGB"), lambda path: read_picture(path, ""), PICTURES),
    Sample("floats.tif", picture("TIFF", "F"), lambda path: read_picture(path, ""), PICTURES),
    Sample("packed.tiff", picture("TIFF", "RGB", compression="tiff_lzw"), read_brightness,
           BRIGHTNESS),
    Sample("wide2.png", picture("PNG", "I;16"), read_brightness, BRIGHTNESS),
    Sample("colour.bmp", picture("BMP", "RGB"), read_brightness, BRIGHTNESS),
    Sample("grey.pgm", picture("PPM", "L"), read_brightness, BRIGHTNESS),
    Sample("mine.toml", (FOLDER / "mnist.toml").read_bytes, read_preset,
           ("convnet/presets", "input_files/whole")),
    *(Sample(name, piece(name), beside_the_others, RUN)
      for name in ("settings.json", "report.json", "eval.json", "layer-conv1.npz", "svm-all.npz")),
]  # fmt: skip
