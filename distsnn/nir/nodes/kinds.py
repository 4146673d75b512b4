"""The kinds of nodes that can be read, with the fields of each: needed ones, and optional ones."""

from __future__ import annotations

GRAPH = "NIRGraph"
Fields = tuple[tuple[str, ...], tuple[str, ...]]

ENDS: dict[str, Fields] = {"Input": (("shape",), ()), "Output": (("shape",), ())}
LINEAR: dict[str, Fields] = {
    "Affine": (("weight", "bias"), ()),
    "Linear": (("weight",), ()),
    "Conv1d": (("weight", "bias", "stride", "padding", "dilation", "groups"), ("input_shape",)),
    "Conv2d": (("weight", "bias", "stride", "padding", "dilation", "groups"), ("input_shape",)),
    "SumPool2d": (("kernel_size", "stride", "padding"), ()),
    "AvgPool2d": (("kernel_size", "stride", "padding"), ()),
    "Flatten": (("start_dim", "end_dim"), ("input_type",)),
    "Scale": (("scale",), ()),
    "Delay": (("delay",), ()),
}
NEURONS: dict[str, Fields] = {
    "IF": (("r", "v_threshold"), ("v_reset",)),
    "I": (("r",), ()),
    "LIF": (("tau", "r", "v_leak", "v_threshold"), ("v_reset",)),
    "LI": (("tau", "r", "v_leak"), ()),
    "CubaLIF": (
        ("tau_syn", "tau_mem", "r", "v_leak", "v_threshold"), ("v_reset", "w_in"),
    ),
    "CubaLI": (("tau_syn", "tau_mem", "r", "v_leak"), ("w_in",)),
    "Threshold": (("threshold",), ()),
}  # fmt: skip
FIELDS: dict[str, Fields] = {**ENDS, **LINEAR, **NEURONS}
WEIGHTED = ("Affine", "Linear", "Conv1d", "Conv2d", "Scale")
SILENT = ("I", "LI", "CubaLI")  # they never spike
