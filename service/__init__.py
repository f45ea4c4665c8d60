"""Settings, wiring, runtime and the command line `kring`."""
