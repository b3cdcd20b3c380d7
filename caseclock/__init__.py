"""The front door: command line, settings, wiring, embedded services, sources, demo."""
