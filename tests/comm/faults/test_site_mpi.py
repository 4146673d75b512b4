"""The same bits, and the same endings, under every MPI that is found."""

from __future__ import annotations

import json
import subprocess

import pytest
from fault_matrix import environment_of
from launchers import LauncherOf, found_launchers

from distsnn.comm.launch.environment import LAUNCHERS as LAUNCHER_VARIABLES
from distsnn.comm.launch.environment import find_launcher

LAUNCHERS = found_launchers() if find_launcher().n_ranks == 1 else []
NETWORK = ["run", "loihi", "--scale", "0.04", "--duration", "60", "--quiet", "--json"]
MAX_S = 150

pytestmark = [
    pytest.mark.skipif(not LAUNCHERS, reason="starts mpirun itself: needs one, and none around"),
    pytest.mark.timeout(2 * MAX_S),
]
each_launcher = pytest.mark.parametrize("launcher", LAUNCHERS, ids=lambda launcher: launcher.name)


def distsnn(launcher: LauncherOf, n_ranks: int, folder, *arguments: str):
    """Run the command line on n_ranks ranks."""
    command = [str(launcher.python), "-m", "distsnn", *arguments]
    environment = environment_of(folder / "moment", "site")
    if n_ranks > 1:
        command = [str(launcher.mpirun), "-n", str(n_ranks), *command]
    else:
        for names in LAUNCHER_VARIABLES.values():
            for name in names:
                environment.pop(name, None)
    return subprocess.run(
        command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True,
        timeout=MAX_S, check=False,
    )  # fmt: skip


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    """Digests of one process without MPI."""
    folder = tmp_path_factory.mktemp("alone")
    done = distsnn(LAUNCHERS[0], 1, folder, *NETWORK, f"{folder}/run.json")
    assert done.returncode == 0, done.stderr
    return json.loads((folder / "run.json").read_text())


@each_launcher
@pytest.mark.parametrize("n_ranks", [3])
def test_same_bits_on_any_mpi(launcher, n_ranks, alone, tmp_path):
    done = distsnn(launcher, n_ranks, tmp_path, *NETWORK, f"{tmp_path}/run.json")
    assert done.returncode == 0, done.stderr
    report = json.loads((tmp_path / "run.json").read_text())
    assert report["n_ranks"] == n_ranks
    assert report["digest"] == alone["digest"]
    assert report["traffic_digest"] == alone["traffic_digest"]


@each_launcher
def test_error_of_the_user_on_many_ranks(launcher, tmp_path):
    """Eight ranks end at different times; the launcher must not take the first for a crash."""
    done = distsnn(launcher, 8, tmp_path, "run", "nosuch")
    messages = [line for line in done.stderr.splitlines() if line.startswith("distsnn: ")]
    assert done.returncode == 2, done.stderr
    assert len(messages) == 1, done.stderr
    assert "nosuch" in messages[0]


def test_why_other_mpis_are_not_tried():
    """Skipped, with the reason in the summary, if the only MPI is that of the environment."""
    if len(LAUNCHERS) < 2:
        pytest.skip("no other MPI: launch/site_mpi --install makes environments for them, as root")
