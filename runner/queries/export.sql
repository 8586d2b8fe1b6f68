-- The dispute pack: supported claims as the live run shows them, with the trips that prove them and the payments seen.

-- name: has_states
select to_regclass('ops.v_claims_payment_status_cabinet') is not null and exists (select 1 from ops.runs where is_live)

-- name: run
select run_id, cast(as_of_date as text) from ops.runs where is_live

-- name: texts
select kind, code, label_es, label_en, detail_es, detail_en
from ops_intermediate.catalogue
where kind in ('export_column', 'export_note')
order by kind, code

-- name: chosen
select c.*
from ops.v_claims_payment_status_cabinet as c
where (%(week)s::date is null or c.lead_date between %(week)s::date and %(week)s::date + 6)
    and (%(week)s::date is not null or c.due_amount > 0)
    and (%(overdue)s::integer is null or (c.days_overdue >= %(overdue)s::integer and c.days_overdue > 0))

-- name: left_out
select count(*), coalesce(sum(due_amount), 0) from ({chosen}) as chosen where not is_supported

-- name: claims
with chosen as materialized (
    select * from ({chosen}) as found where is_supported
),
days as (
    select
        chosen.claim_id,
        chosen.milestone_value,
        d.trip_date,
        d.trip_date - chosen.lead_date as place,
        d.trips,
        sum(d.trips) over (partition by chosen.claim_id order by d.trip_date) as running
    from chosen
    inner join ops_intermediate.int_trips__driver_days as d
        on d.driver_id = chosen.driver_id and d.trip_date >= chosen.lead_date and d.trip_date < chosen.due_date
    where d.trip_date <= (select r.as_of_date from ops.runs as r where r.is_live)
),
per_claim as (
    select
        claim_id,
        sum(trips) as trips,
        min(trip_date) filter (where running >= milestone_value) as milestone_day,
        array[
            coalesce(sum(trips) filter (where place = 0), 0),
            coalesce(sum(trips) filter (where place = 1), 0),
            coalesce(sum(trips) filter (where place = 2), 0),
            coalesce(sum(trips) filter (where place = 3), 0),
            coalesce(sum(trips) filter (where place = 4), 0),
            coalesce(sum(trips) filter (where place = 5), 0),
            coalesce(sum(trips) filter (where place = 6), 0),
            coalesce(sum(trips) filter (where place = 7), 0),
            coalesce(sum(trips) filter (where place = 8), 0),
            coalesce(sum(trips) filter (where place = 9), 0),
            coalesce(sum(trips) filter (where place = 10), 0),
            coalesce(sum(trips) filter (where place = 11), 0),
            coalesce(sum(trips) filter (where place = 12), 0),
            coalesce(sum(trips) filter (where place = 13), 0)
        ] as trips_per_day
    from days
    group by claim_id
),
payments as (
    select
        seen.claim_id,
        string_agg(
            format('%%s:%%s %%s %%s', seen.payment_id, seen.milestone_value, seen.pay_date, concat_ws(' ', seen.outcome, seen.cause)),
            '; ' order by seen.pay_date, seen.payment_id, seen.milestone_value
        ) as payments_seen
    from (
        select chosen.claim_id, s.payment_id, s.milestone_value, s.pay_date, s.outcome, s.cause
        from chosen inner join ops.v_payments_statements as s on s.driver_id = chosen.driver_id
        union
        select chosen.claim_id, s.payment_id, s.milestone_value, s.pay_date, s.outcome, s.cause
        from chosen inner join ops.v_payments_statements as s on s.person_key = chosen.person_key
    ) as seen
    group by seen.claim_id
),
names as (
    select driver_id, min(driver_name) as driver_name from ops.v_cabinet_financial_14d group by driver_id
)
select
    chosen.claim_id,
    chosen.lead_source_pk,
    chosen.driver_id,
    names.driver_name,
    chosen.lead_date,
    chosen.due_date - 1 as window_last_day,
    chosen.milestone_value,
    per_claim.milestone_day,
    coalesce(per_claim.trips, 0) as trips_14d,
    per_claim.trips_per_day,
    chosen.expected_amount,
    chosen.paid_amount,
    chosen.due_amount,
    chosen.claim_row_status,
    chosen.days_overdue,
    payments.payments_seen
from chosen
left join per_claim on per_claim.claim_id = chosen.claim_id
left join payments on payments.claim_id = chosen.claim_id
left join names on names.driver_id = chosen.driver_id
order by chosen.lead_date, chosen.lead_source_pk, chosen.milestone_value, chosen.claim_id
