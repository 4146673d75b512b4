"""Forecasts what a run on many ranks will need, from one of its ranks."""

from distsnn.forecast.estimate import forecast
from distsnn.forecast.figures import Forecast, Machine

__all__ = ["Forecast", "Machine", "forecast"]
