"""Settings are fitted to the signature of a network's build function."""

from __future__ import annotations

import pytest

from distsnn.errors import UsageError
from distsnn.networks import build_described
from distsnn.networks.settings import completed, fitted


def build(
    n: int,
    rate: float = 1.0,
    is_on: bool = True,
    name: str = "x",
    chosen: int | None = None,
    either: int | float = 1,
    plain=3,
    anything=None,
):
    return n, rate, is_on, name, chosen, either, plain, anything


@pytest.mark.parametrize(
    ("key", "text", "value"),
    [
        ("n", "7", 7), ("n", "7.0", 7), ("n", "1e3", 1000), ("rate", "2", 2.0),
        ("rate", "inf", float("inf")), ("rate", "-.5", -0.5), ("is_on", "False", False),
        ("is_on", "yes", True), ("name", "3", "3"), ("name", "a=b", "a=b"), ("chosen", "4", 4),
        ("either", "4", 4), ("either", "4.5", 4.5), ("plain", "5", 5), ("anything", "6", 6),
        ("anything", "word", "word"), ("anything", "true", True), ("rate", 3, 3.0), ("n", 8.0, 8),
    ],
)  # fmt: skip
def test_values(key, text, value):
    fit = fitted("net", build, {"n": 1, key: text})[key]
    assert fit == value
    assert type(fit) is type(value)


@pytest.mark.parametrize(
    ("key", "text", "limit"),
    [
        ("n", "7.5", "a whole number"), ("n", "many", "a whole number"), ("n", "inf", "whole"),
        ("n", "true", "whole"), ("rate", "fast", "a number"), ("rate", "nan", "Give a number"),
        ("is_on", "1", "true or false"), ("either", "x", "a whole number or a number"),
        ("plain", "2.5", "a whole number"), ("anything", "nan", "Give a number"),
        ("rat", "1", "Did you mean rate?"), ("zzz", "1", "one of n, rate"), ("n", True, "whole"),
    ],
)  # fmt: skip
def test_refused(key, text, limit):
    with pytest.raises(UsageError) as caught:
        fitted("net", build, {"n": 1, key: text})
    assert limit in str(caught.value)
    assert str(caught.value).startswith("network net: ")


def test_what_has_no_default_must_be_given():
    with pytest.raises(UsageError, match=r"n: must be given.*--set n=VALUE"):
        fitted("net", build, {})


def test_keywords_are_passed_on():
    def open_build(a=1, **others):
        return a, others

    assert fitted("net", open_build, {"b": "2.5"}) == {"b": 2.5}


def test_all_arguments_are_described():
    assert completed(build, {"n": 4, "rate": 2.0})["rate"] == 2.0
    assert completed(build, {"n": 4})["is_on"] is True
    _, described = build_described("brunel", {"g": "6", "scale": 0.1})
    assert described["g"] == 6.0
    assert described["eta"] == 2.0
