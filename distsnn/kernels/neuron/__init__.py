"""The step of a population: drivers around a model's ``step``, and its Poisson input."""
