-- So that a forgotten dashboard cannot take the server away from the worker: ten times what the board asks for.
CREATE QUOTA IF NOT EXISTS caseclock_reader
    FOR INTERVAL 1 minute MAX queries = 6000, errors = 600, execution_time = 300
    TO caseclock_reader;

-- The worker is only counted: a limit would hold the rows back.
CREATE QUOTA IF NOT EXISTS caseclock_writer
    FOR INTERVAL 1 hour TRACKING ONLY
    TO caseclock_writer;
