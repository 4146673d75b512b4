"""What storing weights as whole quanta changes, for the report."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from distsnn.network.weights.lanes import WeightError


def weights_report(errors: Mapping[str, WeightError]) -> dict[str, Any]:
    """Return the largest relative errors over all projections, and what is lost by whom.

    largest_relative_error: of a weight given as a number. largest_error_of_mean, of_sd: of what a
    projection's weights are drawn from. lost: projections of which more than 0.1 % is changed.
    """
    return {
        "largest_relative_error": max((one.largest for one in errors.values()), default=0.0),
        "largest_error_of_mean": max((one.mean for one in errors.values()), default=0.0),
        "largest_error_of_sd": max((one.sd for one in errors.values()), default=0.0),
        "lost": [
            {
                "projection": name,
                "changes": one.changes(),
                "largest_relative_error": one.largest,
                "error_of_mean": one.mean,
                "error_of_sd": one.sd,
                "share_of_synapses_at_0": one.lost,
            }
            for name, one in errors.items()
            if one.changes()
        ],
    }


def weight_rows(report: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the rows of a table about what is lost; none where nothing is."""
    return [
        ("weights changed", f"{one['projection']}: {one['changes']}") for one in report["lost"]
    ]
