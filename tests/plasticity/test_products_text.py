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
        ("", "no equation"),
        ("x1*y0", "equation 'x1\\*y0', limit dw = ... or dt"),
        ("dd = x1*y0", "equation 'dd = x1\\*y0', limit dw = ... or dt"),
        ("dw = x1", "a product without x0, y0 or u0"),
        ("dw = x1*y0; dw = x0", "a second equation for dw"),
        ("dw = x1*y0 + u2*w - u3", "u2, u3, limit one u for the whole rule"),
        ("dw = u1*u2*w", "u2 beside u, limit one of x0, y0"),
        ("dw = x4*y0", "'x4|x4, limit x0, y0, x1"),
        ("dw = x1*y0 +", "its end"),
        ("dw = x1 y0", "'y0', limit \\+ or - between products|without x0"),
        ("dw = x1*y0/2", "'/', limit names, numbers"),
        ("dw = 9*x0", "a product scaled by 9, limit m 2\\^e with m from -8 to 7"),
        ("dw = 2^-8*x0", "scaled by 2\\^-8, limit exponents from -7 to 8"),
        ("dw = 2^10*x0*7", "scaled by 2\\^10, limit exponents"),
        ("dw = (x1 + 200)*y0", "200 in brackets, limit -128 to 127"),
        ("dw = (x1 + x2)*y0", "a bracket of other parts"),
        ("dw = (x1 + 2*y0", "brackets"),
        ("dw = sgn(x1)*y0", "sgn of x1, limit w, d, t"),
        ("dw = sgn w*y0", "'w' after it began, limit '\\('"),
        ("dw = 2^x1*y0", "'x1', limit a whole number"),
        ("dw = __import__('os')*y0", "limit"),
        ("dw = 0*2^99999999*x0", "has 2\\^99999999, limit 2\\^k with k from -64 to 64"),
        (f"dw = {'9' * 3000}*x0", "a number of 3000 digits, limit 9 digits"),
        ("dw = (x1 + 1000000000)*x0", "a number of 10 digits, limit 9 digits"),
        ("dw = x0" + " + x0" * 64, "has 65 products, limit 64"),
        ("dw = x0" + "*x0" * 2000, "has 6007 characters, limit 4096"),
        ("dw = x0*2^8" + "*w" * 7, "a product that can take 72 bits, limit 63 bits"),
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
