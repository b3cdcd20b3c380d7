"""Alert rules, contact points and policies, as Grafana reads them from files."""
