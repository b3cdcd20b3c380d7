"""Versions by content: the same content, the same name (domain.md §5)."""

import hashlib

import orjson


def content_version(content: object) -> str:
    """12 hex digits of the hash of JSON-like content (dict, list, str, int, date, ...); keys are sorted."""
    canonical = orjson.dumps(content, option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS)
    return hashlib.blake2b(canonical, digest_size=6).hexdigest()
