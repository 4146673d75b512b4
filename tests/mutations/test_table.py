"""The table of mutations matches the source; ``run.py`` makes them, which takes minutes."""

from __future__ import annotations

from pathlib import Path

import pytest
from mutations.table import MUTATIONS, files_with

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.name)
def test_the_text_is_there_once_and_the_tests_exist(mutation):
    hits = files_with(mutation, ROOT / "distsnn")
    assert len(hits) == 1, f"{mutation.old!r} in {mutation.room}: {hits}. Repair table.py."
    text = hits[0].read_text()
    compile(text.replace(mutation.old, mutation.new), str(hits[0]), "exec")
    for test in mutation.tests:
        assert (ROOT / "tests" / test.partition("::")[0]).exists(), test


def test_names_differ():
    assert len({mutation.name for mutation in MUTATIONS}) == len(MUTATIONS) >= 20
