"""Published recurrent networks against NEST and against a script, over several seeds.

    python benchmarks/accuracy/model_networks.py --nest-python PYTHON_WITH_NEST [--json FILE]

Prints a table and ends with exit code 1 where the two disagree.

  izhikevich  1,000 cells, 1 s, against the published script in plain numpy; the band of each rate
              is the script's mean over seeds +- 3 standard deviations of one seed
  cuba, coba  4,000 cells, 1 s, the first 200 ms dropped, against NEST
  brunel      12,500 cells in its states B, C and D (Brunel 2000, fig. 8), 1 s, 200 ms dropped,
              three seeds, against NEST; state A, which is near saturation, against its description

Networks agree where means over seeds differ by less than 4 standard errors of the difference or by
less than 2 %. Rates of seeds must also lie in the band.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))
from networks.izhikevich_script import N_E, N_I, izhikevich_script

from distsnn.networks import build_network
from distsnn.running.statistics import train_statistics
from distsnn.simulation import simulate
from distsnn.time_grid import given_steps

NEST_SCRIPT = Path(__file__).parents[1] / "networks" / "nest_recurrent.py"
DURATION_MS, DROP_MS, DT_MS = 1000.0, 200.0, 0.1
SIGMAS, BAND_SIGMAS, SHARE = 4.0, 3.0, 0.02
BRUNEL_SEEDS = [1, 2, 3]
SIZES = {"cuba": (3200, 800), "coba": (3200, 800), "brunel": (10_000, 2_500)}
STATES = {"A": (3.0, 2.0), "B": (6.0, 4.0), "C": (5.0, 2.0), "D": (4.5, 0.9)}
Row = dict[str, float]


def peak_hz(steps: np.ndarray, n_steps: int, dt_ms: float) -> float:
    """Return the frequency above 5 Hz at which the population's activity is strongest."""
    per_bin = given_steps("bin", 1.0, dt_ms, 1)
    counts = np.bincount(steps // per_bin, minlength=n_steps // per_bin).astype(float)
    power = np.abs(np.fft.rfft(counts - counts.mean())) ** 2
    hz = np.fft.rfftfreq(counts.size, 1e-3)
    power[hz < 5.0] = 0.0
    return float(hz[power.argmax()])


def figures(trains: dict[str, tuple[np.ndarray, np.ndarray, int]], n_steps: int, dt: float) -> Row:
    """Return the figures of one run; trains: steps, neurons and size by population."""
    row: Row = {}
    for name, (steps, neurons, size) in trains.items():
        found = train_statistics(steps, neurons, size, n_steps, dt)
        row[f"{name} Hz"] = found.rate_hz
        row[f"{name} CV"] = found.cv_isi or 0.0
        if name == "exc":
            row["synchrony"] = found.synchrony or 0.0
            row["peak Hz"] = peak_hz(steps, n_steps, dt)
    return row


def ours(name: str, settings: dict[str, Any], drop_ms: float) -> Row:
    """Run one network of distsnn."""
    network = build_network(name, settings)
    result = simulate(network, duration_ms=DURATION_MS)
    first = given_steps("drop", drop_ms, network.dt_ms)
    trains = {}
    for population in network.populations:
        steps, neurons = result.spike_steps(population.name)[:2]
        kept = steps >= first
        trains[population.name] = (steps[kept] - first, neurons[kept], population.size)
    return figures(trains, result.n_steps - first, network.dt_ms)


def nest_rows(python: str, network: str, seeds: list[int]) -> list[Row]:
    """Run one network in NEST, once per seed."""
    first, rows = given_steps("drop", DROP_MS, DT_MS), []
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "spikes.npz"
        command = [python, str(NEST_SCRIPT), network, str(DURATION_MS), str(file)]
        subprocess.run([*command, *map(str, seeds)], check=True, stdout=subprocess.DEVNULL)
        spikes = np.load(file)
        for seed in seeds:
            trains = {}
            for name, size in zip(("exc", "inh"), SIZES[network.split(":")[0]], strict=True):
                steps, neurons = (spikes[f"{seed}_{name}_{of}"] for of in ("steps", "neurons"))
                kept = steps >= first
                trains[name] = (steps[kept] - first, neurons[kept], size)
            n_steps = given_steps("duration", DURATION_MS, DT_MS)
            rows.append(figures(trains, n_steps - first, DT_MS))
    return rows


def script_row(seed: int) -> Row:
    """Run the published script once."""
    ms, cells = izhikevich_script(seed)
    is_exc = cells < N_E
    parts = {
        "exc": (ms[is_exc], cells[is_exc], N_E),
        "inh": (ms[~is_exc], cells[~is_exc] - N_E, N_I),
    }
    return figures(parts, 1000, 1.0)


class Table:
    """Prints rows as they come and remembers whether all agreed."""

    def __init__(self) -> None:
        self.rows: list[dict[str, Any]] = []
        print(f"{'network':12s} {'figure':10s} {'distsnn':>16s} {'other':>16s} {'differs by':>18s}")

    def add(self, network: str, figure: str, our: list[float], other: list[float]) -> None:
        """Compare the means of one figure over seeds."""
        a, b = np.array(our), np.array(other)
        error = np.hypot(a.std(ddof=1), b.std(ddof=1)) / len(a) ** 0.5
        difference = abs(a.mean() - b.mean())
        share = difference / max(abs(b.mean()), 1e-9)
        how = f"{difference / error:.1f} errors, {100 * share:.1f} %"
        agrees = difference < SIGMAS * error or share < SHARE
        self._row(network, figure, _text(a), _text(b), how, bool(agrees))

    def expect(self, network: str, figure: str, value: float, low: float, high: float) -> None:
        """Compare one figure with limits."""
        limits = f"{low:g} to {high:g}"
        self._row(network, figure, f"{value:.3g}", limits, "", bool(low <= value <= high))

    def _row(self, network: str, figure: str, a: str, b: str, how: str, agrees: bool) -> None:
        word = "ok" if agrees else "DIFFERS"
        print(f"{network:12s} {figure:10s} {a:>16s} {b:>16s} {how:>18s}  {word}", flush=True)
        self.rows.append(
            {"network": network, "figure": figure, "distsnn": a, "other": b, "differs_by": how,
             "agrees": agrees}
        )  # fmt: skip


def _text(values: np.ndarray) -> str:
    return (
        f"{values.mean():.3f} +- {values.std(ddof=1):.3f}"
        if values.size > 1
        else f"{values[0]:.3f}"
    )


def column(rows: list[Row], figure: str) -> list[float]:
    """Return one figure of all runs."""
    return [row[figure] for row in rows]


def check_izhikevich(table: Table, seeds: list[int]) -> None:
    """Rates, irregularity and rhythm against the script; every seed in the band."""
    our = [ours("izhikevich", {"seed": seed}, 0.0) for seed in seeds]
    other = [script_row(seed) for seed in seeds]
    for figure in ("exc Hz", "inh Hz", "exc CV", "inh CV", "synchrony", "peak Hz"):
        table.add("izhikevich", figure, column(our, figure), column(other, figure))
    for figure in ("exc Hz", "inh Hz"):
        values = np.array(column(other, figure))
        band = np.round(values.mean() + np.array([-1, 1]) * BAND_SIGMAS * values.std(ddof=1), 2)
        ends: tuple[Callable[[list[float]], float], ...] = (min, max)
        for word, end in zip(("least", "most"), ends, strict=True):
            table.expect("izhikevich", f"{figure} {word}", end(column(our, figure)), *band)


def check_balanced(table: Table, python: str, seeds: list[int]) -> dict[str, list[Row]]:
    """Both balanced networks against NEST; return NEST's figures by network."""
    found = {}
    for name in ("cuba", "coba"):
        our = [ours(name, {"seed": seed}, DROP_MS) for seed in seeds]
        other = found[name] = nest_rows(python, name, seeds)
        for figure in ("exc Hz", "inh Hz", "exc CV", "inh CV", "synchrony"):
            table.add(name, figure, column(our, figure), column(other, figure))
    return found


def check_brunel(table: Table, python: str | None) -> None:
    """The four states by their descriptions, three of them against NEST."""
    limits = {
        "A": {"exc Hz": (250, 400), "exc CV": (0.0, 0.2)},
        "B": {"exc CV": (0.6, 1.2), "peak Hz": (150, 210)},
        "C": {"exc Hz": (35.8, 39.6), "exc CV": (0.3, 1.2)},
        "D": {"exc Hz": (3, 9), "exc CV": (0.3, 1.2), "peak Hz": (12, 35)},
    }
    synchrony = {}
    for state, (g, eta) in STATES.items():
        seeds = BRUNEL_SEEDS if state != "A" else [1]
        our = [ours("brunel", {"g": g, "eta": eta, "seed": seed}, DROP_MS) for seed in seeds]
        name = f"brunel {state}"
        synchrony[state] = np.mean(column(our, "synchrony"))
        for figure, (low, high) in limits[state].items():
            table.expect(name, figure, float(np.mean(column(our, figure))), low, high)
        if python and state != "A":
            other = nest_rows(python, f"brunel:{g}:{eta}", BRUNEL_SEEDS)
            for figure in ("exc Hz", "inh Hz", "exc CV"):
                table.add(name, figure, column(our, figure), column(other, figure))
    ratio = float(min(synchrony["B"], synchrony["D"]) / synchrony["C"])
    table.expect("brunel", "B, D to C", ratio, 1.5, 100.0)


def main() -> int:
    """Check every network that was asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--nest-python", help="interpreter that has NEST; without: no cuba, coba")
    parser.add_argument("--seeds", type=int, default=10, metavar="N", help="seeds 1 .. N")
    parser.add_argument("--no-brunel", action="store_true", help="leave out the largest network")
    parser.add_argument("--json", type=Path, help="file for the table")
    parser.add_argument("--store", type=Path, help="file for NEST's figures of cuba and coba")
    options = parser.parse_args()
    table, seeds = Table(), list(range(1, options.seeds + 1))
    check_izhikevich(table, seeds)
    if options.nest_python:
        found = check_balanced(table, options.nest_python, seeds)
        if options.store:
            text = json.dumps(found).replace("{", "\n{")
            options.store.write_text(text.strip() + "\n")
    if not options.no_brunel:
        check_brunel(table, options.nest_python)
    if options.json:
        options.json.write_text(json.dumps(table.rows, indent=1) + "\n")
    return 0 if all(row["agrees"] for row in table.rows) else 1


if __name__ == "__main__":
    sys.exit(main())
