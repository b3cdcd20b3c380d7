-- A case as it stands at a moment. The only place where SQL lets the clock run; v_cases is this view at now.

CREATE OR REPLACE VIEW cases_at AS
WITH
    toUnixTimestamp64Micro({at:DateTime64(6, 'UTC')}) AS at_us,
    toDateTime64(0, 6, 'UTC') AS never,
    marks AS (
        SELECT calendar, max(work_before + least(at_us, stop) - start) AS mark
        FROM calendar_marks
        WHERE start <= at_us
        GROUP BY calendar
    )
SELECT
    case_id,
    kind,
    channel,
    unit_id,
    procedure_code,
    status,
    nullIf(received_at, never) AS received_at,
    nullIf(first_due_at, never) AS first_due_at,
    nullIf(due_at, never) AS due_at,
    nullIf(effective_due_at, never) AS effective_due_at,
    nullIf(ended_at, never) AS ended_at,
    multiIf(
        status NOT IN ('processing', 'suspended'), '',
        status = 'suspended' OR counted_as = 'overdue', counted_as,
        cases.due_at = never, 'no_deadline',
        at_us > toUnixTimestamp64Micro(cases.effective_due_at), 'overdue',
        cases.due_soon_at != never AND at_us >= toUnixTimestamp64Micro(cases.due_soon_at), 'due_soon',
        'in_time'
    ) AS stock,
    stock = 'overdue' AS overdue,
    timeliness,
    multiIf(
        status != 'processing', elapsed_us,
        marks.mark - elapsed_base_us
    ) AS elapsed_now_us,
    suspended_us + if(status = 'suspended', marks.mark - suspended_mark_us, 0) AS suspended_now_us,
    multiIf(
        status != 'processing', late_us,
        overdue AND cases.due_at != never, greatest(0, marks.mark - due_mark_us),
        0
    ) AS late_now_us,
    intDiv(elapsed_now_us + 500000, 1000000) AS elapsed_s,
    intDiv(suspended_now_us + 500000, 1000000) AS suspended_s,
    intDiv(late_now_us + 500000, 1000000) AS late_s,
    arrayStringConcat(arrayDistinct(splitByChar(';', anomalies)), ';') AS anomalies,
    anomaly_count,
    nullIf(registered_at, never) AS registered_at,
    nullIf(reception_due_at, never) AS reception_due_at,
    reception_due_at IS NOT NULL AND at_us >= 0 AND
        if(cases.reception_ended_at = never, at_us, toUnixTimestamp64Micro(cases.reception_ended_at))
        > toUnixTimestamp64Micro(cases.reception_due_at) AS reception_late,
    nullIf(legal_due_at, never) AS legal_due_at,
    nullIf(first_ended_at, never) AS first_ended_at,
    first_timeliness,
    reopened,
    intDiv(reopened_gap_us + 500000, 1000000) AS reopened_gap_s,
    receiving_unit,
    registering_unit,
    step,
    officer,
    suspended_reason,
    nullIf(suspended_at, never) AS suspended_at,
    waiting_on,
    outcome,
    cause,
    nullIf(delivered_at, never) AS delivered_at,
    supplements,
    handovers,
    handovers_back,
    late_first_promise,
    inherited_overdue,
    attributes,
    consultations,
    ratings,
    stays,
    nullIf(last_event_at, never) AS last_event_at,
    calendar,
    profile,
    rules,
    updated_at
FROM cases FINAL
LEFT JOIN marks USING (calendar)
WHERE status != '';
