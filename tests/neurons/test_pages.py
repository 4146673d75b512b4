"""The page of every model: its table of parameters is right, its code runs, its parts are there."""

from __future__ import annotations

import dataclasses
import re
import sys
from pathlib import Path

import pytest

from distsnn.neurons import all_models

PAGES = Path(__file__).parents[2] / "docs" / "models"
MODELS = all_models()


def page_of(model: type) -> str:
    return PAGES.joinpath(f"{model.__module__.rpartition('.')[2]}.md").read_text()


def classes_of(model: type) -> list[type]:
    """The model, and the dataclasses beside it in its file (compartments of a tree)."""
    items = vars(sys.modules[model.__module__]).values()
    return [
        item
        for item in items
        if isinstance(item, type)
        and dataclasses.is_dataclass(item)
        and item.__module__ == model.__module__
    ]


@pytest.mark.parametrize("name", list(MODELS))
def test_parameters_and_defaults(name):
    text = page_of(MODELS[name])
    rows = re.findall(r"^\| `(\w+)` \| (.+?) \| .+ \|$", text, re.M)
    expected = []
    for one in classes_of(MODELS[name])[::-1]:
        for field in dataclasses.fields(one):
            default = field.default
            if field.name == "compartments":
                default = "a soma and a dendrite"
            elif default is dataclasses.MISSING:
                default = "required"
            elif isinstance(default, str):
                default = repr(default)
            expected.append((field.name, str(default)))
    assert sorted(rows) == sorted(expected)


@pytest.mark.parametrize("name", list(MODELS))
def test_page_says_what_the_file_says(name):
    """Equations and source are those of the model's file, word for word."""
    text = page_of(MODELS[name])
    assert text.startswith(f"# {name}: ")
    for part in ("## Parameters", "## Checked", "## Source"):
        assert part in text
    words = set(re.findall(r"\w+", text))
    module = sys.modules[MODELS[name].__module__].__doc__
    assert set(re.findall(r"\w+", module.split("\n", 1)[1])) - {"Source"} <= words
    instance = MODELS[name]()
    in_one_line = " ".join(text.split())
    for state, unit in instance.units.items():
        assert f"`{state}` ({unit})" in in_one_line


@pytest.mark.parametrize("name", list(MODELS))
def test_code_runs(name, capsys):
    for block in re.findall(r"```python\n(.*?)```", page_of(MODELS[name]), re.S):
        exec(compile(block, f"<{name}>", "exec"), {})
    printed = capsys.readouterr().out.split()
    if name in ("LoihiTree", "CompartmentTree"):
        assert printed[-1] == "2"
