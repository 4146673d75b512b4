"""A script of a user in which one rank does something wrong: PHASE KIND RANK.

It starts, describes a network, simulates it twice and writes. What RANK ("last" for the last one)
does wrong, and when, is given on the command line. The rank writes the time of the fault to MOMENT.
"""

import os
import signal
import sys
import time
from pathlib import Path

PHASE, KIND, RANK = sys.argv[1:4]
N_RANKS = int(os.environ.get("OMPI_COMM_WORLD_SIZE") or os.environ["PMI_SIZE"])
OWN_RANK = int(os.environ.get("OMPI_COMM_WORLD_RANK") or os.environ["PMI_RANK"])
IS_FAULTY = (N_RANKS - 1 if RANK == "last" else int(RANK)) == OWN_RANK
FAULTY_STEP = 20


class Mishap(Exception):
    """The fault of the kinds ``exception`` and ``caught``."""


def fault(phase: str) -> None:
    """Cause the fault, if this is its phase and its rank."""
    if phase != PHASE or not IS_FAULTY or KIND in ("fewer", "duration"):
        return
    if "MOMENT" in os.environ:
        Path(os.environ["MOMENT"]).write_text(repr(time.time()))
    if KIND in ("exception", "caught"):
        raise Mishap(f"in {phase}")
    if KIND.startswith("exit"):
        sys.exit(int(KIND.removeprefix("exit")))
    if KIND.startswith("hard-exit"):
        os._exit(int(KIND.removeprefix("hard-exit")))
    os.kill(os.getpid(), getattr(signal, KIND))
    time.sleep(60)


def part(phase: str, action=lambda: None):
    """Cause the fault of a phase, if any, then return the result of an action."""
    try:
        fault(phase)
        return action()
    except Mishap:
        if KIND != "caught":
            raise


part("import")

import distsnn.comm.shared.memory  # noqa: E402
import distsnn.core.rank  # noqa: E402
import distsnn.core.step_program  # noqa: E402
import distsnn.running.building  # noqa: E402
from distsnn import FixedInDegree, LifDelta, Network, Poisson, simulate, start  # noqa: E402


def before(owner, name: str, phase: str, is_due=lambda *of: True) -> None:
    """Make a function of the program cause the fault of a phase first."""
    function = getattr(owner, name)

    def faulty(*of, **more):
        if is_due(*of):
            fault(phase)
        return function(*of, **more)

    setattr(owner, name, faulty)


before(distsnn.running.building, "make_plan", "plan")
before(distsnn.core.rank.TableBuilder, "build", "build")
program = distsnn.core.step_program.StepProgram
before(program, "run", "step", lambda program, until: until >= FAULTY_STEP)
if "FAULT_BY_MESSAGES" in os.environ:  # as on several machines: only a few flags are shared
    allocate = distsnn.comm.shared.memory.allocate_shared
    distsnn.comm.shared.memory.allocate_shared = lambda ranks, n: (
        allocate(ranks, n) if n < 256 else None
    )


def describe():
    network = Network(dt_ms=1.0, seed=1)
    population = network.population("a", 200, LifDelta())
    network.connect(population, population, FixedInDegree(10), weight=0.1, delay_ms=2.0)
    network.stimulate(population, Poisson(rate_hz=12000.0, weight=0.1))
    return network


def run(network, duration_ms: float):
    try:
        return simulate(network, duration_ms=duration_ms, neurons_per_core=10)
    except Mishap:
        if KIND != "caught":
            raise


comm = start()
network = part("describe", describe) or describe()
run(network, 45.0 if IS_FAULTY and KIND == "duration" and PHASE == "step" else 40.0)
if not (IS_FAULTY and KIND == "fewer" and PHASE == "step"):
    run(network, 40.0)
part("write")
if not (IS_FAULTY and KIND == "fewer" and PHASE == "write"):
    comm.barrier()
part("end")
