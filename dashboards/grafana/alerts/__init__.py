"""Alert rules, contact points and policies, as the documents that Grafana is provisioned with."""

from __future__ import annotations

from dashboards.grafana.alerts import contact_points, policies, rules


def files(made: rules.Dashboards) -> dict[str, object]:
    """Each document by the name of its file in ``provisioning/alerting``.

    Args:
        made: the dashboards' JSON by uid, to whose panels the rules lead.
    """
    return {
        "rules.yaml": rules.document(made),
        "contact-points.yaml": contact_points.document(),
        "policies.yaml": policies.document(),
    }
