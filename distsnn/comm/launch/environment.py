"""The launch of this process, as far as it is known before numpy or MPI is imported.

The module uses only the standard library, so that the command line can call ``pin_threads`` first.
"""

from __future__ import annotations

import math
import os
from dataclasses import dataclass
from pathlib import Path

# numbers of threads of the libraries that numpy, scipy and numba may load
THREAD_VARIABLES = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "BLIS_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "NUMBA_NUM_THREADS",
)

# Launcher -> (variable with the number of ranks, variable with the rank). Slurm sets SLURM_PROCID in a
# batch script too, but SLURM_STEP_NUM_TASKS only in the steps that srun starts in it.
LAUNCHERS = {
    "Open MPI": ("OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_RANK"),
    "MPICH": ("PMI_SIZE", "PMI_RANK"),
    "MVAPICH": ("MV2_COMM_WORLD_SIZE", "MV2_COMM_WORLD_RANK"),
    "Slurm": ("SLURM_STEP_NUM_TASKS", "SLURM_PROCID"),
}

# byte transfer layers for networks, of all versions of Open MPI
NETWORKS = ("tcp", "openib", "ofi", "uct", "usnic", "ugni", "portals4")

CGROUP = Path("/sys/fs/cgroup")


@dataclass(frozen=True)
class Launcher:
    """What started this process. name: of the launcher, or "none". n_ranks: number of ranks started."""

    name: str
    n_ranks: int
    rank: int


def find_launcher() -> Launcher:
    """Return the launcher, by the first set of variables that the environment has."""
    for name, (size_variable, rank_variable) in LAUNCHERS.items():
        size = _number(size_variable)
        if size is not None:
            return Launcher(name, size, _number(rank_variable) or 0)
    return Launcher("none", 1, 0)


def _number(variable: str) -> int | None:
    text = os.environ.get(variable, "")
    return int(text) if text.isdecimal() else None


def pin_threads() -> None:
    """Make BLAS, OpenMP and numba use one thread per rank, unless the user has set their variables.

    To be called before numpy is imported: the libraries read these variables when they are loaded.
    """
    for variable in THREAD_VARIABLES:
        os.environ.setdefault(variable, "1")


def prefer_plain_transport() -> None:
    """Keep Open MPI on one machine from opening its network layers, which takes half of its start-up.

    To be called before MPI is loaded. Components that the user has chosen are left alone. Other MPI
    libraries do not read these variables.
    """
    if _number("OMPI_COMM_WORLD_LOCAL_SIZE") != _number("OMPI_COMM_WORLD_SIZE"):
        return
    if not any(name in os.environ for name in ("OMPI_MCA_pml", "OMPI_MCA_btl", "OMPI_MCA_mtl")):
        # "^" excludes. Shared memory cannot be asked for by name: it is called vader before Open MPI 5
        # and sm since, and a version does not start if asked for a component that it lacks.
        os.environ.update(OMPI_MCA_pml="ob1", OMPI_MCA_btl="^" + ",".join(NETWORKS))


def usable_cores() -> set[int]:
    """Return the processor cores that this process may run on."""
    return set(os.sched_getaffinity(0))


def cpu_quota(root: Path = CGROUP) -> int | None:
    """Return the CPU quota of the container in cores, rounded up; None without a limit.

    root: where the control groups are mounted.
    """
    # cpu.max is that of cgroup v2, cpu.cfs_quota_us that of v1; both are microseconds per period
    try:
        limit, period = (root / "cpu.max").read_text().split()
    except (OSError, ValueError):
        try:
            limit = (root / "cpu" / "cpu.cfs_quota_us").read_text().strip()
            period = (root / "cpu" / "cpu.cfs_period_us").read_text().strip()
        except OSError:
            return None
    # "max" in v2 and -1 in v1 mean that there is no limit
    if not (limit.isdecimal() and period.isdecimal()):
        return None
    return max(1, math.ceil(int(limit) / int(period)))
