"""The models of all that travels and is stored. Imports nothing of ours."""
