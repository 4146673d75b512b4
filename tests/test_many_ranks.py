"""The command line under mpirun: the digests of one rank on many, up to one rank per core.

DISTSNN_MPIRUN may name another MPI's launcher (an environment with MPICH's wheel, say); its ranks
are started with the Python beside it.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

NETWORKS = {
    "loihi": ("run", "loihi", "--scale", "0.05", "--duration", "100"),
    "microcircuit": (
        "run", "microcircuit", "--scale", "0.01", "--duration", "20", "--neurons-per-core", "7",
    ),
}  # fmt: skip
# That of the environment which the tests run in comes before one of the system.
SEARCHED = os.pathsep.join([os.path.dirname(sys.executable), os.environ.get("PATH", "")])
LAUNCHER = os.environ.get("DISTSNN_MPIRUN") or shutil.which("mpirun", path=SEARCHED) or ""
PYTHON = (
    str(Path(LAUNCHER).with_name("python")) if "DISTSNN_MPIRUN" in os.environ else sys.executable
)
ENVIRONMENT = {
    **{
        key: value
        for key, value in os.environ.items()
        if not key.startswith(("OMPI", "PMI", "PMIX"))
    },
    "OMPI_ALLOW_RUN_AS_ROOT": "1",
    "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
    "PRTE_MCA_rmaps_default_mapping_policy": ":oversubscribe",
}

pytestmark = pytest.mark.skipif(not LAUNCHER, reason="there is no mpirun")


def digests(network: str, n: int, folder: Path, *options: str) -> tuple[str, str]:
    path = folder / f"{network}-{n}.json"
    start = [LAUNCHER, "-n", str(n), PYTHON] if n > 1 else [sys.executable]
    command = [
        *start,
        "-m",
        "distsnn",
        *NETWORKS[network],
        "--quiet",
        "--json",
        str(path),
        *options,
    ]
    done = subprocess.run(
        command, env=ENVIRONMENT, capture_output=True, text=True, check=False, timeout=500
    )
    assert done.returncode == 0, done.stderr
    report = json.loads(path.read_text())
    assert report["n_ranks"] == n
    assert sum(one["n_spikes"] for one in report["populations"]) > 100
    return report["digest"], report["traffic_digest"]


@cache
def alone(network: str, placement: str, folder: Path) -> tuple[str, str]:
    return digests(network, 1, folder, "--placement", placement)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("ranks")


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize(
    ("n", "fabric", "placement"),
    [(2, "mesh", "rows"), (4, "hop", "near"), (7, "mesh-messages", "random"),
     (8, "alltoall", "rows"), (16, "hop-messages", "random")],
)  # fmt: skip
def test_digests(network, n, fabric, placement, folder):
    found = digests(network, n, folder, "--fabric", fabric, "--placement", placement)
    assert found == alone(network, placement, folder)


def test_placement_changes_traffic_only(folder):
    rows, random = alone("loihi", "rows", folder), alone("loihi", "random", folder)
    assert rows[0] == random[0]
    assert rows[1] != random[1]


@pytest.mark.slow
@pytest.mark.parametrize("n", [2, 3, 4, 5, 7, 8, 16, 128])
def test_every_fabric_and_placement(n):
    """Both networks; with ``hop`` what was passed on is compared with the routes at the end."""
    program = Path(__file__).with_name("matrix_of_ranks.py")
    done = subprocess.run(
        [LAUNCHER, "-n", str(n), PYTHON, str(program)],
        env=ENVIRONMENT, capture_output=True, text=True, check=False, timeout=3000,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    assert done.stdout.count("same bits") == 30


@pytest.mark.slow
@pytest.mark.parametrize("n", [11, 127])
def test_primes(n, folder):
    assert digests("loihi", n, folder) == alone("loihi", "rows", folder)
