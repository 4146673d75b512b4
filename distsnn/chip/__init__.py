"""Chips as data: grid, limits of a core, energy and time per event, each number with its source."""

from distsnn.chip.description import Chip, EventEnergy, EventTime, Limits, SynapseFormat
from distsnn.chip.reading import known_chips, load_chip

__all__ = [
    "Chip",
    "EventEnergy",
    "EventTime",
    "Limits",
    "SynapseFormat",
    "known_chips",
    "load_chip",
]
