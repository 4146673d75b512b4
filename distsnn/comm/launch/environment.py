"""What the process can know about its launch before numpy or MPI is imported.

Only the standard library is used here, so that the command line can call ``pin_threads`` first.
"""

from __future__ import annotations

import math
import os
from dataclasses import dataclass
from pathlib import Path

THREAD_VARIABLES = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "BLIS_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "NUMBA_NUM_THREADS",
)

# Launcher -> (variable with the number of ranks, variable with the rank). Slurm sets the first of
# its two only in steps that srun started, not in the batch script around them.
LAUNCHERS = {
    "Open MPI": ("OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_RANK"),
    "MPICH": ("PMI_SIZE", "PMI_RANK"),
    "MVAPICH": ("MV2_COMM_WORLD_SIZE", "MV2_COMM_WORLD_RANK"),
    "Slurm": ("SLURM_STEP_NUM_TASKS", "SLURM_PROCID"),
}

NETWORKS = ("tcp", "openib", "ofi", "uct", "usnic", "ugni", "portals4")  # of any Open MPI

CGROUP = Path("/sys/fs/cgroup")


@dataclass(frozen=True)
class Launcher:
    """Who started this process: name ("none" without a launcher), ranks started, own rank."""

    name: str
    n_ranks: int
    rank: int


def find_launcher() -> Launcher:
    """Return the launcher that the environment names."""
    for name, (size_variable, rank_variable) in LAUNCHERS.items():
        size = _number(size_variable)
        if size is not None:
            return Launcher(name, size, _number(rank_variable) or 0)
    return Launcher("none", 1, 0)


def _number(variable: str) -> int | None:
    text = os.environ.get(variable, "")
    return int(text) if text.isdecimal() else None


def pin_threads() -> None:
    """Let BLAS, OpenMP and numba use one thread in each rank, unless the user said otherwise.

    To be called before numpy is imported: the libraries read these variables when they are loaded.
    """
    for variable in THREAD_VARIABLES:
        os.environ.setdefault(variable, "1")


def prefer_plain_transport() -> None:
    """Keep Open MPI on one machine from opening its network layers, which takes half the start-up.

    To be called before MPI is loaded. What the user has chosen stays. Named is what to leave out: the
    way through shared memory is called sm from Open MPI 5 on and vader before, and a version refuses
    to start when told to use what it does not have. Other MPIs do not read these variables.
    """
    if _number("OMPI_COMM_WORLD_LOCAL_SIZE") != _number("OMPI_COMM_WORLD_SIZE"):
        return
    if not any(name in os.environ for name in ("OMPI_MCA_pml", "OMPI_MCA_btl", "OMPI_MCA_mtl")):
        os.environ.update(OMPI_MCA_pml="ob1", OMPI_MCA_btl="^" + ",".join(NETWORKS))


def usable_cores() -> set[int]:
    """Return the processor cores that this process may run on."""
    return set(os.sched_getaffinity(0))


def cpu_quota(root: Path = CGROUP) -> int | None:
    """Return how many cores' worth of time the container may use; None without a limit."""
    try:
        limit, period = (root / "cpu.max").read_text().split()
    except (OSError, ValueError):
        try:
            limit = (root / "cpu" / "cpu.cfs_quota_us").read_text().strip()
            period = (root / "cpu" / "cpu.cfs_period_us").read_text().strip()
        except OSError:
            return None
    if not (limit.isdecimal() and period.isdecimal()):
        return None
    return max(1, math.ceil(int(limit) / int(period)))
