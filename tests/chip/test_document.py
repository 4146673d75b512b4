"""docs/chips.md holds every number of every preset with its source, and its examples run."""

import re
from pathlib import Path

import pytest

from distsnn.chip import Chip, known_chips, load_chip

DOCUMENT = Path(__file__).parents[2] / "docs" / "chips.md"


def value_of(chip: Chip, number: str) -> str:
    table, key = number.split(".")
    value = getattr(chip if table == "grid" else getattr(chip, table), key)
    if isinstance(value, tuple):
        return ", ".join(f"{tiles}: {ns:g}" for tiles, ns in value)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return f"{value:,}"
    return value if isinstance(value, str) else f"{value:g}"


def rows(chip: Chip) -> list[str]:
    return [
        f"| `{number}` | {value_of(chip, number)} | {source} |"
        for number, source in chip.source_of.items()
    ]


@pytest.mark.parametrize("name", known_chips())
def test_every_number_is_in_the_document(name):
    chip = load_chip(name)
    text = DOCUMENT.read_text()
    for row in rows(chip):
        assert row in text
    for short, citation in chip.sources.items():
        assert f"- `{short}`: {citation}" in text


def test_examples_run(tmp_path, monkeypatch):
    text = DOCUMENT.read_text()
    monkeypatch.chdir(tmp_path)
    files = re.findall(r"```(toml|csv|python)\n# (\S+\.\w+)\n(.*?)```", text, flags=re.DOTALL)
    assert {name for _, name, _ in files} == {"mine.toml", "packets.csv", "y_first.py"}
    for _, name, content in files:
        (tmp_path / name).write_text(content)
    programs = re.findall(r"```python\n(.*?)```", text, flags=re.DOTALL)
    assert programs
    names: dict[str, object] = {}  # later blocks use what earlier ones imported
    for program in programs:
        exec(compile(program, str(DOCUMENT), "exec"), names)
