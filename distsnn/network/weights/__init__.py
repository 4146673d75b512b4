"""Weights and delays as integers: quanta and lanes."""
