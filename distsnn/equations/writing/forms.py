"""How functions, comparisons and logical words are written: for the host, for compiled code."""

from __future__ import annotations

# Forms of the functions; {0}, {1} are their arguments.
SIGNS = {"less": "<", "less_or_equal": "<=", "greater": ">", "greater_or_equal": ">="}
SHARED = {
    **{name: f"({{}} {sign} {{}})" for name, sign in SIGNS.items()},
    "where": "({1} if {0} else {2})", "abs": "abs({})", "min": "min({}, {})", "max": "max({}, {})",
}  # fmt: skip
HOST = {
    **SHARED, "both": "({} and {})", "either": "({} or {})", "negation": "(not {})",
    "exp": "math.exp({})", "expm1": "math.expm1({})", "log": "math.log({})", "sin": "math.sin({})",
    "cos": "math.cos({})", "tanh": "math.tanh({})", "sqrt": "math.sqrt({})",
    "exprel": "exprel({})", "power": "math.pow({}, {})",
}  # fmt: skip
DEVICE = {
    **SHARED, "both": "({} & {})", "either": "({} | {})", "negation": "(not {})",
    "exp": "exp_f4({})", "expm1": "expm1_f4({})", "log": "log_f4({})", "sin": "sin_f4({})",
    "cos": "cos_f4({})", "tanh": "tanh_f4({})", "sqrt": "np.sqrt({})",
    "exprel": "mean_exp_f4({})", "power": "exp_f4({1} * log_f4({0}))",
}  # fmt: skip
