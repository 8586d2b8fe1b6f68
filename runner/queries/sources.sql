-- What `validate sources` looks up and keeps.

-- name: measured
-- Rows of each source on the last day that was measured before this one.
select scope_value, value
from ops_intermediate.int_metrics__daily
where
    metric = 'source_rows' and scope = 'SOURCE' and valid_to_run = 9223372036854775807
    and as_of_date = (
        select max(as_of_date) from ops_intermediate.int_metrics__daily
        where as_of_date < %(as_of)s and metric = 'source_rows' and valid_to_run = 9223372036854775807
    )

-- name: keep_check
insert into ops.source_checks
    (run_id, check_no, source, check_name, column_name, severity, status, violations, rows_checked, observed, sentence)
values
    (%(run_id)s, %(check_no)s, %(source)s, %(check_name)s, %(column_name)s, %(severity)s, %(status)s, %(violations)s, %(rows_checked)s,
    %(observed)s, %(sentence)s)
