"""Turns a parsed sum-of-products rule into the text of a module of kernels."""

from __future__ import annotations

from distsnn.plasticity.products_parts import (
    OF_SYNAPSE,
    X_TRACES,
    Y_TRACES,
    Factor,
    ParsedRule,
    Product,
)

TRACES = (*X_TRACES, *Y_TRACES)
# By what adds a product: the step within the epoch at which its traces are read.
READ_AT = {"x0": "t_x", "y0": "t_y", "u": "t_end"}
HEAD = '''"""A learning rule made from text, as it is compiled:

    {rule}
"""

from distsnn.kernels import device
from distsnn.kernels.plastic.product_numbers import saturated, scaled, sign_of, trace_at
from distsnn.kernels.plastic.products import product_kernels


@device
def change(x0, y0, u, t_x, t_y, t_end, x, x_mask, y, y_mask, w, d, t, r1, impulse, beta):
    """Return the changes of weight and tag in 1/128; x, y: traces before the epoch."""
    dw = 0
    dt = 0
'''


def module_text(rule: str, parsed: ParsedRule) -> str:
    """Return the text of a module with the kernels ``deliver`` and ``learn_epoch``."""
    # One branch for each of x0, y0 and u: first the traces at that time, then the products
    lines = [HEAD.format(rule="; ".join(rule.split("\n")).replace('"""', ""))]
    for when in READ_AT:
        body = [
            (target, product)
            for target, products in parsed.products.items()
            for product in products
            if product.when == when
        ]
        if body:
            lines.append(f"    if {when}:\n")
            lines.extend(f"        {line}\n" for line in _read_traces(when, body))
            lines.extend(f"        {_add(target, product)}\n" for target, product in body)
    idle = parsed.works_without_source
    lines.append("    return dw, dt\n\n\n")
    lines.append(f"deliver, learn_epoch = product_kernels(change, works_without_source={idle})\n")
    return "".join(lines)


def _read_traces(when: str, body: list[tuple[str, Product]]) -> list[str]:
    """Return lines that read the traces just before a spike; the source's spike comes first."""
    used = {factor.variable for _, product in body for factor in product.factors}
    lines = []
    for row, name in enumerate(TRACES):
        if name in used:
            side = name[0]
            includes = when == "u" or (when == "y0" and side == "x")
            before = f"{side}[{row if side == 'x' else row - len(X_TRACES)}]"
            lines.append(
                f"{name} = trace_at({before}, {side}_mask, {READ_AT[when]}, {int(includes)}, "
                f"impulse[{row}], beta[{row}])"
            )
    return lines


def _add(target: str, product: Product) -> str:
    terms = [str(product.mantissa), *(_factor(factor) for factor in product.factors)]
    return f"{target} = saturated({target} + scaled({' * '.join(terms)}, {product.exponent}))"


def _factor(factor: Factor) -> str:
    text = f"({factor.variable} + {factor.constant})" if factor.constant else factor.variable
    if factor.variable in OF_SYNAPSE and factor.is_sign:
        return f"sign_of({text})"
    return text
