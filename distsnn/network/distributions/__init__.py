"""Distributions of weights, delays and initial states."""
