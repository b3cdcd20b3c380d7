"""When an alert is told again, and which are told together. One tree: it replaces whatever was there."""

from __future__ import annotations

from dashboards.grafana.alerts.contact_points import RECEIVER


def document() -> dict[str, object]:
    """The policies: what the pipeline says at once and hourly, what units show gathered and once a day."""
    return {
        "apiVersion": 1,
        "policies": [
            {
                "orgId": 1,
                "receiver": RECEIVER,
                "group_by": ["grafana_folder", "alertname"],
                "group_wait": "30s",
                "group_interval": "5m",
                "repeat_interval": "4h",
                "routes": [
                    {
                        "receiver": RECEIVER,
                        "object_matchers": [["severity", "=", "critical"]],
                        "group_wait": "10s",
                        "repeat_interval": "1h",
                        "continue": False,
                    },
                    {
                        "receiver": RECEIVER,
                        "object_matchers": [["about", "=", "unit"]],
                        "group_wait": "5m",
                        "group_interval": "30m",
                        "repeat_interval": "24h",
                        "continue": False,
                    },
                ],
            }
        ],
    }
