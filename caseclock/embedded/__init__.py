"""Services that run beside the program on one machine: for demo, replays and tests, not for production."""
