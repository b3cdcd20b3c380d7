"""What Grafana and its ClickHouse data source (plugin 4.20) do between a dashboard's JSON and a panel, in little."""
