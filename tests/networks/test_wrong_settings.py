"""Settings of ready networks with every kind of wrong value: a network or one line that names them."""

from __future__ import annotations

import inspect
from time import perf_counter

import pytest

from distsnn.errors import DistsnnError
from distsnn.networks import READY, build_network, find_build

VALUES = (
    "nan", "inf", "-inf", "1e400", "-1e400", "-1", "0", "2", "0.5", "1e18", "-1e18", "1e308",
    "1e-308", "9" * 30, "9" * 5000, "-" + "9" * 400, "abc", "", "true", "1e9", "4294967296",
    "18446744073709551616", "-0.0", "0x10", "1_0", "\x00", "two\nlines", "[1]", None, True, [],
    10**400, float("nan"), object(),
)  # fmt: skip


@pytest.mark.parametrize("name", READY)
def test_wrong_values(name):
    n_refused = 0
    for key in inspect.signature(find_build(name)).parameters:
        for value in VALUES:
            began = perf_counter()
            try:
                build_network(name, {key: value})
            except DistsnnError as error:
                text = str(error)
                assert "\n" not in text, (key, value)
                assert len(text) < 500, (key, text)
                n_refused += 1
            assert perf_counter() - began < 2.0, (key, value)
    assert n_refused > 3 * len(inspect.signature(find_build(name)).parameters)


@pytest.mark.parametrize("value", ["nan", "inf", "1e400", "-1", "9" * 400, "lots"])
def test_the_setting_is_named(value):
    with pytest.raises(
        DistsnnError, match="network microcircuit: scale: must be a number"
    ) as caught:
        build_network("microcircuit", {"scale": value})
    assert "got" in str(caught.value)
