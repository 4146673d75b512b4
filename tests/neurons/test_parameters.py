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
            line = rf"^{name}\.{field}: must be a number .*, got {value}\."
            with pytest.raises(NetworkError, match=line):
                MODELS[name](**{field: value})


@pytest.mark.parametrize("name", list(MODELS))
def test_positive_parameters(name):
    for field in MODELS[name].positive:
        for value in (0.0, -1.0):
            line = rf"^{name}\.{field}: .* above 0 .*, got {value:g}\."
            with pytest.raises(NetworkError, match=line):
                MODELS[name](**{field: value})


@pytest.mark.parametrize("name", list(MODELS))
def test_refractory_time_and_reset(name):
    if hasattr(MODELS[name], "t_ref_ms"):
        with pytest.raises(NetworkError, match=r"t_ref_ms: must be at least 0, got -0\.1"):
            MODELS[name](t_ref_ms=-0.1)
    if hasattr(MODELS[name], "v_threshold_mv"):
        level = MODELS[name]().v_threshold_mv
        with pytest.raises(NetworkError, match=r"v_reset_mv: must be below v_threshold_mv"):
            MODELS[name](v_reset_mv=level)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: AdEx(v_peak_mv=-50.4), "must be above v_t_mv and v_reset_mv, -50.4, got -50.4"),
        (lambda: AdEx(delta_t_mv=0.5), "at most 85 delta_t_mv above v_t_mv, -7.9, got 0"),
        (
            lambda: Izhikevich(scheme="rk4"),
            "must be one of euler, sequential, half_steps, got 'rk4'",
        ),
        (lambda: Izhikevich(c_mv=30.0), "c_mv: must be below v_peak_mv = 30.0, got 30"),
        (
            lambda: LoihiCuba(decay_u=4096),
            "decay_u: must be a whole number from 0 to 4095, got 4096",
        ),
        (lambda: LoihiCuba(decay_v=-1), "decay_v: must be a whole number from 0 to 4096, got -1"),
        (
            lambda: LoihiCuba(threshold_mantissa=2**17),
            "a whole number from 1 to 131071, got 131072",
        ),
        (lambda: LoihiCuba(bias_mantissa=1.5), "bias_mantissa: must be a whole number .*, got 1.5"),
        (
            lambda: LoihiCuba(weight_bits=10),
            "weight_bits: must be a whole number from 1 to 9, got 10",
        ),
        (lambda: LoihiCuba(noise_target="u"), "must be one of none, current, voltage, got 'u'"),
    ],
)
def test_other_limits(make, message):
    with pytest.raises(NetworkError, match=message) as raised:
        make()
    assert "\n" not in str(raised.value)


def test_models_cannot_be_changed():
    with pytest.raises(AttributeError):
        LifExp().tau_m_ms = 3.0
