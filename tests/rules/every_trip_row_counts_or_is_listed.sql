-- Trip rows of the source = rows that count or were replaced + rejected rows. A count of the source is all it takes, so this holds however
-- the rows were read (F12: a bad date used to hide them). Dates that changed while the build was reading are left to the next one.
with settled as (
    select
        date_text,
        trip_date,
        source_rows,
        bool_and(driver_days_fingerprint = fingerprint and rejected_fingerprint = fingerprint)
            over (partition by coalesce(cast(trip_date as text), date_text)) as is_settled
    from {{ ref('int_trips__days') }}
),

in_source as (
    select coalesce(sum(source_rows), 0) as source_rows from settled where is_settled
),

in_days as (
    select coalesce(sum(driver_days.source_rows), 0) as source_rows
    from {{ ref('int_trips__driver_days') }} as driver_days
    where driver_days.trip_date not in (select settled.trip_date from settled where settled.trip_date is not null and not settled.is_settled)
),

rejected as (
    select coalesce(sum(rejected.source_rows), 0) as source_rows
    from {{ ref('int_trips__rejected') }} as rejected
    where rejected.date_text not in (select settled.date_text from settled where not settled.is_settled)
)

select in_source.source_rows, in_days.source_rows as counted_rows, rejected.source_rows as rejected_rows
from in_source
cross join in_days
cross join rejected
where in_source.source_rows <> in_days.source_rows + rejected.source_rows
