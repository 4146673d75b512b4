"""Errors of storing weights in whole quanta, for the report."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from distsnn.network.weights.errors import WeightError


def weights_report(errors: Mapping[str, WeightError]) -> dict[str, Any]:
    """Return the largest relative errors over all projections, and the projections that change.

    largest_relative_error: of a weight given as a number. largest_error_of_mean, of_sd: of the
    distribution of a projection. lost: projections that change by more than 0.1 %.
    """
    return {
        "largest_relative_error": max((error.largest for error in errors.values()), default=0.0),
        "largest_error_of_mean": max((error.mean for error in errors.values()), default=0.0),
        "largest_error_of_sd": max((error.sd for error in errors.values()), default=0.0),
        "lost": [
            {
                "projection": name,
                "changes": error.changes(),
                "largest_relative_error": error.largest,
                "error_of_mean": error.mean,
                "error_of_sd": error.sd,
                "share_of_synapses_at_0": error.lost,
            }
            for name, error in errors.items()
            if error.changes()
        ],
    }


def weight_rows(report: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return a table row for each projection whose weights change."""
    return [
        ("weights changed", f"{loss['projection']}: {loss['changes']}") for loss in report["lost"]
    ]
