-- Rows of `cases`, one per number from {first} on, as the worker would have left them. Shares and durations are
-- invented. h1 … h8: numbers in 0 … 999 of the case's own, its dice. Moments in µs; days from 1970-01-01, Hanoi's.
WITH
    {now:Int64} AS now_us,
    86400000000 AS day_us,
    3600000000 AS hour_us,
    toInt64(25200000000) AS zone_us,
    intDiv(now_us + zone_us, day_us) * day_us - zone_us AS midnight,
    toDateTime64(0, 6, 'UTC') AS never,
    made AS (
        SELECT
            number,
            cityHash64(number, 1) AS dice,
            dice % 1000 AS h1,
            intDiv(dice, 1000) % 1000 AS h2,
            intDiv(dice, 1000000) % 1000 AS h3,
            intDiv(dice, 1000000000) % 1000 AS h4,
            intDiv(dice, 1000000000000) % 1000 AS h5,
            cityHash64(number, 2) AS dice2,
            dice2 % 1000 AS h6,
            intDiv(dice2, 1000) % 1000 AS h7,
            intDiv(dice2, 1000000) % 1000 AS h8,
            -- where: seven of ten at a ward, some wards much busier than others
            h1 < 700 AS at_ward,
            toUInt32(if(at_ward, 1 + floor({wards:UInt32} * pow(h2 / 1000, 1.5)), 1 + floor({departments:UInt32} * h2 / 1000))) AS place,
            concat(
                if(at_ward, 'H26.W', 'H26.D'), leftPad(toString(place), if(at_ward, 3, 2), '0')
            ) AS receiving,
            concat('H26.D', leftPad(toString(1 + h3 % {departments:UInt32}), 2, '0')) AS department,
            at_ward AND h3 >= 900 AS far,
            multiIf(
                NOT at_ward, concat(receiving, '.', toString(1 + h3 % 8)),
                h3 < 550, receiving,
                h3 < 900, concat(receiving, '.', toString(1 + h3 % if(place <= {larger_wards:UInt32}, 3, 2))),
                concat(department, '.', toString(1 + h4 % 8))
            ) AS holder,
            holder != receiving AS handed,
            -- what: few procedures are most of the work
            toUInt32(floor({procedures:UInt32} * pow(h4 / 1000, 2))) AS procedure,
            toInt64(1 + procedure % 20) AS allotted,
            -- when: received in office hours; most are ended in time, one in five hundred never
            toInt64(
                midnight - toInt64(1 + intDiv(number * {days:UInt64}, {cases:UInt64})) * day_us
                + 8 * hour_us + toInt64(dice2 % 30000) * 1000000
            ) AS received_us,
            intDiv(toInt64(received_us + allotted * 1.4 * day_us + zone_us), day_us) * day_us - zone_us AS due_day_us,
            due_day_us + 17 * hour_us AS due_us,
            due_day_us + day_us - 1 AS effective_us,
            toInt64(
                allotted * 1.4 * day_us
                * multiIf(h5 < 930, 0.1 + h5 / 1100, h5 < 998, 1 + (h5 - 930) / 25, 400)
            ) + hour_us AS lasts_us,
            received_us + lasts_us AS end_us,
            end_us < now_us AS ended,
            if(ended, end_us, now_us) AS until_us,
            NOT ended AND h6 < 120 AS held,
            least(received_us + intDiv(until_us - received_us, 3), effective_us) AS handed_us,
            received_us + intDiv(until_us - received_us, 2) AS held_us,
            if(held, held_us, until_us) > effective_us AS was_overdue,
            multiIf(
                NOT ended, '',
                h7 < 30, 'withdrawn',
                was_overdue, 'completed_late',
                end_us < due_day_us, 'completed_early',
                'completed_on_time'
            ) AS column,
            multiIf(
                ended, column,
                was_overdue, 'overdue',
                held, 'suspended',
                effective_us - now_us < day_us, 'due_soon',
                'in_time'
            ) AS counted,
            ['examine', 'decide', 'sign'][1 + h6 % 3] AS desk,
            toInt32(intDiv(received_us + zone_us, day_us)) AS received_day,
            toInt32(intDiv(handed_us + zone_us, day_us)) AS handed_day,
            toInt32(intDiv(held_us + zone_us, day_us)) AS held_day,
            toInt32(intDiv(effective_us + zone_us, day_us)) + 1 AS overdue_day,
            toInt32(intDiv(end_us + zone_us, day_us)) AS end_day
        FROM numbers({first:UInt64}, {many:UInt64})
    ),
    marks AS (
        SELECT 1 AS one, start, stop, work_before
        FROM calendar_marks
        WHERE calendar = {calendar:String}
    ),
    -- flows: [unit, day, place in FLOWS, n]; first what happened, then how the case entered and left columns of stock
    (unit, day, place, n) -> concat('["', unit, '",', toString(day), ',', toString(place), ',', toString(n), ']') AS flow
SELECT
    concat(receiving, '-', toString(received_day), '-', leftPad(toString(number), 9, '0')) AS case_id,
    multiIf(h8 < 850, 'dossier', h8 < 970, 'feedback', 'task') AS kind,
    multiIf(h7 < 480, 'counter', h7 < 960, 'online', 'post') AS channel,
    concat('1.', leftPad(toString(procedure), 6, '0')) AS procedure_code,
    holder AS unit_id,
    receiving AS receiving_unit,
    receiving AS registering_unit,
    if(ended, '', desk) AS step,
    concat('o-', toString(dice % 5000)) AS officer,
    multiIf(
        column = 'withdrawn', column,
        ended, if(h6 < 900, 'delivered', 'completed'),
        held, 'suspended',
        'processing'
    ) AS status,
    if(held, ['supplement', 'payment', 'other_agency', 'other'][1 + h6 % 4], '') AS suspended_reason,
    if(held AND h6 % 4 = 2, department, '') AS waiting_on,
    multiIf(NOT ended OR column = 'withdrawn', '', h6 >= 940, 'refused', h8 < 850, 'granted', 'resolved') AS outcome,
    if(
        was_overdue AND h6 < 700,
        ['workload', 'missing_documents', 'other_agency', 'field_check', 'legal_unclear', 'absence'][1 + h7 % 6],
        ''
    ) AS cause,
    if(startsWith(column, 'completed_'), substring(column, 11), '') AS timeliness,
    timeliness AS first_timeliness,
    counted AS counted_as,
    holder AS counted_at,
    multiIf(h8 = 7, 'after_end', h8 = 8, 'backdated', '') AS anomalies,
    concat(
        '{"priority":"', if(h8 < 20, 'urgent', 'normal'), '","applicant_kind":"', if(h7 < 150, 'business', 'citizen'),
        '","digitised":', if(h6 < 600, 'true', 'false'), ',"vneid":', if(h6 < 400, 'true', 'false'),
        ',"paid_online":"', if(h8 < 500, 'national', 'none'), '"}'
    ) AS attributes,
    if(
        h8 < 40,
        concat(
            '[["r1","', department, '",', toString(received_us + hour_us), ',', toString(received_us + 3 * day_us), ',',
            if(ended, toString(received_us + toInt64(h6 * 0.005 * day_us)), '0'), ']]'
        ),
        ''
    ) AS consultations,
    if(
        ended AND h6 < 100,
        concat(
            '[[', toString(5 - intDiv(h6, 30)), ',', if(h6 < 80, 'true', 'false'), ',"',
            ['access', 'staff', 'result'][1 + h6 % 3], '"]]'
        ),
        ''
    ) AS ratings,
    concat(
        '[',
        arrayStringConcat(
            arrayConcat(
                [flow(receiving, received_day, 0, 1), flow(receiving, received_day, 13, 1)],
                if(
                    handed,
                    [
                        flow(receiving, handed_day, 2, 1), flow(holder, handed_day, 1, 1),
                        flow(holder, handed_day, 11, 1),
                        flow(receiving, handed_day, 13, -1), flow(holder, handed_day, 13, 1)
                    ],
                    []
                ),
                if(far, [flow(receiving, handed_day, 12, 1), flow(department, handed_day, 11, 1)], []),
                if(was_overdue, [flow(holder, overdue_day, 13, -1), flow(holder, overdue_day, 15, 1)], []),
                if(
                    held AND NOT was_overdue,
                    [flow(holder, held_day, 13, -1), flow(holder, held_day, 16, 1)],
                    []
                ),
                if(
                    ended,
                    [
                        flow(
                            holder, end_day,
                            multiIf(
                                column = 'completed_early', 4, column = 'completed_on_time', 5,
                                column = 'completed_late', 6, 7
                            ),
                            1
                        ),
                        flow(holder, end_day, if(was_overdue, 15, 13), -1)
                    ],
                    []
                )
            ),
            ','
        ),
        ']'
    ) AS flows,
    concat(
        '[',
        arrayStringConcat(
            arrayFilter(
                stay -> stay != '',
                [
                    if(
                        handed OR ended,
                        concat(
                            '["', receiving, '","",', toString(received_us), ',',
                            toString(if(handed, handed_us, end_us)), ',',
                            toString(intDiv(if(handed, handed_us, end_us) - received_us, 4)), ']'
                        ),
                        ''
                    ),
                    if(
                        handed AND ended,
                        concat(
                            '["', holder, '","', desk, '",', toString(handed_us), ',', toString(end_us), ',',
                            toString(intDiv(end_us - handed_us, 4)), ']'
                        ),
                        ''
                    )
                ]
            ),
            ','
        ),
        ']'
    ) AS stays,
    randomString(90) AS ledger,
    {calendar:String} AS calendar,
    'one_stop' AS profile,
    {rules:String} AS rules,
    never AS registered_at,
    never AS reception_due_at,
    never AS reception_ended_at,
    fromUnixTimestamp64Micro(received_us, 'UTC') AS received_at,
    fromUnixTimestamp64Micro(due_us, 'UTC') AS first_due_at,
    first_due_at AS due_at,
    fromUnixTimestamp64Micro(effective_us, 'UTC') AS effective_due_at,
    first_due_at AS legal_due_at,
    if(held, fromUnixTimestamp64Micro(held_us, 'UTC'), never) AS suspended_at,
    if(ended, fromUnixTimestamp64Micro(end_us, 'UTC'), never) AS ended_at,
    if(status = 'delivered', fromUnixTimestamp64Micro(toInt64(end_us + hour_us), 'UTC'), never) AS delivered_at,
    ended_at AS first_ended_at,
    fromUnixTimestamp64Micro(multiIf(ended, end_us, held, held_us, handed, handed_us, received_us), 'UTC')
        AS last_event_at,
    if(ended OR held, never, fromUnixTimestamp64Micro(toInt64(effective_us + 1), 'UTC')) AS wake_at,
    if(ended OR held, never, fromUnixTimestamp64Micro(toInt64(effective_us - day_us), 'UTC')) AS due_soon_at,
    if(ended OR held, intDiv(if(held, held_us, end_us) - received_us, 4), 0) AS elapsed_us,
    if(h6 BETWEEN 120 AND 200, 8 * hour_us, 0) AS suspended_us,
    0 AS reopened_gap_us,
    if(was_overdue AND (ended OR held), intDiv(if(held, held_us, end_us) - effective_us, 4), 0) AS late_us,
    if(ended OR held, 0, received_mark) AS elapsed_base_us,
    received_mark + allotted * 8 * hour_us AS due_mark_us,
    if(held, received_mark, 0) AS suspended_mark_us,
    toUInt32(h8 IN (7, 8)) AS anomaly_count,
    0 AS reopened,
    handed AS handovers,
    0 AS handovers_back,
    h6 < 200 AS supplements,
    0 AS overdue_whatever_dates,
    was_overdue AS late_first_promise,
    was_overdue AND handed AND h8 < 100 AS inherited_overdue,
    NOT ended AS live,
    1 AS version,
    fromUnixTimestamp64Micro(now_us, 'UTC') AS updated_at
FROM (
    SELECT made.*, marks.work_before + least(made.received_us, marks.stop) - marks.start AS received_mark
    FROM (SELECT *, 1 AS one FROM made) AS made
    ASOF LEFT JOIN marks ON made.one = marks.one AND made.received_us >= marks.start
)
