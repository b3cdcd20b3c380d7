#!/bin/sh
# Makes ClickHouse's users, grants and quotas by the very files that Caseclock ships, once the server answers.
# Everything in them may be run again. Runs in the container `clickhouse-users`; $SECRETS and $SQL are for tests.
set -eu

secrets=${SECRETS:-/run/secrets}
sql=${SQL:-/caseclock/server}

secret() { # the first line of a file; an empty password would be no password
  value=$(head -n 1 "$secrets/$1")
  [ -n "$value" ] || { echo "users: $1 is empty: run make secrets" >&2; exit 1; }
  printf '%s' "$value"
}

writer=$(secret caseclock_writer_password)
reader=$(secret caseclock_reader_password)

clickhouse-client --host 127.0.0.1 \
  --param_writer_password="$writer" --param_reader_password="$reader" \
  --queries-file "$sql/01_users.sql" "$sql/02_grants.sql" "$sql/03_quotas.sql"
echo "users: caseclock_writer and caseclock_reader are there"
