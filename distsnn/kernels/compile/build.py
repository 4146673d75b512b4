"""Starts the process that compiles kernels, isolated from the user's environment.

It finds the package where this process found it, not by a search; neither the current folder nor an
empty or relative entry of PYTHONPATH is on its path, and it works in the root folder, since numba
reads settings from the current one. Settings of numba are taken away, so that the same kernels become
the same code in every shell; those that choose the processor stay, and are part of the key.
"""

from __future__ import annotations

import marshal
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from distsnn.errors import KernelError
from distsnn.kernels.compile.cache import CHOICE_OF_PROCESSOR

# Longer than any kernel takes on a busy machine; stops a compilation that hangs.
MAX_START_S = 120
MAX_KERNEL_S = 120

# What python runs before anything else is imported. Arguments: the folder of the package, its parent.
BOOT = """
import sys
sys.path[:] = [entry for entry in sys.path if entry]
from importlib.util import module_from_spec, spec_from_file_location
folder, parent = sys.argv[1:]
found = spec_from_file_location(
    "distsnn", folder + "/__init__.py", submodule_search_locations=[folder]
)
sys.modules["distsnn"] = package = module_from_spec(found)
found.loader.exec_module(package)
from distsnn.kernels.compile.build_process import main
main(int(parent))
"""

Request = tuple[tuple[object, ...], ...]


def build(requests: Request, titles: Sequence[str]) -> None:
    """Compile; see ``build_process`` for a request. titles: what to call them in messages.

    Raises KernelError, in one line, where that fails or takes too long.
    """
    names = titles[0] if len(titles) == 1 else f"{titles[0]} and {len(titles) - 1} more"
    if not sys.executable:
        raise KernelError(f"kernel {names}: cannot be compiled, Python's own path is unknown.")
    folder = str(Path(__file__).resolve().parents[2])
    command = [sys.executable, "-c", BOOT, folder, str(os.getpid())]
    limit = MAX_START_S + MAX_KERNEL_S * len(requests)
    try:
        done = subprocess.run(
            command, input=marshal.dumps(requests), env=environment(dict(os.environ)), cwd="/",
            capture_output=True, check=False, timeout=limit,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise KernelError(
            f"kernel {names}: must compile within {limit} s, got no end. Make it shorter."
        ) from None
    if done.returncode != 0:
        said = done.stderr.decode(errors="replace").strip().splitlines()
        reason = said[-1] if said else f"no reason, exit code {done.returncode}"
        raise KernelError(
            f"kernel {reason}" if done.returncode == 2 else f"kernel {names}: {reason}"
        )


def environment(given: dict[str, str]) -> dict[str, str]:
    """Return the environment of the compiling process."""
    unwanted = ("NUMBA_", "PYTHONINSPECT", "PYTHONWARNINGS")
    kept = {
        name: value
        for name, value in given.items()
        if name in CHOICE_OF_PROCESSOR or not name.startswith(unwanted)
    }
    entries = kept.pop("PYTHONPATH", "").split(os.pathsep)
    absolute = [entry for entry in entries if os.path.isabs(entry)]
    if absolute:
        kept["PYTHONPATH"] = os.pathsep.join(absolute)
    # Intel's vector maths would give other bits where it is installed than where it is not.
    return {**kept, "DISTSNN_KERNELS": "compile", "NUMBA_DISABLE_INTEL_SVML": "1"}
