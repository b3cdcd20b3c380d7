-- For a ClickHouse server, once, as an administrator; the embedded engine has no users. Passwords come as parameters:
--
--   clickhouse-client --param_writer_password=… --param_reader_password=… \
--       --queries-file 01_users.sql 02_grants.sql 03_quotas.sql
--
-- Everything may be run again: what is there already, passwords and tuned limits among it, stays as it is.

-- The worker: it makes the tables and writes them. No default database: it does not exist before the first worker.
CREATE USER IF NOT EXISTS caseclock_writer
    IDENTIFIED WITH sha256_password BY {writer_password:String}
    GRANTEES NONE;

-- Who may only read. readonly = 2 and not 1: clients set the zone, limits and compression of their own queries.
CREATE SETTINGS PROFILE IF NOT EXISTS caseclock_reader SETTINGS
    readonly = 2,
    max_execution_time = 30 MAX 60,
    max_memory_usage = 4000000000 MAX 8000000000;

-- Grafana and the board.
CREATE USER IF NOT EXISTS caseclock_reader
    IDENTIFIED WITH sha256_password BY {reader_password:String}
    SETTINGS PROFILE caseclock_reader
    GRANTEES NONE;
