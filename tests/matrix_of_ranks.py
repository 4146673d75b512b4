"""Every fabric and placement on the ranks that a launcher started, beside one rank alone.

    mpirun -n 128 python tests/matrix_of_ranks.py

Prints a line for each combination; exit code 1 where a digest differs.
"""

from __future__ import annotations

from distsnn.comm import FABRICS as ALL_FABRICS
from distsnn.comm import run_program, start
from distsnn.comm.serial import SerialComm
from distsnn.mapping import PLACEMENTS
from distsnn.networks import build_network
from distsnn.simulation import Settings, simulate

FABRICS = tuple(name for name in ALL_FABRICS if name != "serial")
# network: its settings, duration in ms, neurons per core
NETWORKS = {
    "loihi": ({"scale": 0.05}, 100.0, None),
    "microcircuit": ({"scale": 0.01}, 20.0, 7),
}


def main() -> int:
    """Run all combinations. Collective."""
    comm = start()
    n_wrong = 0
    for name, (settings, duration_ms, per_core) in NETWORKS.items():

        def digests(fabric, placement, on, name=name, more=(settings, duration_ms, per_core)):
            chosen = Settings(fabric=fabric, placement=placement, neurons_per_core=more[2])
            network = build_network(name, dict(more[0]))
            result = simulate(network, duration_ms=more[1], settings=chosen, comm=on)
            return result.digest, result.traffic_digest

        for placement in PLACEMENTS:
            alone = digests("serial", placement, SerialComm()) if comm.rank == 0 else None
            for fabric in FABRICS:
                found = digests(fabric, placement, comm)
                if comm.rank == 0:
                    verdict = "same bits" if found == alone else f"DIFFERS from {alone}"
                    n_wrong += found != alone
                    line = f"{comm.n_ranks} ranks, {name}, {placement}, {fabric}: {found[0]}"
                    print(f"{line} {found[1]} {verdict}", flush=True)
    return int(comm.max(n_wrong) > 0)


if __name__ == "__main__":
    raise SystemExit(run_program(main))
