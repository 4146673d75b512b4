"""A program that exchanges packets and ends in a given manner: ENDING [RANK [FABRIC]]."""

import contextlib
import os
import signal
import sys
import threading
import time
from pathlib import Path

import numpy as np

from distsnn.comm import Outbox, open_fabric, rank_grid, run_program, start
from distsnn.errors import NetworkError, SimulationError

FAILING_STEP = 50


def main() -> int:
    ending, failing_rank = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 1
    fabric_name = sys.argv[3] if len(sys.argv) > 3 else "mesh"
    if ending == "before":
        raise NetworkError("network: must be loihi, got x. Name another.")
    comm = start(2 if ending == "idle" else None)
    comm.cores = np.arange(4 * comm.rank, 4 * comm.rank + 4)
    others = np.array([r for r in range(comm.n_ranks) if r != comm.rank])
    outbox = Outbox(others, 100)
    fabric = open_fabric(fabric_name, comm, rank_grid(comm.n_ranks, 16, 8), outbox)
    for t in range(100):
        comm.step = t
        if t == FAILING_STEP:
            fail(ending, comm, comm.rank == failing_rank)
        outbox.counts[:] = 3
        fabric.exchange()
    fabric.close()
    comm.close()
    if ending == "exit-after" and comm.rank == failing_rank:
        sys.exit(6)
    if ending == "caught-exit":
        with contextlib.suppress(SystemExit):
            sys.exit(5)
    return 4 if ending == "return" else 0


def fail(ending, comm, is_failing) -> None:
    if is_failing and "MOMENT" in os.environ:
        Path(os.environ["MOMENT"]).write_text(repr(time.time()))
    if ending == "user-error":
        raise NetworkError("population a: size must be at least 1, got 0. Give it neurons.")
    if ending == "agree":
        comm.agree(
            SimulationError("neuron 7: v must be finite, got nan. See.") if is_failing else None
        )
    if ending == "exit-all":
        sys.exit(7)
    if not is_failing:
        return
    if ending == "raise":
        raise ZeroDivisionError("on purpose")
    if ending == "lone-user-error":
        raise SimulationError("neuron 7: v must be finite, got nan. Use a smaller step.")
    if ending == "exit":
        sys.exit(3)
    if ending == "exit-0":
        sys.exit(0)
    if ending == "system-exit":
        raise SystemExit(9)
    if ending == "os-exit":
        os._exit(5)
    if ending in ("SIGKILL", "SIGTERM", "SIGSEGV", "SIGINT"):
        os.kill(os.getpid(), getattr(signal, ending))
        time.sleep(30)
    if ending == "thread":
        threading.Thread(target=lambda: 1 // 0).start()
        time.sleep(30)
    if ending == "interrupt":
        raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(run_program(main))
