"""The board over HTTP: pages, live updates, the public API and open data. Read only."""
