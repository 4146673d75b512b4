"""Calls of liquids."""

from __future__ import annotations

from typing import Any

from distsnn.liquid import liquid, parameters, presets
from public_calls.call import Call


def as_liquid(made: liquid.Liquid) -> None:
    """Describe the network, if it is small."""
    if made.n_neurons < 500 and made.n_channels < 500:
        made.network()


def on_liquid(part: Any) -> None:
    """Describe a liquid with other numbers."""
    column = part if isinstance(part, parameters.Column) else small_column()
    wiring = part if isinstance(part, parameters.InputWiring) else parameters.InputWiring()
    as_liquid(liquid.Liquid(column, wiring, 20))


def small_column() -> parameters.Column:
    """A column of few neurons."""
    return parameters.Column(grid=(3, 3, 3))


def of_liquids() -> dict[str, Call]:
    """Calls of liquids."""
    parts = {"column": small_column(), "wiring": parameters.InputWiring()}
    return {
        "Column": Call(parameters.Column, lambda: {"grid": (3, 3, 3)}, behave=on_liquid),
        "InputWiring": Call(parameters.InputWiring, behave=on_liquid),
        "ReadoutTimes": Call(parameters.ReadoutTimes),
        "Preset": Call(parameters.Preset, lambda: {**parts, "times": parameters.ReadoutTimes()}),
        "Liquid": Call(liquid.Liquid, lambda: {**parts, "n_channels": 20}, behave=as_liquid),
        "preset": Call(presets.preset, lambda: {"name": "sounds"}, {"name": "preset"}),
        "with_settings": Call(presets.with_settings, lambda: {
            "base": presets.preset("sounds"), "settings": {}}, {"settings": "setting"}),
    }  # fmt: skip
