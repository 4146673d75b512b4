"""Measures of a liquid: separation, ranks, memory, spectral radius, recall."""
