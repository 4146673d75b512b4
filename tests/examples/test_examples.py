"""Every file of docs/examples runs, small, with the same output on several ranks."""

from __future__ import annotations

import os
import re
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from distsnn.comm.launch.environment import find_launcher

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "docs" / "examples"
MPIRUN = Path(sys.executable).parent / "mpirun"
SMALL = {
    "balanced_sheet.py": ["20", "1", "20"],
    "closed_loop.py": ["--neurons", "20", "--seconds", "1", "--trials", "1"],
    "pynn_trials.py": ["--cells", "100", "--ms", "200"],
    "vogels_sprekeler.py": ["--scale", "0.05", "--seconds", "1"],
    "nir_bits.py": ["20", "20"],
    "diehl_cook.py": ["digits", "--neurons", "5", "--train", "12", "--test", "3"],
}
ON_RANKS = {"pynn_trials.py": 2, "balanced_sheet.py": 2, "closed_loop.py": 3}


def write_digits(folder: Path) -> None:
    """Write 15 images of noise with their labels, as MNIST has them."""
    folder.mkdir()
    rng = np.random.default_rng(1)
    for part, n in (("train", 12), ("t10k", 3)):
        images, labels = rng.integers(0, 256, (n, 28, 28)), np.arange(n) % 10
        for name, magic, values in (
            ("images-idx3", 2051, images),
            ("labels-idx1", 2049, labels),
        ):
            header = struct.pack(f">{1 + values.ndim}i", magic, *values.shape)
            content = header + values.astype(np.uint8).tobytes()
            (folder / f"{part}-{name}-ubyte").write_bytes(content)


def output(name: str, folder: Path, *launcher: str) -> str:
    """Return what an example prints."""
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "PRTE_MCA_rmaps_default_mapping_policy": ":oversubscribe",
    }
    if os.getuid() == 0:
        environment |= {"OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"}
    done = subprocess.run(
        [*launcher, sys.executable, str(EXAMPLES / name), *SMALL[name]], cwd=folder,
        env=environment, capture_output=True, text=True, check=False, timeout=150,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    return done.stdout


def test_every_example_is_tried_and_listed():
    names = {path.name for path in EXAMPLES.glob("*.py")}
    assert set(SMALL) == names
    assert set(re.findall(r"^\| \[(.*?)\]", (EXAMPLES / "README.md").read_text(), re.M)) == names


@pytest.mark.skipif(find_launcher().n_ranks > 1, reason="starts processes itself")
@pytest.mark.parametrize("name", SMALL)
def test_an_example_runs(name, tmp_path):
    if name.startswith("pynn"):
        pytest.importorskip("pyNN", reason="PyNN is not installed")
    write_digits(tmp_path / "digits")
    alone = output(name, tmp_path)
    assert alone
    if name in ON_RANKS and MPIRUN.exists():
        assert output(name, tmp_path, str(MPIRUN), "-n", str(ON_RANKS[name])) == alone


def test_the_loop_balances_the_pole(tmp_path):
    with_loop, without_loop = output("closed_loop.py", tmp_path).splitlines()
    assert "upright after" in with_loop
    assert "fell after" in without_loop
