"""Where things land: ClickHouse, Kafka, dead letters."""
