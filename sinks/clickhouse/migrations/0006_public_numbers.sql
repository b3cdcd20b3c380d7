-- The public cells once more, their numbers as one array in the order of the columns of v_public_cells: planning
-- ninety columns with a condition each takes ClickHouse longer than reading the rows. Null as there.
CREATE OR REPLACE VIEW v_public_numbers AS
SELECT
    dimension,
    unit_id,
    scope,
    period,
    value,
    arrayMap((name, number) -> if(has(suppressed, name), NULL, number), [
        'received', 'reopened', 'transferred_in', 'transferred_out', 'completed', 'completed_early',
        'completed_on_time', 'completed_late', 'completed_in_time', 'withdrawn', 'declined', 'stopped',
        'late_first_promise', 'open', 'in_time', 'due_soon', 'overdue', 'suspended', 'no_deadline',
        'overdue_to_1_day', 'overdue_to_3_days', 'overdue_to_10_days', 'overdue_to_30_days',
        'overdue_over_30_days', 'suspended_beyond_limit', 'awaiting', 'awaiting_overdue', 'waiting_on_others',
        'inherited_overdue', 'consultations_open', 'consultations_overdue', 'consultations_answered',
        'consultations_answered_late', 'handovers', 'sent_back_and_forth', 'ratings', 'rating_sum',
        'ratings_with_answer', 'ratings_solved', 'ends_solved', 'judged', 'late_or_overdue', 'late_without_cause',
        'received_online', 'received_digitised', 'received_fee_due', 'received_cashless', 'received_vneid',
        'processing_n', 'holding_n', 'anomalies', 'carried_over', 'on_time_rate', 'on_time_rate_strict',
        'late_first_promise_rate', 'rating_mean', 'solved_share', 'ends_solved_share', 'late_without_cause_share',
        'online_share', 'digitised_share', 'cashless_share', 'vneid_share', 'processing_sum_s',
        'processing_mean_s', 'processing_p50_s', 'processing_p90_s', 'clock_sum_s', 'clock_mean_s', 'clock_p50_s',
        'clock_p90_s', 'open_age_p50_s', 'open_age_p90_s', 'oldest_open_s', 'worst_overdue_s', 'holding_p50_s',
        'holding_p90_s'
    ], [
        toFloat64(received), toFloat64(reopened), toFloat64(transferred_in), toFloat64(transferred_out),
        toFloat64(completed), toFloat64(completed_early), toFloat64(completed_on_time), toFloat64(completed_late),
        toFloat64(completed_in_time), toFloat64(withdrawn), toFloat64(declined), toFloat64(stopped),
        toFloat64(late_first_promise), toFloat64(open), toFloat64(in_time), toFloat64(due_soon),
        toFloat64(overdue), toFloat64(suspended), toFloat64(no_deadline), toFloat64(overdue_to_1_day),
        toFloat64(overdue_to_3_days), toFloat64(overdue_to_10_days), toFloat64(overdue_to_30_days),
        toFloat64(overdue_over_30_days), toFloat64(suspended_beyond_limit), toFloat64(awaiting),
        toFloat64(awaiting_overdue), toFloat64(waiting_on_others), toFloat64(inherited_overdue),
        toFloat64(consultations_open), toFloat64(consultations_overdue), toFloat64(consultations_answered),
        toFloat64(consultations_answered_late), toFloat64(handovers), toFloat64(sent_back_and_forth),
        toFloat64(ratings), toFloat64(rating_sum), toFloat64(ratings_with_answer), toFloat64(ratings_solved),
        toFloat64(ends_solved), toFloat64(judged), toFloat64(late_or_overdue), toFloat64(late_without_cause),
        toFloat64(received_online), toFloat64(received_digitised), toFloat64(received_fee_due),
        toFloat64(received_cashless), toFloat64(received_vneid), toFloat64(processing_n), toFloat64(holding_n),
        toFloat64(anomalies), toFloat64(carried_over), toFloat64(on_time_rate), toFloat64(on_time_rate_strict),
        toFloat64(late_first_promise_rate), toFloat64(rating_mean), toFloat64(solved_share),
        toFloat64(ends_solved_share), toFloat64(late_without_cause_share), toFloat64(online_share),
        toFloat64(digitised_share), toFloat64(cashless_share), toFloat64(vneid_share), toFloat64(processing_sum_s),
        toFloat64(processing_mean_s), toFloat64(processing_p50_s), toFloat64(processing_p90_s),
        toFloat64(clock_sum_s), toFloat64(clock_mean_s), toFloat64(clock_p50_s), toFloat64(clock_p90_s),
        toFloat64(open_age_p50_s), toFloat64(open_age_p90_s), toFloat64(oldest_open_s), toFloat64(worst_overdue_s),
        toFloat64(holding_p50_s), toFloat64(holding_p90_s)
    ]) AS numbers,
    last_event_at,
    suppressed,
    computed_at
FROM summary_cells
WHERE (slot, generation) IN (SELECT slot, generation FROM v_summaries);
