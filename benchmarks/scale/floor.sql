-- What one hand-written statement needs for each result: written from docs/decisions.md, not from the models. The first part are steps that a
-- statement names in its `with`, or finds as a table that an earlier statement left; the second are results; the third are their indexes.
-- It leans on what this schema promises (one link per source row, one lead per external_id, one claim per key) where the models do not.

-- name: step_dates
-- Each text of a date once, by jumps through its index; in both forms, and null for what is no day.
with recursive found as (
    select min(date_file) as date_file from public.summary_daily
    union all
    select (select min(t.date_file) from public.summary_daily as t where t.date_file > found.date_file)
    from found
    where found.date_file is not null
),
iso as (
    select date_file, regexp_replace(btrim(date_file, E' \t\r\n'), '^(\d{2})-(\d{2})-(\d{4})$', '\3-\2-\1') as text
    from found
    where date_file is not null
)
select date_file, case when text ~ '^\d{4}-\d{2}-\d{2}$' and pg_input_is_valid(text, 'date') then text::date end as trip_date
from iso

-- name: step_days
-- Day by day, so that sorting by load stays in memory (D-17).
select l.driver_id, d.trip_date, l.trips, l.work_seconds, l.source_rows, l.counted_rows, l.loads
from (select trip_date, array_agg(date_file) as texts from dates where trip_date is not null group by trip_date) as d
cross join lateral (
    select distinct on (driver_id)
        driver_id, sum(trips) as trips, sum(work_seconds) as work_seconds, count(*) as counted_rows,
        sum(count(*)) over by_driver as source_rows, count(*) over by_driver as loads
    from (
        select
            nullif(btrim(driver_id, E' \t\r\n'), '') as driver_id, count_orders_completed as trips, sum_work_time_seconds as work_seconds,
            coalesce(created_at, '0001-01-01') as loaded_at
        from public.summary_daily
        where date_file = any(d.texts) and count_orders_completed >= 0
    ) as typed
    where driver_id is not null
    group by driver_id, loaded_at
    window by_driver as (partition by driver_id)
    order by driver_id, loaded_at desc
) as l

-- name: step_drivers
select
    person_key, source_pk as driver_id, count(*) over (partition by person_key) as driver_count,
    row_number() over (partition by person_key order by linked_at desc, id desc) = 1 as is_current
from canon.identity_links
where source_table = 'drivers' and btrim(source_pk, E' \t\r\n') <> ''

-- name: step_leads
select
    k.*, p.person_key, d.driver_id, coalesce(d.driver_count, 0) as driver_count, k.lead_date + 14 as window_end,
    date_trunc('week', k.lead_date)::date as week_start, k.lead_date + 14 <= {as_of} as window_closed
from (
    select
        l.id as lead_id, l.lead_created_at::date as lead_date, l.lead_created_at, l.park_phone, l.asset_plate_number,
        nullif(concat_ws(' ', nullif(btrim(l.first_name, E' \t\r\n'), ''), nullif(btrim(l.middle_name, E' \t\r\n'), ''),
            nullif(btrim(l.last_name, E' \t\r\n'), '')), '') as lead_name,
        case
            when btrim(l.external_id, E' \t\r\n') <> '' and l.external_id not like 'id:%' then l.external_id
            when btrim(l.external_id, E' \t\r\n') <> '' then 'id:' || l.id
            when exists (select 1 from public.module_ct_cabinet_leads as o where o.external_id = l.id::text) then 'id:' || l.id
            else l.id::text
        end as lead_source_pk
    from public.module_ct_cabinet_leads as l
    where l.lead_created_at::date <= {as_of}
) as k
left join canon.identity_links as p on p.source_table = 'module_ct_cabinet_leads' and p.source_pk = k.lead_source_pk
left join drivers as d on d.person_key = p.person_key and d.is_current

-- name: step_bearers
select
    person_key, lead_date, lead_source_pk,
    lag(lead_source_pk) over by_person as earlier_pk, lag(lead_date) over by_person as earlier_date
from (
    select distinct on (person_key, lead_date) person_key, lead_date, lead_source_pk
    from leads
    where person_key is not null
    order by person_key, lead_date, lead_created_at, lead_id
) as firsts
window by_person as (partition by person_key order by lead_date)

-- name: step_typed
select
    nullif(btrim(t.driver_id, E' \t\r\n'), '') as driver_id, d.trip_date, t.count_orders_completed as trips,
    coalesce(t.created_at, '0001-01-01'::timestamp) as loaded_at
from public.summary_daily as t
inner join dates as d on d.date_file = t.date_file
where d.trip_date is not null and t.count_orders_completed >= 0

-- name: step_trips
-- A statement by itself ranks only the loads of days in a lead's window.
select lead_id, sum(trips) filter (where is_current) as trips_14d, sum(trips) filter (where not is_current) as others_14d
from (
    select distinct on (l.lead_id, p.driver_id, t.trip_date) l.lead_id, p.is_current, sum(t.trips) as trips
    from leads as l
    inner join drivers as p on p.person_key = l.person_key
    inner join typed as t
        on t.driver_id = p.driver_id and t.trip_date >= l.lead_date and t.trip_date < l.lead_date + 14 and t.trip_date <= {as_of}
    group by l.lead_id, p.driver_id, p.is_current, t.trip_date, t.loaded_at
    order by l.lead_id, p.driver_id, t.trip_date, t.loaded_at desc
) as latest
group by lead_id

-- name: chained_trips
select
    l.lead_id, sum(d.trips) filter (where p.is_current) as trips_14d, sum(d.trips) filter (where not p.is_current) as others_14d
from leads as l
inner join drivers as p on p.person_key = l.person_key
inner join days as d
    on d.driver_id = p.driver_id and d.trip_date >= l.lead_date and d.trip_date < l.lead_date + 14 and d.trip_date <= {as_of}
group by l.lead_id

-- name: step_windowed
select
    l.*, coalesce(t.trips_14d, 0)::bigint as trips_14d, coalesce(t.others_14d, 0)::bigint as trips_other_drivers_14d,
    case when b.lead_source_pk <> l.lead_source_pk then b.lead_source_pk end as duplicate_of_lead_source_pk,
    case when b.earlier_date + 14 > l.lead_date then b.earlier_pk end as overlaps_lead_source_pk
from leads as l
left join trips as t on t.lead_id = l.lead_id
left join bearers as b on b.person_key = l.person_key and b.lead_date = l.lead_date

-- name: step_judged
select
    l.*, m.milestone, m.amount as amount_expected, l.trips_14d >= m.milestone as milestone_reached,
    case
        when l.person_key is null then 'NO_IDENTITY'
        when l.driver_id is null then 'NO_DRIVER'
        when l.trips_14d < m.milestone then 'INSUFFICIENT_TRIPS'
        when l.duplicate_of_lead_source_pk is not null then 'DUPLICATE_LEAD'
        else 'OK'
    end as expected_reason,
    c.claim_id, c.status::text as claim_row_status, c.amount_expected as present_amount, c.driver_id as claim_driver_id,
    c.generated_at, c.paid_at
from windowed as l
cross join (values (1, 25::numeric(12, 2)), (5, 35), (25, 100)) as m (milestone, amount)
left join canon.claims_yango_cabinet_14d as c
    on c.person_key = l.person_key and c.lead_date = l.lead_date and c.milestone = m.milestone

-- name: step_compared
select
    j.*, expected_reason = 'OK' as claim_expected, claim_id is not null as claim_present,
    case
        when duplicate_of_lead_source_pk is not null then 'INVALID'
        when expected_reason <> 'OK' then case when claim_id is null then 'INVALID' else 'UNSUPPORTED' end
        when claim_id is null then 'CLAIM_NOT_GENERATED'
        when claim_row_status in ('rejected', 'expired') then 'CLAIM_' || upper(claim_row_status)
        when present_amount <> amount_expected then 'UNSUPPORTED'
        else 'OK'
    end as claim_status
from judged as j

-- name: result_driver_days
select * from days

-- name: result_excluded_trips
select date_file as source_key, reason, driver_id, sum(1)::bigint as source_rows, trips::bigint as trips
from (
    select
        t.date_file, nullif(btrim(t.driver_id, E' \t\r\n'), '') as driver_id, t.count_orders_completed as trips, t.created_at,
        case
            when coalesce(btrim(t.driver_id, E' \t\r\n'), '') = '' then 'MISSING_DRIVER'
            when d.trip_date is null then 'BAD_DATE'
            when t.count_orders_completed is null then 'MISSING_COUNT'
            when t.count_orders_completed < 0 then 'NEGATIVE_COUNT'
        end as reason
    from public.summary_daily as t
    left join dates as d on d.date_file = t.date_file
) as judged
where reason is not null
group by date_file, reason, driver_id, trips, created_at
union all
select trip_date::text, 'SUPERSEDED_LOAD', driver_id, source_rows - counted_rows, null from days where loads > 1
union all
select trip_date::text, 'REPEATED_ROWS', driver_id, counted_rows, trips from days where counted_rows > 1
union all
select trip_date::text, 'FUTURE_TRIP_DATE', null, sum(source_rows), sum(trips) from days where trip_date > {as_of} group by trip_date

-- name: result_expected
select
    c.lead_id, c.lead_source_pk, lead_date, week_start, person_key, driver_id, window_end as window_end_14d, c.milestone, trips_14d,
    milestone_reached as milestone_achieved, claim_expected, amount_expected, claim_present, c.claim_id, claim_status,
    case
        when not claim_expected then expected_reason
        when claim_status like 'CLAIM_%' then claim_status
        else 'OK'
    end as gap_reason,
    claim_row_status, present_amount, generated_at, paid_at,
    case
        when claim_status <> 'UNSUPPORTED' then null
        when claim_expected then 'AMOUNT_OFF_CATALOGUE'
        when driver_id is null then 'NO_DRIVER'
        when claim_driver_id <> driver_id then 'DRIVER_CHANGED'
        else 'TRIPS_BELOW_MILESTONE'
    end as unsupported_cause,
    case when claim_status = 'CLAIM_NOT_GENERATED' then other.claim_id end as conflicting_claim_id,
    window_closed, duplicate_of_lead_source_pk, overlaps_lead_source_pk
from compared as c
left join (
    select lead_source_pk, milestone, min(claim_id) as claim_id from canon.claims_yango_cabinet_14d group by lead_source_pk, milestone
) as other on other.lead_source_pk = c.lead_source_pk and other.milestone = c.milestone

-- name: result_gap
select
    c.lead_id, c.lead_source_pk, lead_date, week_start, person_key, driver_id, window_end as window_end_14d,
    c.milestone as milestone_value, trips_14d, milestone_reached as milestone_achieved, claim_expected, claim_present as claim_exists,
    claim_status, claim_status as gap_reason, amount_expected as expected_amount, window_closed,
    (
        select min(o.claim_id)
        from canon.claims_yango_cabinet_14d as o
        where o.lead_source_pk = c.lead_source_pk and o.milestone = c.milestone
    ) as conflicting_claim_id,
    overlaps_lead_source_pk
from compared as c
where claim_status = 'CLAIM_NOT_GENERATED'

-- name: result_limbo
select
    lead_id, lead_source_pk, lead_date, week_start, park_phone, asset_plate_number, lead_name, person_key, driver_id, trips_14d,
    window_end as window_end_14d, trips_14d >= 1 as reached_m1_14d, trips_14d >= 5 as reached_m5_14d, trips_14d >= 25 as reached_m25_14d,
    (case when trips_14d >= 1 then 25 else 0 end + case when trips_14d >= 5 then 35 else 0 end
        + case when trips_14d >= 25 then 100 else 0 end)::numeric(12, 2) as expected_amount_14d,
    status_1 is not null as has_claim_m1, status_5 is not null as has_claim_m5, status_25 is not null as has_claim_m25,
    case
        when person_key is null then 'NO_IDENTITY'
        when driver_id is null then 'NO_DRIVER'
        when trips_14d = 0 then 'NO_TRIPS_14D'
        when missing is not null then 'TRIPS_NO_CLAIM'
        else 'OK'
    end as limbo_stage,
    window_closed, missing as claims_missing, driver_count, trips_other_drivers_14d,
    status_1 as claim_status_m1, status_5 as claim_status_m5, status_25 as claim_status_m25,
    duplicate_of_lead_source_pk, overlaps_lead_source_pk
from (
    select
        l.*, c.status_1, c.status_5, c.status_25,
        nullif(concat_ws(',',
            case when trips_14d >= 1 and status_1 is null then 'M1' end,
            case when trips_14d >= 5 and status_5 is null then 'M5' end,
            case when trips_14d >= 25 and status_25 is null then 'M25' end
        ), '') as missing
    from windowed as l
    left join (
        select
            person_key, lead_date,
            max(status::text) filter (where milestone = 1) as status_1,
            max(status::text) filter (where milestone = 5) as status_5,
            max(status::text) filter (where milestone = 25) as status_25
        from canon.claims_yango_cabinet_14d
        group by person_key, lead_date
    ) as c on c.person_key = l.person_key and c.lead_date = l.lead_date
) as with_claims

-- name: result_financial
-- Without the allocation of payments (D-16): made worlds have none, so a claim is paid when its row says so.
select
    l.driver_id, l.person_key, l.lead_date, coalesce(n.driver_name, 'N/A') as driver_name, to_char(l.lead_date, 'IYYY-IW') as iso_week,
    date_trunc('week', l.lead_date)::date as week_start, l.leads, w.connected_date is not null as connected_flag, w.connected_date,
    l.total_trips_14d, l.reached_m1_14d, l.reached_m5_14d, l.reached_m25_14d,
    coalesce(m.due_1, 0) as expected_amount_m1, coalesce(m.due_5, 0) as expected_amount_m5, coalesce(m.due_25, 0) as expected_amount_m25,
    coalesce(m.due, 0) as expected_total_yango,
    coalesce(m.is_1, false) as claim_m1_exists, coalesce(m.is_5, false) as claim_m5_exists, coalesce(m.is_25, false) as claim_m25_exists,
    coalesce(m.paid, 0) as total_paid_yango, coalesce(m.due, 0) - coalesce(m.paid, 0) as amount_due_yango,
    coalesce(m.claimed, 0) as claimed_due_amount, coalesce(m.missing, 0) as missing_amount, coalesce(m.closed, 0) as closed_amount
from (
    select
        driver_id, person_key, max(lead_date) as lead_date, count(*)::integer as leads, sum(trips_14d)::bigint as total_trips_14d,
        bool_or(trips_14d >= 1) as reached_m1_14d, bool_or(trips_14d >= 5) as reached_m5_14d, bool_or(trips_14d >= 25) as reached_m25_14d
    from windowed
    where driver_id is not null
    group by driver_id, person_key
) as l
left join (
    select
        driver_id, sum(amount_expected) as due,
        sum(amount_expected) filter (where milestone = 1) as due_1, bool_or(claim_present) filter (where milestone = 1) as is_1,
        sum(amount_expected) filter (where milestone = 5) as due_5, bool_or(claim_present) filter (where milestone = 5) as is_5,
        sum(amount_expected) filter (where milestone = 25) as due_25, bool_or(claim_present) filter (where milestone = 25) as is_25,
        sum(present_amount) filter (where claim_row_status = 'paid') as paid,
        sum(present_amount) filter (where claim_row_status in ('expected', 'generated')) as claimed,
        sum(amount_expected) filter (where claim_id is null) as missing,
        sum(amount_expected) filter (where claim_row_status in ('rejected', 'expired')) as closed
    from compared
    where claim_expected
    group by driver_id
) as m on m.driver_id = l.driver_id
left join (select driver_id, min(full_name) as driver_name from public.drivers group by driver_id) as n on n.driver_id = l.driver_id
left join (
    select driver_id, min(trip_date) as connected_date from days where work_seconds > 0 group by driver_id
) as w on w.driver_id = l.driver_id and w.connected_date <= {as_of}

-- name: result_funnel
select
    l.*, c.claims_expected_m1, c.claims_expected_m5, c.claims_expected_m25, c.debt_expected_total,
    c.claims_present_m1, c.claims_present_m5, c.claims_present_m25, c.debt_missing_total
from (
    select
        week_start, count(*) as leads_total, count(distinct lead_source_pk) as leads_distinct_pk, count(person_key) as leads_with_identity,
        count(distinct person_key) as distinct_person_keys, count(driver_id) as leads_with_driver,
        count(distinct driver_id) as distinct_drivers, count(distinct driver_id) filter (where trips_14d > 0) as drivers_with_trips_14d,
        count(distinct driver_id) filter (where trips_14d >= 1) as reached_m1_14d,
        count(distinct driver_id) filter (where trips_14d >= 5) as reached_m5_14d,
        count(distinct driver_id) filter (where trips_14d >= 25) as reached_m25_14d,
        sum(trips_14d)::bigint as total_trips_14d_sum,
        count(*) filter (where person_key is null) as limbo_no_identity,
        count(*) filter (where person_key is not null and driver_id is null) as limbo_no_driver,
        count(*) filter (where driver_id is not null and trips_14d = 0) as limbo_no_trips_14d,
        count(*) filter (where window_closed) as leads_closed
    from windowed
    group by week_start
) as l
inner join (
    select
        week_start,
        count(*) filter (where claim_expected and milestone = 1) as claims_expected_m1,
        count(*) filter (where claim_expected and milestone = 5) as claims_expected_m5,
        count(*) filter (where claim_expected and milestone = 25) as claims_expected_m25,
        count(*) filter (where claim_expected and milestone = 1 and claim_present) as claims_present_m1,
        count(*) filter (where claim_expected and milestone = 5 and claim_present) as claims_present_m5,
        count(*) filter (where claim_expected and milestone = 25 and claim_present) as claims_present_m25,
        coalesce(sum(amount_expected) filter (where claim_expected), 0) as debt_expected_total,
        coalesce(sum(amount_expected) filter (where claim_status = 'CLAIM_NOT_GENERATED'), 0) as debt_missing_total
    from compared
    group by week_start
) as c on c.week_start = l.week_start

-- name: index_driver_days
create unique index on scale_floor.driver_days (driver_id, trip_date);
create index on scale_floor.driver_days (trip_date);
create index on scale_floor.driver_days (trip_date, driver_id) where source_rows > 1

-- name: index_expected
create unique index on scale_floor.expected (lead_id, milestone);
create index on scale_floor.expected (gap_reason, week_start desc, lead_date desc, milestone desc, lead_id);
create index on scale_floor.expected (week_start desc, lead_date desc, milestone desc, lead_id) where claim_status = 'CLAIM_NOT_GENERATED'

-- name: index_limbo
create unique index on scale_floor.limbo (lead_id);
create index on scale_floor.limbo (lead_source_pk);
create index on scale_floor.limbo (week_start desc, lead_date desc, lead_id);
create index on scale_floor.limbo (limbo_stage, week_start desc, lead_date desc, lead_id)

-- name: index_financial
create unique index on scale_floor.financial (driver_id);
create index on scale_floor.financial (week_start desc, lead_date desc, driver_id)

-- name: index_gap
create unique index on scale_floor.gap (lead_id, milestone_value)

-- name: index_funnel
create unique index on scale_floor.funnel (week_start)

-- name: index_excluded_trips
create index on scale_floor.excluded_trips (reason)
