"""What makes no sense in space is refused in one line that says what would."""

from __future__ import annotations

import math

import numpy as np
import pytest
from pair_twin import connected

from distsnn.errors import NetworkError
from distsnn.network import (
    AllToAll,
    ByDistance,
    Disc,
    Distance,
    Gaussian,
    GivenPositions,
    Grid1D,
    Grid2D,
    Grid3D,
    Network,
    RandomPositions,
    SampledProfile,
)
from distsnn.neurons import LifExp

SHEET = Grid2D(1.0)
LINE = np.linspace(0.0, 1.0, 49)
NEAR = Disc(0.2, 0.5)


def population(positions, size=49):
    return Network().population("e", size, LifExp(), positions=positions)


def joined(rule, source=SHEET, target=None, **more):
    return connected(rule, source, target, n=(49, 36), **more)


REFUSED = {
    "prime": (lambda: population(SHEET, 47), "population 'e': size: must be one that fills a Grid2D"),
    "shape": (lambda: population(Grid2D(1.0, shape=(5, 5))), "size: must be 25 for a grid of 5 x 5"),
    "shape of one": (lambda: Grid2D(1.0, shape=[5]), "Grid2D.shape: must be 2 whole numbers"),
    "sides": (lambda: Grid3D((1.0, 2.0)), "Grid3D.extent: must be one number or 3"),
    "no side": (lambda: Grid1D(0.0), "Grid1D.extent: must be a number from 1e-12"),
    "dimensions": (lambda: RandomPositions(1.0, n_dims=4), "RandomPositions.n_dims"),
    "too few": (lambda: population(np.zeros((3, 2))), "'e': positions: must be of 49 points"),
    "four": (lambda: population(np.zeros((49, 4))), "positions: must be of shape (neurons, 1 to 3)"),
    "not finite": (lambda: population(np.full((49, 2), np.nan)), "positions[0, 0]: must be numbers"),
    "text": (lambda: population("grid"), "positions: must be a layout such as Grid2D(1.0)"),
    "outside": (lambda: GivenPositions([[0.5, 1.5]], 1.0), "GivenPositions.points: must be within"),
    "no positions": (lambda: joined(Distance(NEAR), None),
                     "projection source -> source: Distance: must be between populations with"),
    "no target positions": (lambda: joined(Distance(NEAR), SHEET, GivenPositions(np.zeros((36, 3)))),
                            "must be between populations of as many dimensions, got 2 and 3"),
    "no extent": (lambda: joined(Distance(NEAR, wrap=True), np.zeros((49, 2))),
                  "must be between populations of one extent to wrap around"),
    "two extents": (lambda: joined(Distance(NEAR, wrap=True), SHEET, Grid2D(2.0)), "of one extent"),
    "above 1": (lambda: joined(Distance(Gaussian(0.1, 1.5))),
                "Distance.profile as a probability: must be a number from 0 to 1, got 1.5"),
    "below 0": (lambda: joined(Distance(Disc(0.1, -0.5))), "must be a number from 0 to 1, got -0.5"),
    "profile": (lambda: Distance(0.5), "Distance.profile: must be a profile such as Gaussian(0.1)"),
    "one value": (lambda: joined(Distance(lambda d: 0.5)), "a finite number for each distance"),
    "of one number": (lambda: joined(Distance(lambda d: math.exp(-d))), "numpy functions (TypeError:"),
    "of one truth": (lambda: joined(Distance(lambda d: 1.0 if d < 1 else 0.0)),
                     "numpy functions (ValueError:"),
    "not a number": (lambda: joined(Distance(lambda d: d * np.nan)), "a finite number for each"),
    "mean": (lambda: joined(Distance(lambda d: d / (d.max() + 1.0))), "of each distance alone"),
    "range": (lambda: Distance(NEAR, max_range=-1.0), "Distance.max_range: must be a number"),
    "wrap": (lambda: Distance(NEAR, wrap="x"), "Distance.wrap: must be True or False"),
    "in-degree": (lambda: joined(Distance(Disc(0.2), in_degree=30)),
                  "Distance.in_degree: must be at most the 2 sources within reach of some target"),
    "order": (lambda: SampledProfile([0.2, 0.1], [1, 1]), "SampledProfile.distances"),
    "values": (lambda: SampledProfile([0.1, 0.2], [1]), "SampledProfile.values: must be 2"),
    "scale": (lambda: ByDistance(scale=2.0), "ByDistance.scale: must be left out without a profile"),
    "weight": (lambda: joined(AllToAll(), None, weight=ByDistance(1.0)),
               "projection source -> source: weight by distance: must be between populations with"),
    "negative delay": (lambda: joined(AllToAll(), delay_ms=ByDistance(0.5, per=-1.0)),
                       "delay_ms must be at least 0, got values by distance down to -0.7"),
    "long delay": (lambda: joined(AllToAll(), delay_ms=ByDistance(per=1e5)), "must be at most 6553.5"),
    "wrapped delay": (lambda: joined(AllToAll(), LINE, delay_ms=ByDistance(1.0, wrap=True)),
                      "delay_ms by distance: must be between populations of one extent"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_it_is_refused_in_one_line(name):
    make, words = REFUSED[name]
    with pytest.raises(NetworkError) as caught:
        make()
    message = str(caught.value)
    assert words in message
    assert "\n" not in message
    assert len(message) < 300


def test_too_few_sources_of_a_target_that_was_not_looked_at(monkeypatch):
    """With very many pairs, only some targets are looked at beforehand."""
    monkeypatch.setattr("distsnn.network.space.neighbours.MAX_PAIRS", 1)
    source = np.append(np.zeros(40), np.full(9, 5.0))
    projection = joined(Distance(Disc(1.0), in_degree=20), source)
    ends, streams = projection.ends, projection.streams(1)
    counts = projection.rule.counts(ends, streams, 0, 49)
    with pytest.raises(NetworkError, match="the sources within reach of target 40, got 20"):
        projection.rule.fill(ends, streams, 0, counts, np.empty(counts.sum(), np.uint32))
