"""Files that ask for more than they hold, or that never end: refused before memory is taken."""

from __future__ import annotations

import functools
import gzip
import io
import os
import signal
import struct
import subprocess
import sys
import tracemalloc
import zipfile
import zlib
from pathlib import Path

import numpy as np
import pytest
import writers
from file_samples import SAMPLES, events, idx, npy

from distsnn.convnet.images.picture_folders import read_picture
from distsnn.convnet.images.reading import load_images
from distsnn.convnet.train.trained import load_trained
from distsnn.errors import DistsnnError, InputFileError
from distsnn.events.formats import read_events
from distsnn.events.frames import read_frames
from distsnn.events.frames import read_picture as read_brightness
from distsnn.input_files.limits import ROOM, max_unpacked_bytes
from distsnn.input_files.numpy_files import read_npy, read_npz
from distsnn.stimuli import SpikeSource
from distsnn.storage import load_spikes
from distsnn.storage.weights import load_weights

N_ZEROS = ROOM + 40 * 2**20  # more than a small file may unpack to
MAX_READ_S = 20


class TooSlow(BaseException):
    """A read that does not end."""


@pytest.fixture(autouse=True)
def alarm():
    def give_up(*_):
        raise TooSlow

    signal.signal(signal.SIGALRM, give_up)
    signal.alarm(MAX_READ_S)
    yield
    signal.alarm(0)


@pytest.mark.parametrize("kind", ["pipe", "device", "nothing", "folder"])
@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
def test_only_regular_files_are_read(sample, kind, tmp_path):
    path = tmp_path / sample.name
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "device":
        path.symlink_to("/dev/zero")
    elif kind == "folder":
        path.mkdir()
    if (sample.name, kind) == ("eval.json", "nothing"):
        pytest.skip("a training need not have been tried")
    with pytest.raises(DistsnnError) as caught:
        sample.read(path)
    assert "\n" not in str(caught.value)


def zeros_idx() -> bytes:
    n = N_ZEROS // 10_000
    return struct.pack(">4BIII", 0, 0, 8, 3, n, 100, 100) + bytes(10_000 * n)


def packed_npz() -> bytes:
    room = io.BytesIO()
    header = io.BytesIO()
    shape = (N_ZEROS // 10_000, 100, 100)
    np.lib.format.write_array_header_1_0(
        header, {"descr": "|u1", "fortran_order": False, "shape": shape}
    )
    with zipfile.ZipFile(room, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as file:
        file.writestr("images.npy", header.getvalue() + bytes(int(np.prod(shape))))
        file.writestr("labels.npy", npy())
    return room.getvalue()


def lying_npz() -> bytes:
    """Its directory says less than there is, its array more than its directory."""
    room = io.BytesIO()
    with zipfile.ZipFile(room, "w", zipfile.ZIP_DEFLATED) as file:
        header = b"{'descr': '<f8', 'fortran_order': False, 'shape': (999999999999, 8, 8)}\n"
        file.writestr("images.npy", b"\x93NUMPY\1\0" + struct.pack("<H", len(header)) + header)
        file.writestr("labels.npy", npy())
    return room.getvalue()


@functools.cache
def png(width: int, height: int) -> bytes:
    """A black picture in 8 bits of grey."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + check

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    body = zlib.compress(bytes((width + 1) * height), 1)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def lz4_zeros(_: bytes) -> bytes:
    """An LZ4 frame of blocks of 4 MB that are one long match each."""
    n = 1 << 22
    extra = b"\xff" * ((n - 6 - 19) // 255) + bytes([(n - 6 - 19) % 255])
    block = b"\x1f\0" + struct.pack("<H", 1) + extra + b"\x50" + bytes(5)
    frame = struct.pack("<IBBB", 0x184D2204, 0x60, 0x70, 0x73)  # the last: checksum
    return frame + (struct.pack("<I", len(block)) + block) * (N_ZEROS // n) + struct.pack("<I", 0)


BOMBS = {
    "images.idx.gz": lambda: gzip.compress(zeros_idx(), 1, mtime=0),
    "packed.npz": packed_npz,
    "stored.npz": lying_npz,
    "grey.png": lambda: png(12_000, 12_000),
    "wide2.png": lambda: png(12_000, 12_000),
    "lz4.aedat4": lambda: writers.aedat4(events(), compression=1, pack=lz4_zeros, per_packet=40),
    "bytes.npy": lambda: (
        b"\x93NUMPY\1\0\x46\0{'descr': '<f8', 'fortran_order': False, 'shape': (9999999999, 9, 9)}"
        .ljust(79) + b"\n"
    ),
}  # fmt: skip

CHILD = """
import resource, sys
from pathlib import Path
from file_samples import SAMPLES
from distsnn.errors import InputFileError
folder = Path(sys.argv[1])
for sample in SAMPLES:  # imports and kernels
    if (folder / "bombs" / sample.name).exists():
        sample.read(folder / sample.name)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
for sample in SAMPLES:
    if (folder / "bombs" / sample.name).exists():
        try:
            sample.read(folder / "bombs" / sample.name)
            print("read", sample.name)
        except InputFileError:
            pass
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024)
"""


def test_bombs_are_refused_and_take_little_memory(tmp_path):
    (tmp_path / "bombs").mkdir()
    sizes = []
    for sample in SAMPLES:
        if sample.name in BOMBS:
            (tmp_path / sample.name).write_bytes(sample.content())
            (tmp_path / "bombs" / sample.name).write_bytes(BOMBS[sample.name]())
            sizes.append((tmp_path / "bombs" / sample.name).stat().st_size)
    assert len(sizes) == len(BOMBS)
    assert max(sizes) < 2**20
    here = Path(__file__).parent
    path = os.pathsep.join(map(str, (here, here.parent / "events", here.parent / "convnet")))
    environment = {
        **os.environ,
        "PYTHONPATH": f"{path}{os.pathsep}{os.environ.get('PYTHONPATH', '')}",
    }
    done = subprocess.run(
        [sys.executable, "-c", CHILD, str(tmp_path)], capture_output=True, text=True, check=False,
        timeout=100, env=environment, cwd=here.parents[1],
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert len(lines) == 1, lines
    assert int(lines[0]) < 200 * 2**20 + 10 * min(sizes)


@pytest.mark.parametrize("shape", [(4 * 10**8, 8), (10**18, 10**18), (-1, -5), (2**62, 2, 0)])
def test_an_array_is_no_longer_than_its_file(tmp_path, shape):
    """Memory for the header's claim would be had on most machines, and be filled by nothing."""
    header = f"{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}}}\n".encode()
    content = b"\x93NUMPY\1\0" + struct.pack("<H", len(header)) + header + bytes(80)
    (tmp_path / "x.npy").write_bytes(content)
    with pytest.raises(InputFileError, match=r"x\.npy: must be"):
        read_npy(tmp_path / "x.npy")
    tracemalloc.start()
    with pytest.raises(InputFileError):
        read_npy(tmp_path / "x.npy")
    assert tracemalloc.get_traced_memory()[1] < 2**20
    tracemalloc.stop()


def test_what_packs_well_but_is_small_is_read(tmp_path):
    """A bound on unpacked bytes must not refuse images that are mostly black."""
    images = np.zeros((2000, 60, 60), np.uint8)
    images[:, 30, 30] = 255
    np.savez_compressed(tmp_path / "x.npz", images=images, labels=np.arange(2000) % 2)
    assert images.nbytes > 50 * (tmp_path / "x.npz").stat().st_size
    assert np.array_equal(load_images(tmp_path / "x.npz", "train").images, images)
    assert max_unpacked_bytes(10**9) > 10**10


def test_arrays_as_numpy_writes_them(tmp_path):
    for array in (np.arange(6.0).reshape(2, 3).T, np.array("text"), np.array(3), np.zeros((0, 4)),
                  np.array([True]), np.array(["a", "bc"])):  # fmt: skip
        np.save(tmp_path / "x.npy", array)
        found = read_npy(tmp_path / "x.npy")
        assert found.dtype == array.dtype
        assert found.shape == array.shape
        assert np.array_equal(found, array)
    np.savez(tmp_path / "x.npz", a=np.arange(4), b=np.ones((2, 2), order="F"))
    found = read_npz(tmp_path / "x.npz")
    assert np.array_equal(found["a"], np.arange(4))
    assert np.array_equal(found["b"], np.ones((2, 2)))
    for wrong in (
        np.array([None]),
        np.array([1j]),
        np.zeros(2, [("a", int)]),
        np.array(["2020"], "M8"),
    ):
        np.save(tmp_path / "x.npy", wrong)
        with pytest.raises(InputFileError, match=r"x\.npy: must be numbers or text"):
            read_npy(tmp_path / "x.npy")


def test_pictures_of_other_formats_are_not_decoded(tmp_path):
    """Behind some of them stand programs, which a picture must not start."""
    path = tmp_path / "x.png"
    path.write_bytes(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n%%EndComments\nshowpage\n")
    with pytest.raises(InputFileError, match="must be a whole picture"):
        read_picture(path, "")


def test_names_of_files_stay_in_one_line(tmp_path):
    for name in ("a\nb.npy", "a\x1b[2Jb.npy", "caf\udce9.npy"):
        path = tmp_path / name
        path.write_bytes(idx())
        with pytest.raises(InputFileError) as caught:
            read_frames(path)
        assert str(caught.value).isprintable()


@pytest.mark.parametrize("path", [None, 3, 2.5, b"x.npy", ["x.npy"], True])
def test_paths_that_are_none(path):
    readers = (read_frames, read_brightness, read_events, load_spikes, load_weights, load_trained,
               SpikeSource.from_file, SpikeSource.from_nmnist)  # fmt: skip
    for read in readers:
        with pytest.raises(InputFileError, match="path: must be text or a Path"):
            read(path)
    if path is not None:
        with pytest.raises(InputFileError, match="path: must be text or a Path"):
            load_images(path, "train")
