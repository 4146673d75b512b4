"""Calls of the ways in and out of other programs."""
