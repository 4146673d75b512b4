"""The parts of a sum-of-products rule that has been read: products of factors."""

from __future__ import annotations

from dataclasses import dataclass

from distsnn.plasticity.products_limits import largest

SPIKES = ("x0", "y0")
X_TRACES, Y_TRACES = ("x1", "x2"), ("y1", "y2", "y3")
OF_SYNAPSE = ("w", "d", "t")
VARIABLES = (*SPIKES, *X_TRACES, *Y_TRACES, *OF_SYNAPSE, "r1")


@dataclass(frozen=True)
class Factor:
    """variable + constant, or its sign."""

    variable: str
    constant: int = 0
    is_sign: bool = False

    @property
    def size(self) -> int:
        """The largest absolute value that the factor takes."""
        return 1 if self.is_sign else largest(self.variable) + abs(self.constant)


@dataclass(frozen=True)
class Product:
    """mantissa 2^exponent times the factors; ``when`` (x0, y0 or u) says when it is added."""

    when: str
    mantissa: int
    exponent: int
    factors: tuple[Factor, ...]


@dataclass(frozen=True)
class ParsedRule:
    """Products by target (dw, dt); decimation: the k of u_k, 0 if there is none."""

    products: dict[str, tuple[Product, ...]]
    decimation: int

    @property
    def variables(self) -> set[str]:
        """All variables that occur."""
        return {
            name
            for products in self.products.values()
            for product in products
            for name in (product.when, *(factor.variable for factor in product.factors))
        }

    @property
    def works_without_source(self) -> bool:
        """Whether a synapse can change though its source has been silent for long."""
        return any(
            product.when != "x0"
            and not any(
                factor.variable in ("x0", *X_TRACES) and factor.constant == 0
                for factor in product.factors
            )
            for products in self.products.values()
            for product in products
        )
