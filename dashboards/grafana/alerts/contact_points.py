"""Whom an alert is told: one webhook, named by an environment variable, so that no address is in a file."""

from __future__ import annotations

from typing import Final

RECEIVER: Final = "caseclock-webhook"
WEBHOOK: Final = "$CASECLOCK_ALERT_WEBHOOK"
"""Grafana puts the variable's value in; empty, it would not start (compose gives a harmless default)."""


def document() -> dict[str, object]:
    """The contact points."""
    return {
        "apiVersion": 1,
        "contactPoints": [
            {
                "orgId": 1,
                "name": RECEIVER,
                "receivers": [
                    {
                        "uid": RECEIVER,
                        "type": "webhook",
                        "disableResolveMessage": False,
                        "settings": {"url": WEBHOOK, "httpMethod": "POST"},
                    }
                ],
            }
        ],
    }
