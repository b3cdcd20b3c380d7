"""Benchmarks: ours beside its peers, in one run."""
