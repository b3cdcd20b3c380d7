"""Dashboards for leaders and the public as code, their alert rules, and what publishes them."""
