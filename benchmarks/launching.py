"""How the benchmarks start ranks."""

from __future__ import annotations

import os


def environment() -> dict[str, str]:
    """Return the environment in which mpirun also works as root and on few cores."""
    more = {}
    if "SLURM_JOB_ID" not in os.environ:
        more["PRTE_MCA_rmaps_default_mapping_policy"] = ":oversubscribe"
    if os.getuid() == 0:
        more |= {"OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"}
    return {**os.environ, **more}
