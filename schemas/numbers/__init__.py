"""The numbers by group; `schemas.registry` puts them together."""
