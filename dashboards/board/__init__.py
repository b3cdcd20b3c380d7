"""The web board: a public page for every number."""
