"""The demo: a simulated city of Hanoi, and what a leader sees of it in the terminal. Every figure is invented."""
