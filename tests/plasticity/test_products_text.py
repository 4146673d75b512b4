"""The language of sum-of-products rules: what it means, and what it refuses."""

from __future__ import annotations

import pytest

from distsnn.errors import NetworkError
from distsnn.plasticity import SumOfProducts
from distsnn.plasticity.products_text import Factor, Product, parse


def test_pair_rule():
    parsed = parse("dw = 2^-3*x1*y0 - 2^-4*y1*x0")
    assert parsed.products == {
        "dw": (
            Product("y0", 1, -3, (Factor("x1"),)),
            Product("x0", -1, -4, (Factor("y1"),)),
        )
    }
    assert parsed.decimation == 0
    assert not parsed.works_without_source


def test_all_parts_of_the_language():
    text = "dw = -3*2^2*(x1 + 5)*y0*w + u4*(2 - t)*sgn(w - 7)\ndt=x0*y0*x0 ; "
    parsed = parse(text)
    first, second = parsed.products["dw"]
    assert first == Product("y0", -3, 2, (Factor("x1", 5), Factor("w")))
    assert second == Product("u", -1, 0, (Factor("t", -2), Factor("w", -7, is_sign=True)))
    assert parsed.products["dt"] == (Product("x0", 1, 0, (Factor("y0"), Factor("x0"))),)
    assert parsed.decimation == 4
    assert parsed.works_without_source
    assert parsed.variables == {"x0", "x1", "y0", "w", "t", "u"}


@pytest.mark.parametrize(
    ("text", "mantissa", "exponent"),
    [("dw = 24*x0", 6, 2), ("dw = 4*2^-9*x0", 1, -7), ("dw = -16*x0", -8, 1),
     ("dw = 0*2^64*x0", 0, 8), ("dw = 2^9*3*x0", 6, 8), ("dw = 7*x0", 7, 0),
     ("dw = 2*3*2^3*x0*2^-4", 6, -1)],
)  # fmt: skip
def test_scale_fits_the_chip(text, mantissa, exponent):
    (product,) = parse(text).products["dw"]
    assert (product.mantissa, product.exponent) == (mantissa, exponent)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "must have an equation, got none"),
        ("x1*y0", "equations dw = ... or dt = ..., got 'x1\\*y0'"),
        ("dd = x1*y0", "equations dw = ... or dt = ..., got 'dd = x1\\*y0'"),
        ("dw = x1", "x0, y0 or one of u0 .. u9 in each product, got a product without"),
        ("dw = x1*y0; dw = x0", "one equation for dw, got two"),
        ("dw = x1*y0 + u2*w - u3", "one u for the whole rule, got u2, u3"),
        ("dw = u1*u2*w", "only one of u0 .. u9, and no x0 or y0 before it, got u and u2"),
        ("dw = x4*y0", "only the variables x0, y0, x1, .*, got 'x4'"),
        ("dw = x1*y0 +", "its end"),
        ("dw = x1 y0", "\\+ or - between products, .*, got 'y0'|a product without"),
        ("dw = x1*y0/2", "only names, numbers and .*, got '/'"),
        ("dw = 9*x0", "m 2\\^e with m from -8 to 7, got one scaled by 9"),
        ("dw = 2^-8*x0", "e from -7 to 8, got one scaled by 2\\^-8"),
        ("dw = 2^10*x0*7", "e from -7 to 8, got one scaled by 2\\^10"),
        ("dw = (x1 + 200)*y0", "numbers from -128 to 127 in brackets, got 200"),
        ("dw = (x1 + x2)*y0", "a variable and a number in brackets, got other parts"),
        ("dw = (x1 + 2*y0", "brackets"),
        ("dw = sgn(x1)*y0", "sgn of one of w, d, t, got sgn of x1"),
        ("dw = sgn w*y0", "must have '\\(' there, got 'w'"),
        ("dw = 2^x1*y0", "a whole number there, got 'x1'"),
        ("dw = __import__('os')*y0", "only names, numbers"),
        ("dw = 0*2^99999999*x0", "2\\^k with k from -64 to 64, got 2\\^99999999"),
        (f"dw = {'9' * 3000}*x0", "numbers of at most 9 digits, got one of 3000 digits"),
        ("dw = (x1 + 1000000000)*x0", "numbers of at most 9 digits, got one of 10 digits"),
        ("dw = x0" + " + x0" * 64, "at most 64 products, got 65"),
        ("dw = x0" + "*x0" * 2000, "at most 4096 characters, got 6007"),
        ("dw = x0*2^8" + "*w" * 7, "products of at most 63 bits, got one that can take 72 bits"),
    ],
)
def test_what_is_refused(text, message):
    with pytest.raises(NetworkError, match=message) as raised:
        SumOfProducts(text)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"epoch_steps": 64}, "epoch_steps: must be a whole number from 1 to 63, got 64"),
        ({"epoch_steps": 2.5}, "epoch_steps: must be a whole number from 1 to 63, got 2.5"),
        ({"x1_impulse": 128}, "x1_impulse: must be a number from 0 to 127, got 128"),
        ({"tau_y2_ms": 0}, "tau_y2_ms: must be a number above 0 that float32 holds, got 0"),
        ({"w_min": 300}, "w_min: must be a whole number from -256 to 255, got 300"),
        ({"w_min": 5, "w_max": 5}, "w_min: must be below w_max = 5, got 5"),
        ({"weight_step": float("nan")}, "weight_step: must be a number .*, got nan"),
        ({"rule": 7}, "rule: must be a text, got 7"),
    ],
)
def test_wrong_parameters(change, message):
    with pytest.raises(NetworkError, match=message):
        SumOfProducts(**{"rule": "dw = x1*y0", **change})


def test_no_product_wraps():
    """The largest value of each factor, multiplied as the compiled code does, fits 64 bits."""
    text = "dw = -8*2^8*x0*(w - 128)*(d + 127)*sgn(t - 3)*(r1 + 1)*x1"
    (product,) = parse(text).products["dw"]
    values = {"w": -256, "d": 65_535, "r1": 127, "x1": 127}
    result = product.mantissa
    for factor in product.factors:
        value = values.get(factor.variable, 1) + factor.constant
        result *= (value > 0) - (value < 0) if factor.is_sign else value
        assert abs(factor.size) >= (1 if factor.is_sign else abs(value))
    assert abs(result) << (product.exponent + 7) < 2**63
