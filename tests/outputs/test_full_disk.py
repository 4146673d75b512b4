"""Everything that is written meets a disk that fills, at every size: whole, or as it was before."""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
from contextlib import contextmanager, suppress
from pathlib import Path

import matplotlib.figure
import numpy as np
import pytest

from distsnn import FixedInDegree, LifDelta, Network, Poisson
from distsnn.comm.launch.environment import find_launcher
from distsnn.convnet.train.run_folder import RunFolder
from distsnn.errors import OutputFileError
from distsnn.events import Events, draw_events, write_events
from distsnn.liquid.classify.readout import Readout
from distsnn.liquid.inputs.filter_bank import FilterBank
from distsnn.liquid.inputs.stimulus import SoundEncoder
from distsnn.liquid.presets import PRESETS
from distsnn.liquid.saved.folder import SavedReadout, SavedRun, save_run
from distsnn.plasticity import PairStdp
from distsnn.report.document import document, write_json
from distsnn.report.pictures import draw_run
from distsnn.simulation import simulate
from distsnn.storage import write_run
from distsnn.storage.weights import save_weights

N_SIZES = 20
DISK_BYTES = 4 << 20

pytestmark = pytest.mark.skipif(find_launcher().n_ranks > 1, reason="one process is enough")


def make_result(seed):
    network = Network(dt_ms=1.0, seed=seed)
    cells = network.population("cells", 200, LifDelta())
    network.stimulate(cells, Poisson(rate_hz=9000.0, weight=0.5))
    plastic = network.connect(
        cells, cells, FixedInDegree(10), weight=0.1, plasticity=PairStdp(w_max=0.2)
    )
    network.record_weights(plastic, every_ms=20.0)
    network.record(cells, "v", every_ms=1.0)
    return simulate(network, duration_ms=60.0)


@pytest.fixture(autouse=True)
def quick_pictures(request, monkeypatch):
    """What is in a picture does not matter here, but it takes most of the time."""

    def save(figure, file, **options):
        file.write(b"\x89PNG distsnn" + os.urandom(60_000))

    if "commands" not in request.node.name:
        monkeypatch.setattr(matplotlib.figure.Figure, "savefig", save)


@pytest.fixture(scope="module")
def results():
    return [make_result(seed) for seed in (1, 2)]


def events(seed):
    random = np.random.default_rng(seed)
    n = 5000
    return Events.of(
        np.sort(random.integers(0, 10**6, n)), random.integers(0, 64, n),
        random.integers(0, 48, n), random.integers(0, 2, n).astype(bool), 64, 48,
    )  # fmt: skip


def liquid(seed):
    times = PRESETS["sounds"].times
    random = np.random.default_rng(seed)
    readout = Readout(random.normal(size=(2000, 10)), random.normal(size=10))
    saved = {"liquid": SavedReadout(readout, times, 1.0)}
    return SavedRun(
        "sounds", ("a", "b"), SoundEncoder(bank=FilterBank()), PRESETS["sounds"], seed, "loihi",
        1024, saved, {}, random.integers(0, 9, (2, 4)).astype(np.uint64),
    )  # fmt: skip


ABOUT = {
    "settings": {}, "classes": ["a", "b"], "image_size": [16, 16], "n_images": 1, "images": "0",
    "held_out": None, "chip": "loihi",
}  # fmt: skip


def write_pieces(folder, seed):
    pieces = RunFolder(folder)
    pieces.claim(ABOUT)
    try:
        pieces.begin(ABOUT)
        pieces.save("layer-a.npz", {"w": np.random.default_rng(seed).normal(size=20_000)})
    finally:
        pieces.close()


# What is written, to a name in the folder on the disk; the second number says which of two results.
WRITERS = {
    "run": lambda path, r, k: write_run(r[k], document(r[k]), path),
    "json": lambda path, r, k: write_json({"seed": k, "list": [k] * 40_000}, path),
    "pictures": lambda path, r, k: draw_run(r[k], Path(f"{path}-1.png"), Path(f"{path}-2.png")),
    "weights": lambda path, r, k: save_weights(r[k], path),
    "dat": lambda path, r, k: write_events(events(k), Path(f"{path}.dat")),
    "csv": lambda path, r, k: write_events(events(k), Path(f"{path}.csv")),
    "events picture": lambda path, r, k: draw_events(events(k), Path(f"{path}.png")),
    "lsm": lambda path, r, k: save_run(path, liquid(k)),
    "sdnn": lambda path, r, k: write_pieces(path, k),
}


@contextmanager
def small_disk(folder):
    """Give a folder on a disk of its own; where that is not allowed, None."""
    folder.mkdir(exist_ok=True)
    mount = shutil.which("mount")
    words = [mount or "", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "tmpfs", str(folder)]
    if os.getuid() or mount is None or subprocess.run(words, capture_output=True).returncode:
        yield None
        return
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=False)


def leave(folder, n_bytes):
    """Fill a disk until so many bytes are free."""
    filler = folder / "filler"
    filler.unlink(missing_ok=True)
    status = os.statvfs(folder)
    with open(filler, "wb") as file, suppress(OSError):
        file.write(bytes(max(0, status.f_bavail * status.f_frsize - n_bytes)))


@contextmanager
def files_of_at_most(n_bytes):
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (n_bytes, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def contents(folder):
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*") if path.is_file() and path.name != "filler"
    }  # fmt: skip


def error_of(write, *arguments):
    try:
        write(*arguments)
    except OutputFileError as error:
        return error
    return None


@pytest.mark.parametrize("kind", WRITERS)
def test_a_disk_that_fills(kind, results, tmp_path):
    write = WRITERS[kind]
    with small_disk(tmp_path / "disk") as disk:
        if disk is None:
            pytest.skip("only root may mount a small disk")
        write(disk / "x", results, 0)
        old = contents(disk)
        needed = sum(map(len, old.values())) + 8 * 4096  # folders and ends of blocks
        failed = 0
        for n in range(N_SIZES):
            leave(disk, needed * n // (N_SIZES - 1))
            error = error_of(write, disk / "x", results, 1 if kind != "sdnn" else 0)
            if error is not None:
                assert "No space left" in str(error)
                assert contents(disk) == old, n
                failed += 1
            else:
                assert kind == "sdnn" or contents(disk) != old
                (disk / "filler").unlink()
                write(disk / "x", results, 0)
                assert contents(disk).keys() == old.keys()
                old = contents(disk)
        assert 0 < failed < N_SIZES


@pytest.mark.parametrize("kind", WRITERS)
def test_a_limit_on_the_size_of_files(kind, results, tmp_path):
    write = WRITERS[kind]
    write(tmp_path / "x", results, 0)
    old = contents(tmp_path)
    largest = max(map(len, old.values()))
    for n in range(N_SIZES - 1):
        with files_of_at_most(largest * n // N_SIZES), pytest.raises(OutputFileError):
            write(tmp_path / "x", results, 1 if kind != "sdnn" else 0)
        assert contents(tmp_path) == old, n


COMMAND = (
    "run loihi --scale 0.02 --duration 60 --quiet --out {0}/run --json {0}/r.json --plot {0}/p"
)


def test_commands_end_in_one_line(tmp_path):
    """A process of its own: nothing crashes at its exit either."""
    with small_disk(tmp_path / "disk") as disk:
        if disk is None:
            pytest.skip("only root may mount a small disk")
        words = [sys.executable, "-m", "distsnn", *COMMAND.format(disk).split()]
        subprocess.run(words, check=True, timeout=120)
        old = contents(disk)
        for free in (0, 8192, 100_000):
            leave(disk, free)
            done = subprocess.run(
                [*words, "--set", "seed=5"],
                capture_output=True,
                text=True,
                check=False,
                timeout=120,
            )
            assert done.returncode == 2
            assert len(done.stderr.splitlines()) == 1, done.stderr
            assert contents(disk) == old
