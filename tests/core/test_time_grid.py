"""The rule for times: given ones are steps or refused, drawn ones go to the nearest, halves up."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from distsnn.errors import NetworkError
from distsnn.time_grid import MAX_STEPS, all_given_steps, given_steps, nearest_steps, rounded_ms

DTS = ("0.1", "0.25", "0.3", "1", "0.025", "0.7", "0.001")


@pytest.mark.parametrize("dt", DTS)
def test_float_errors_are_forgiven_and_nothing_else(dt):
    rng = np.random.default_rng(3)
    step = Fraction(dt)
    for n in [0, 1, 2, 3, *rng.integers(4, 10**9, 2000).tolist()]:
        exact = float(n * step)
        for time_ms in (exact, n * float(step), np.float32(exact) if n < 4000 else exact):
            assert given_steps("t", time_ms, float(step)) == n
        for off in (Fraction(1, 500), Fraction(1, 2), Fraction(-1, 500)):
            if n + off > 0:
                with pytest.raises(NetworkError, match="must be a whole number of steps"):
                    given_steps("t", float((n + off) * step), float(step))


@pytest.mark.parametrize("dt", DTS)
def test_nearest_steps_halves_up(dt):
    rng = np.random.default_rng(4)
    step = Fraction(dt)
    parts = [Fraction(int(k), 200) for k in rng.integers(0, 10**6, 3000)]  # halves among them
    halves = [n + Fraction(1, 2) for n in range(500)]
    times = [*parts, *halves]
    wanted = [(2 * x + 1) // 2 for x in times]
    assert (nearest_steps([float(x * step) for x in times], float(step)) == wanted).all()


def test_bounds_and_messages():
    for call, message in (
        (lambda: given_steps("delay", 0.25, 0.1), "delay: must be a whole number of steps of 0.1 "
         "ms, got 0.25. Give 0.2 or 0.3 ms."),
        (lambda: given_steps("delay", 0.0, 0.1, 1), "delay: must be at least one step of 0.1 ms, "
         "got 0. Give 0.1 ms."),
        (lambda: given_steps("delay", 0.04, 0.1, 1), "got 0.04. Give 0.1 ms."),
        (lambda: given_steps("delay", -0.1, 0.1), "delay: must be at least 0, got -0.1."),
        (lambda: given_steps("delay", 2.0, 0.1, 0, 10), "delay: must be at most 10 steps of 0.1 "
         "ms, 1 ms, got 2."),
        (lambda: given_steps("delay", np.inf, 0.1), f"at most {MAX_STEPS} steps"),
        (lambda: given_steps("delay", np.nan, 0.1), "delay: must be a number, got nan"),
        (lambda: given_steps("delay", True, 0.1), "delay: must be a number, got True"),
        (lambda: given_steps("delay", [1.0], 0.1), "delay: must be a number, got [1.0]"),
        (lambda: all_given_steps("t", np.array([[0.1, 0.2], [0.3, 0.44]]), 0.1),
         "t[1, 1]: must be a whole number of steps of 0.1 ms, got 0.44. Give 0.4 or 0.5 ms."),
    ):  # fmt: skip
        with pytest.raises(NetworkError) as raised:
            call()
        assert message in str(raised.value)
        assert "\n" not in str(raised.value)
    assert all_given_steps("t", np.array([0.1, 0.3]), 0.1, 1).tolist() == [1, 3]
    assert rounded_ms(0.75, 0.1) == pytest.approx(0.8)
    assert rounded_ms(0.01, 0.1, 1) == 0.1
