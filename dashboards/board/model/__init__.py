"""What the pages know: the city's numbers at one moment, read from ClickHouse and kept up to date."""
