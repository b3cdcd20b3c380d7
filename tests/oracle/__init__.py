"""A slow, obvious second implementation of domain.md that the real code is judged against.

Nothing here imports the code it judges. Times are int microseconds UTC, durations int microseconds.
"""
