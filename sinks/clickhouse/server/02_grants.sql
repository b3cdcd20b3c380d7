-- For the database `caseclock`; write another name where the settings name another.

-- What the migrations and the rows need, and nothing that takes rows away (a projection is another order of rows).
GRANT SELECT, INSERT, CREATE DATABASE, CREATE TABLE, CREATE VIEW, DROP VIEW,
    ALTER SETTINGS, ALTER ADD PROJECTION, ALTER MATERIALIZE PROJECTION ON caseclock.* TO caseclock_writer;

-- `caseclock replay --on-services` works in a database of its own.
GRANT SELECT, INSERT, CREATE DATABASE, CREATE TABLE, CREATE VIEW, DROP VIEW,
    ALTER SETTINGS, ALTER ADD PROJECTION, ALTER MATERIALIZE PROJECTION ON caseclock_replay_*.* TO caseclock_writer;

-- Views read their tables with the rights of who asks.
GRANT SELECT ON caseclock.* TO caseclock_reader;
