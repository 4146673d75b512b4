"""The language of sum-of-products learning rules: read, checked against the chip, turned into Python.

    rule      equation ; equation ...
    equation  (dw | dt) = product (+ | -) product ...
    product   factor * factor ...
    factor    whole number, 2^k, a variable, (variable + number), sgn(variable + number)

Variables: x0 y0 (1 if the source's spike has arrived, the target has spiked in this epoch, else 0), x1
x2 (traces of the source), y1 y2 y3 (of the target), w d t (weight, delay, tag of the synapse), r1
(trace of rewards). Each product must contain x0, y0 or one of u0 .. u9; the first of them determines
when the product is added: when the source's spike arrives, when the target spikes, every 2^k-th epoch.

Limits of the chip: numbers of a product together are m 2^e with -8 <= m <= 7 and -7 <= e <= 8; a number
in brackets is from -128 to 127. Limits of length: see ``products_limits``.

Source: Davies et al. 2018, IEEE Micro 38:82, learning engine and table 1; limits of mantissa and
exponent: Lava, Intel's published software (learning rules in string form).
"""

from __future__ import annotations

import re
from typing import NoReturn

from distsnn.checks import shown
from distsnn.errors import NetworkError
from distsnn.plasticity.products_limits import (
    MAX_CHARACTERS,
    MAX_DIGITS,
    MAX_POWER,
    MAX_PRODUCT,
    MAX_PRODUCTS,
    largest_product,
)
from distsnn.plasticity.products_parts import (
    OF_SYNAPSE,
    SPIKES,
    VARIABLES,
    Factor,
    ParsedRule,
    Product,
)

TOKEN = re.compile(r"\s*(?:(?P<name>[A-Za-z]+[0-9]*)|(?P<number>[0-9]+)|(?P<sign>[-+*^()]))")
TARGETS = ("dw", "dt")
DECIMATION = re.compile(r"u([0-9])")
MIN_MANTISSA, MAX_MANTISSA = -8, 7
MIN_EXPONENT, MAX_EXPONENT = -7, 8
MIN_CONSTANT, MAX_CONSTANT = -128, 127


def parse(text: str) -> ParsedRule:
    """Return the products of a rule. Raises NetworkError, in one line, for a text that is no rule."""
    products: dict[str, tuple[Product, ...]] = {}
    decimations: set[int] = set()
    if len(text) > MAX_CHARACTERS:
        _fail(text, f"at most {MAX_CHARACTERS} characters", f"{len(text)}", "Shorten it")
    for equation in filter(str.strip, re.split(r"[;\n]", text)):
        target, equals, right = equation.partition("=")
        target = target.strip()
        if not equals or target not in TARGETS:
            limit, remedy = "equations dw = ... or dt = ...", "Begin it with dw = or dt ="
            _fail(text, limit, repr(equation.strip()), remedy)
        if target in products:
            _fail(text, f"one equation for {target}", "two", "Put both into one")
        reader = _Reader(text, right, decimations)
        products[target] = reader.sum()
    if not products:
        _fail(text, "an equation", "none", "Give one such as dw = 2^-2*x1*y0")
    n_products = sum(map(len, products.values()))
    if n_products > MAX_PRODUCTS:
        _fail(text, f"at most {MAX_PRODUCTS} products", f"{n_products}", "Shorten it")
    if len(decimations) > 1:
        got = ", ".join(f"u{k}" for k in sorted(decimations))
        _fail(text, "one u for the whole rule", got, "Choose one of them")
    return ParsedRule(products, decimations.pop() if decimations else 0)


def _fail(text: str, limit: str, got: str, remedy: str) -> NoReturn:
    raise NetworkError(f"learning rule {shown(text)}: must have {limit}, got {got}. {remedy}.")


class _Reader:
    """Reads one right-hand side, token by token."""

    def __init__(self, text: str, right: str, decimations: set[int]) -> None:
        self.text, self.decimations = text, decimations
        self.tokens: list[str] = []
        at = 0
        right = right.rstrip()
        while at < len(right):
            match = TOKEN.match(right, at)
            if match is None:
                self.fail("only names, numbers and + - * ^ ( )", repr(right[at:].strip()[0]))
            self.tokens.append(match.group().strip())
            at = match.end()

    def fail(self, limit: str, got: str, remedy: str = "Correct the text") -> NoReturn:
        """Raise the error."""
        _fail(self.text, limit, got, remedy)

    def peek(self) -> str:
        """Return the next token, empty at the end."""
        return self.tokens[0] if self.tokens else ""

    def take(self) -> str:
        """Return the next token and go on."""
        return self.tokens.pop(0) if self.tokens else ""

    def expect(self, token: str) -> None:
        """Skip a token that must come next."""
        got = self.take()
        if got != token:
            self.fail(f"{token!r} there", f"{got or 'its end'!r}")

    def whole(self) -> int:
        """Read a number with an optional sign."""
        sign = -1 if self.peek() and self.peek() in "+-" and self.take() == "-" else 1
        got = self.take()
        if not got.isdigit():
            self.fail("a whole number there", f"{got or 'its end'!r}")
        return sign * self.number(got)

    def number(self, digits: str) -> int:
        """Return the value of a number."""
        if len(digits) > MAX_DIGITS:
            limit = f"numbers of at most {MAX_DIGITS} digits"
            self.fail(limit, f"one of {len(digits)} digits", "Round it")
        return int(digits)

    def power(self) -> int:
        """Read the k of 2^k."""
        k = self.whole()
        if abs(k) > MAX_POWER:
            self.fail(f"2^k with k from {-MAX_POWER} to {MAX_POWER}", f"2^{k}", "Round it")
        return k

    def sum(self) -> tuple[Product, ...]:
        """Read all products."""
        products = []
        sign = 1
        if self.peek() and self.peek() in "+-":
            sign = -1 if self.take() == "-" else 1
        products.append(self.product(sign))
        while self.tokens:
            got = self.take()
            if got not in ("+", "-"):
                self.fail("+ or - between products, * between factors", f"{got!r}")
            products.append(self.product(-1 if got == "-" else 1))
        return tuple(products)

    def product(self, mantissa: int) -> Product:
        """Read factors joined by *."""
        exponent, when = 0, ""
        factors: list[Factor] = []
        while True:
            token = self.take()
            if token.isdigit():
                if token == "2" and self.peek() == "^":  # 2^k goes to the exponent
                    self.take()
                    exponent += self.power()
                else:
                    mantissa *= self.number(token)
            elif not when and (token in SPIKES or DECIMATION.fullmatch(token)):
                when = self._when(token)
            elif DECIMATION.fullmatch(token):
                self.fail("only one of u0 .. u9, and no x0 or y0 before it", f"{when} and {token}")
            elif token == "(":
                sign, factor = self.bracket()
                mantissa *= sign
                factors.append(factor)
            elif token == "sgn":
                self.expect("(")
                factors.append(self.sign())
            else:
                factors.append(Factor(self.variable(token)))
            if self.peek() != "*":
                break
            self.take()
        if not when:
            self.fail("x0, y0 or one of u0 .. u9 in each product", "a product without")
        product = Product(when, *self.scale(mantissa, exponent), tuple(factors))
        self._require_size(product)
        return product

    def _require_size(self, product: Product) -> None:
        """A product must fit the integer in which it is formed."""
        sizes = [factor.size for factor in product.factors]
        bits = largest_product(product.mantissa, product.exponent, sizes).bit_length()
        if bits > MAX_PRODUCT.bit_length():
            limit = f"products of at most {MAX_PRODUCT.bit_length()} bits"
            self.fail(limit, f"one that can take {bits} bits", "Use fewer factors")

    def _when(self, token: str) -> str:
        match = DECIMATION.fullmatch(token)
        if match is None:
            return token
        self.decimations.add(int(match.group(1)))
        return "u"

    def bracket(self) -> tuple[int, Factor]:
        """Read ``variable + number )`` or ``number + variable )``; return a sign and the factor."""
        parts: list[tuple[int, str]] = []
        while self.peek() != ")":
            sign = 1
            if self.peek() and self.peek() in "+-":
                sign = -1 if self.take() == "-" else 1
            elif parts:
                self.fail("+ or - between what is in brackets", f"{self.peek() or 'its end'!r}")
            parts.append((sign, self.take()))
        self.take()
        names = [(sign, token) for sign, token in parts if not token.isdigit()]
        numbers = [sign * self.number(token) for sign, token in parts if token.isdigit()]
        if len(names) != 1 or len(numbers) > 1:
            self.fail("a variable and a number in brackets", "other parts")
        sign, name = names[0]
        constant = sign * sum(numbers)
        if not MIN_CONSTANT <= constant <= MAX_CONSTANT:
            self.fail(f"numbers from {MIN_CONSTANT} to {MAX_CONSTANT} in brackets", f"{constant}")
        return sign, Factor(self.variable(name), constant)

    def sign(self) -> Factor:
        """Read the argument of sgn( )."""
        sign, factor = self.bracket()
        if sign < 0 or factor.variable not in OF_SYNAPSE:
            got = f"sgn of {'-' * (sign < 0)}{factor.variable}"
            self.fail(f"sgn of one of {', '.join(OF_SYNAPSE)}", got)
        return Factor(factor.variable, factor.constant, is_sign=True)

    def variable(self, token: str) -> str:
        """Check the name of a variable."""
        if token not in VARIABLES:
            self.fail(f"only the variables {', '.join(VARIABLES)}", f"{token or 'its end'!r}")
        return token

    def scale(self, mantissa: int, exponent: int) -> tuple[int, int]:
        """Return mantissa and exponent as the chip keeps them."""
        # m 2^e = (m / 2) 2^(e + 1): whichever form has both within the chip's limits
        while not MIN_MANTISSA <= mantissa <= MAX_MANTISSA and mantissa % 2 == 0:
            mantissa, exponent = mantissa // 2, exponent + 1
        while exponent < MIN_EXPONENT and mantissa % 2 == 0 and mantissa:
            mantissa, exponent = mantissa // 2, exponent + 1
        while exponent > MAX_EXPONENT and MIN_MANTISSA <= 2 * mantissa <= MAX_MANTISSA:
            mantissa, exponent = 2 * mantissa, exponent - 1
        if not MIN_MANTISSA <= mantissa <= MAX_MANTISSA:
            limit = f"products scaled by m 2^e with m from {MIN_MANTISSA} to {MAX_MANTISSA}"
            self.fail(limit, f"one scaled by {mantissa}", "Round it")
        if not MIN_EXPONENT <= exponent <= MAX_EXPONENT:
            limit = f"products scaled by m 2^e with e from {MIN_EXPONENT} to {MAX_EXPONENT}"
            self.fail(limit, f"one scaled by 2^{exponent}", "Scale weights instead")
        return mantissa, exponent
