"""Parameters that can mean nothing are refused, in one line with model, parameter and limit."""

from __future__ import annotations

import math

import pytest

from distsnn.errors import NetworkError
from distsnn.neurons import AdEx, Izhikevich, LifExp, LoihiCuba, all_models

MODELS = all_models()


def number_fields(model):
    return [name for name, value in vars(model).items() if isinstance(value, float)]


@pytest.mark.parametrize("name", list(MODELS))
def test_not_a_number_and_infinity(name):
    for field in number_fields(MODELS[name]()):
        for value in (math.nan, math.inf, -math.inf):
            with pytest.raises(NetworkError, match=f"^{name}: {field} is {value}, limit .*finite"):
                MODELS[name](**{field: value})


@pytest.mark.parametrize("name", list(MODELS))
def test_positive_parameters(name):
    for field in MODELS[name].positive:
        for value in (0.0, -1.0):
            with pytest.raises(NetworkError, match=f"^{name}: {field} is {value}, limit above 0"):
                MODELS[name](**{field: value})


@pytest.mark.parametrize("name", list(MODELS))
def test_refractory_time_and_reset(name):
    if hasattr(MODELS[name], "t_ref_ms"):
        with pytest.raises(NetworkError, match=r"t_ref_ms is -0\.1, limit at least 0"):
            MODELS[name](t_ref_ms=-0.1)
    if hasattr(MODELS[name], "v_threshold_mv"):
        level = MODELS[name]().v_threshold_mv
        with pytest.raises(NetworkError, match=r"v_reset_mv is .* limit below v_threshold_mv"):
            MODELS[name](v_reset_mv=level)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: AdEx(v_peak_mv=-50.4), "v_peak_mv is -50.4, limit above v_t_mv"),
        (lambda: AdEx(delta_t_mv=0.5), "v_peak_mv is 0.0, limit 85 delta_t_mv above v_t_mv, -7.9"),
        (lambda: Izhikevich(scheme="rk4"), "scheme is 'rk4', limit euler, sequential, half_steps"),
        (lambda: Izhikevich(c_mv=30.0), "c_mv is 30.0, limit below v_peak_mv"),
        (lambda: LoihiCuba(decay_u=4096), "decay_u is 4096, limit 0 to 4095"),
        (lambda: LoihiCuba(decay_v=-1), "decay_v is -1, limit 0 to 4096"),
        (lambda: LoihiCuba(threshold_mantissa=2**17), "limit 1 to 131071"),
        (lambda: LoihiCuba(bias_mantissa=1.5), "bias_mantissa is 1.5, limit an integer"),
        (lambda: LoihiCuba(weight_bits=10), "weight_bits is 10, limit 1 to 9"),
        (lambda: LoihiCuba(noise_target="u"), "noise_target is 'u', limit none, current, voltage"),
    ],
)
def test_other_limits(make, message):
    with pytest.raises(NetworkError, match=message) as raised:
        make()
    assert "\n" not in str(raised.value)


def test_models_cannot_be_changed():
    with pytest.raises(AttributeError):
        LifExp().tau_m_ms = 3.0
