"""What runs cost on a chip: energy by part, time and packets, of one run and of several."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from distsnn.traffic.account import MeshTraffic
from distsnn.traffic.energy import ENERGY_PARTS


@dataclass(frozen=True)
class Cost:
    """What one run costs on a chip.

    parts_j: joule by part, None where events or energies are not known. seconds: how long the chip is
    on, None if not known. packets: number of packets.
    """

    parts_j: dict[str, float | None]
    seconds: float | None
    packets: int

    @property
    def total_j(self) -> float:
        """Joule of all parts that are known."""
        # E = sum over the parts that are known
        return sum(self.parts_j[part] or 0.0 for part in ENERGY_PARTS)

    @property
    def dynamic_j(self) -> float:
        """Joule of all known parts but static power."""
        return self.total_j - (self.parts_j["static"] or 0.0)

    @property
    def power_w(self) -> float | None:
        """Joule per second that the chip is on, None if the time is not known or 0."""
        # P = E / time
        return self.total_j / self.seconds if self.seconds else None

    @property
    def not_known(self) -> tuple[str, ...]:
        """Parts that the total lacks."""
        return tuple(part for part in ENERGY_PARTS if self.parts_j[part] is None)


def cost_of(traffic: MeshTraffic) -> Cost:
    """Return the cost of a run by its account."""
    parts = {part: traffic.energy_j[part] for part in ENERGY_PARTS}
    return Cost(parts, traffic.seconds, traffic.packets)


def mean_cost(costs: Sequence[Cost]) -> Cost | None:
    """Return the mean cost of several runs (packets rounded), None of no run."""
    if not costs:
        return None
    n = len(costs)
    parts: dict[str, float | None] = {}
    for part in ENERGY_PARTS:
        values = [cost.parts_j[part] for cost in costs]
        known = [value for value in values if value is not None]
        parts[part] = sum(known) / n if len(known) == n else None
    # A mean is known only if every run's value is.
    times = [cost.seconds for cost in costs if cost.seconds is not None]
    seconds = sum(times) / n if len(times) == n else None
    return Cost(parts, seconds, round(sum(cost.packets for cost in costs) / n))
