"""The same job done by each engine in a process of its own: `python -m bench.peers.NAME TASK`."""
