"""Weights and delays as whole numbers: quanta and lanes."""
