"""Izhikevich's twenty neuro-computational properties."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from distsnn.gallery.patterns import draw_patterns, measure_patterns, pattern_runs
from distsnn.gallery.run import Run
from distsnn.neurons.izhikevich_patterns import PROPERTIES_2004
from distsnn.simulation import Result

TITLE = "Izhikevich 2004: twenty neuro-computational properties"


def runs() -> list[Run]:
    """Return the runs."""
    return pattern_runs(PROPERTIES_2004)


def measure(results: Sequence[Result]) -> dict[str, Any]:
    """Return what each pattern did, see ``measure_patterns``."""
    return measure_patterns(PROPERTIES_2004, results)


def draw(found: dict[str, Any], figure: Any) -> None:
    """Draw a panel for each pattern."""
    draw_patterns(found, figure, TITLE, 4, 30.0)
