"""The eight firing patterns of the AdEx neuron."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from distsnn.gallery.patterns import draw_patterns, measure_patterns, pattern_runs
from distsnn.gallery.run import Run
from distsnn.neurons.adex_patterns import NAUD_2008
from distsnn.simulation import Result

TITLE = "Naud et al. 2008: firing patterns of the AdEx neuron at a step of current"


def runs() -> list[Run]:
    """Return the runs."""
    return pattern_runs(NAUD_2008)


def measure(results: Sequence[Result]) -> dict[str, Any]:
    """Return what each pattern did, see ``measure_patterns``."""
    return measure_patterns(NAUD_2008, results)


def draw(found: dict[str, Any], figure: Any) -> None:
    """Draw a panel for each pattern."""
    draw_patterns(found, figure, TITLE, 4, 10.0)
