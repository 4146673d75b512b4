"""Units: what the suffixes of equations and parameters say."""

from __future__ import annotations

from dataclasses import dataclass

from distsnn.equations.given import Given


@dataclass(frozen=True)
class KnownUnits:
    """Units by name."""

    states: dict[str, str]
    parameters: dict[str, str]
    weight: str

    def of_state(self, name: str) -> str:
        """Return the unit of a state variable."""
        return self.states.get(name, "")

    def of_parameter(self, name: str) -> str:
        """Return the unit of a parameter."""
        return self.parameters.get(name, "")

    def of_weight(self) -> str:
        """Return the unit of weights."""
        return self.weight


def known_units(given: Given) -> KnownUnits:
    """Return units."""
    return KnownUnits({e.name: e.unit for e in given.equations}, {n: p.unit for n, p in given.parameters.items()}, "")
