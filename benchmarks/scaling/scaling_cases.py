"""The networks of the scaling measurements, whole and growing with the ranks."""

from __future__ import annotations

from dataclasses import dataclass

MODES = ("strong", "weak")
CHIP_CORES = 128


@dataclass(frozen=True)
class Case:
    """network: its name for distsnn. strong: its settings. grows: setting that grows with the ranks
    in weak scaling, and by how much for each. window_ms: the model time that counts."""

    network: str
    strong: dict[str, float]
    grows: tuple[str, float]
    window_ms: float


CASES = {
    "loihi": Case("loihi", {}, ("patches", 8), 500.0),
    "loihi-small": Case("loihi", {"patches": 16, "scale": 0.25}, ("patches", 8), 500.0),
    "microcircuit": Case("microcircuit", {}, ("scale", 0.05), 200.0),
    "microcircuit-0.1": Case("microcircuit", {"scale": 0.1}, ("scale", 0.02), 200.0),
    "brunel": Case("brunel", {}, ("scale", 0.5), 500.0),
}


def settings_of(name: str, mode: str, n_ranks: int) -> list[str]:
    """Return the arguments of scaling_rank.py for a case.

    A network, or a number of ranks, that outgrows one chip gets a row of chips.
    """
    case = CASES[name]
    settings = dict(case.strong)
    if mode == "weak":
        setting, each = case.grows
        settings[setting] = each * n_ranks
    arguments = [word for key, value in settings.items() for word in ("--set", f"{key}={value:g}")]
    n_cores = max(n_ranks, int(settings.get("patches", 0)))
    n_chips = -(-n_cores // CHIP_CORES)
    return [*arguments, "--chips", str(n_chips), "1"]
