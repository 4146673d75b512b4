"""Izhikevich's published firing patterns: 8 types of cell of 2003 and 20 properties of 2004.

Every set is (a, b, c, d) with the input and the time step of the paper's script; v is advanced in
one step and u from the new v, as in those scripts.

Source: Izhikevich 2003, IEEE Trans Neural Networks 14:1569, fig. 2; Izhikevich 2004, ibid. 15:1063,
fig. 1 and its script.
"""

from __future__ import annotations

from typing import Any

from distsnn.neurons.izhikevich import Izhikevich
from distsnn.neurons.patterns import Pattern, pulses, ramp

Steps = tuple[tuple[float, float], ...]


def cell(a: float, b: float, c: float, d: float, **other: Any) -> Izhikevich:
    """Return the model as the scripts advance it."""
    return Izhikevich(a=a, b=b, c_mv=c, d=d, scheme="sequential", **other)


def pattern(
    name: str,
    model: Izhikevich,
    v_start: float,
    current: Steps,
    duration_ms: float,
    dt_ms: float = 0.25,
    u_start: float | None = None,
) -> Pattern:
    """Return the pattern; u starts at b v unless it is given."""
    start = {"v": v_start, "u": model.b * v_start if u_start is None else u_start}
    return Pattern(name, model, current, duration_ms, dt_ms, start)


def step_to(value: float, at_ms: float, before: float = 0.0) -> Steps:
    """Return a current that is ``before`` and from ``at_ms`` on ``value``."""
    return ((0.0, before), (at_ms, value))


CLASS_1 = {"k1": 4.1, "k0": 108.0}  # the parabola that the script uses for class 1 and integrator

TYPES_2003: dict[str, Pattern] = {
    p.name: p
    for p in (
        pattern("regular spiking", cell(0.02, 0.2, -65, 8), -63, step_to(14, 15), 150),
        pattern("intrinsically bursting", cell(0.02, 0.2, -55, 4), -70, step_to(11, 15), 150),
        pattern("chattering", cell(0.02, 0.2, -50, 2), -70, step_to(10, 15), 150),
        pattern("fast spiking", cell(0.1, 0.2, -65, 2), -70, step_to(10, 15), 150),
        pattern("thalamo-cortical", cell(0.02, 0.25, -65, 0.05), -63, step_to(1.5, 30), 150),
        pattern(
            "thalamo-cortical burst", cell(0.02, 0.25, -65, 0.05), -87, step_to(0, 45, -25), 150
        ),
        pattern(
            "resonator",
            cell(0.1, 0.26, -65, 2),
            -70,
            ((0.0, -2.0), (10.0, -0.5), (60.0, 10.0), (65.0, -0.5)),
            100,
        ),
        pattern("low-threshold spiking", cell(0.02, 0.25, -65, 2), -63, step_to(10, 25), 250),
    )
}

PROPERTIES_2004: dict[str, Pattern] = {
    p.name: p
    for p in (
        pattern("tonic spiking", cell(0.02, 0.2, -65, 6), -70, step_to(14, 10), 100),
        pattern("phasic spiking", cell(0.02, 0.25, -65, 6), -64, step_to(0.5, 20), 200),
        pattern("tonic bursting", cell(0.02, 0.2, -50, 2), -70, step_to(15, 22), 220),
        pattern("phasic bursting", cell(0.02, 0.25, -55, 0.05), -64, step_to(0.6, 20), 200, 0.2),
        pattern("mixed mode", cell(0.02, 0.2, -55, 4), -70, step_to(10, 16), 160),
        pattern("spike frequency adaptation", cell(0.01, 0.2, -65, 8), -70, step_to(30, 8.5), 85),
        pattern(
            "class 1 excitable",
            cell(0.02, -0.1, -55, 6, **CLASS_1),
            -60,
            ((0.0, 0.0), *ramp(30, 300, 0.25, lambda t: 0.075 * (t - 30))),
            300,
        ),
        pattern(
            "class 2 excitable",
            cell(0.2, 0.26, -65, 0),
            -64,
            ((0.0, -0.5), *ramp(30, 300, 0.25, lambda t: -0.5 + 0.015 * (t - 30))),
            300,
        ),
        pattern("spike latency", cell(0.02, 0.2, -65, 6), -70, pulses((10,), 3, 7.04), 100, 0.2),
        pattern(
            "subthreshold oscillations", cell(0.05, 0.26, -60, 0), -62, pulses((20,), 5, 2), 200
        ),
        pattern(
            "resonator", cell(0.1, 0.26, -60, -1), -62, pulses((40, 60, 280, 320), 4, 0.65), 400
        ),
        pattern(
            "integrator",
            cell(0.02, -0.1, -55, 6, **CLASS_1),
            -60,
            pulses((9, 14, 70, 80), 2, 9),  # the first two at 100 / 11 and 5 ms later in the script
            100,
        ),
        pattern("rebound spike", cell(0.03, 0.25, -60, 4), -64, pulses((20,), 5, -15), 200, 0.2),
        pattern("rebound burst", cell(0.03, 0.25, -52, 0), -64, pulses((20,), 5, -15), 200, 0.2),
        pattern(
            "threshold variability",
            cell(0.03, 0.25, -60, 4),
            -64,
            ((0, 0), (10, 1), (15, 0), (70, -6), (75, 0), (80, 1), (85, 0)),
            100,
        ),
        pattern(
            "bistability", cell(0.1, 0.26, -60, 0), -61, pulses((37.5, 216), 5, 1.24, 0.24), 300
        ),
        pattern(
            "depolarizing afterpotential", cell(1, 0.2, -60, -21), -70, pulses((9,), 2, 20), 50, 0.1
        ),
        pattern(
            "accommodation",
            cell(0.02, 1, -55, 4, v_u_mv=-65.0, u_leak=0.0),
            -65,
            (
                *ramp(0, 200, 0.5, lambda t: t / 25),
                (200, 0),
                *ramp(300, 312.5, 0.5, lambda t: (t - 300) / 12.5 * 4),
                (312.5, 0),
            ),
            400,
            0.5,
            u_start=-16.0,
        ),
        pattern(
            "inhibition-induced spiking",
            cell(-0.02, -1, -60, 8),
            -63.8,
            ((0, 80), (50, 75), (250, 80)),
            350,
            0.5,
        ),
        pattern(
            "inhibition-induced bursting",
            cell(-0.026, -1, -45, -2),
            -63.8,
            ((0, 80), (50, 75), (250, 80)),
            350,
            0.5,
        ),
    )
}
