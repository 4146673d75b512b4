"""Every published firing pattern shows what it is named after, by a measure of its own.

That a measure (``pattern_measures``) tells its pattern from the others is tested too.
"""

from __future__ import annotations

import numpy as np
import pytest
from drive import Alone
from neurons.pattern_measures import ADEX, SETS

from distsnn.neurons.adex_patterns import NAUD_2008
from distsnn.neurons.patterns import Pattern


def play(pattern: Pattern, dt_ms: float | None = None):
    """Return spike times in ms, v and the current per step."""
    dt_ms = dt_ms or pattern.dt_ms
    n_steps = round(pattern.duration_ms / dt_ms)
    current = np.zeros(n_steps, dtype=np.float32)
    for time_ms, value in pattern.current:
        current[round(time_ms / dt_ms) :] = value
    result = Alone(pattern.model, 1, dt_ms, pattern.initial).run(n_steps, None, current)
    return (result.steps() + 1) * dt_ms, result.states["v"][:, 0], dt_ms


ALL = [(name, pattern) for name, (patterns, _) in SETS.items() for pattern in patterns]


@pytest.mark.parametrize(("group", "name"), ALL)
def test_pattern_is_what_it_is_named(group, name):
    patterns, measures = SETS[group]
    assert measures[name](*play(patterns[name]))


@pytest.mark.parametrize("name", list(NAUD_2008))
@pytest.mark.parametrize("dt_ms", [0.01, 0.25])
def test_adex_patterns_do_not_depend_on_the_step(name, dt_ms):
    assert ADEX[name](*play(NAUD_2008[name], dt_ms))


@pytest.mark.parametrize("group", list(SETS))
def test_measures_tell_patterns_apart(group):
    patterns, measures = SETS[group]
    assert list(patterns) == list(measures)
    trains = {name: play(pattern) for name, pattern in patterns.items()}
    for name, measure in measures.items():
        passes = []
        for other, train in trains.items():
            try:
                passes.append(other != name and bool(measure(*train)))
            except IndexError:  # too few spikes for the measure
                passes.append(False)
        assert sum(passes) <= 3, f"{name} also fits {sum(passes)} others"
