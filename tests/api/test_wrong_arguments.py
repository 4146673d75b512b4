"""Every public call with every kind of wrong argument: one clear line, or it works."""

from __future__ import annotations

import pkgutil
import warnings

import pytest
from public_calls.rooms import BASES, INNER_ROOMS, RETURNED, ROOMS, found_names
from public_calls.table import calls
from wrong_values import faults_of

import distsnn

CALLS = calls()


def test_every_room_is_a_users_or_an_inner_one():
    here = {one.name for one in pkgutil.iter_modules(distsnn.__path__)}
    known = {room.removeprefix("distsnn.").split(".")[0] for room in ROOMS[1:]} | {*INNER_ROOMS}
    assert not here - known


def test_every_public_name_has_a_valid_call():
    names = {name for name, _ in found_names()} - RETURNED - BASES
    assert names == set(CALLS)


@pytest.mark.parametrize("name", sorted(CALLS))
def test_wrong_arguments_give_one_line_that_names_them(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    call = CALLS[name]
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        faults = faults_of(call.called, call.valid(), call.words, call.behave, call.unlike)
    assert not faults, "\n".join([f"{len(faults)} of {name}:", *faults])
