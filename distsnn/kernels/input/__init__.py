"""Input from outside that differs between neurons or changes in time: spikes and currents."""
