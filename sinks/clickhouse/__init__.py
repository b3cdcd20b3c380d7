"""ClickHouse: connection, migrations, and the store of cases."""
