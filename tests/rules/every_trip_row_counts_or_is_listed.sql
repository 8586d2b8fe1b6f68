-- Trip rows of the source = rows that count or were replaced + rejected rows. A count of the source is all it takes, so this holds however
-- the rows were read (F12: a bad date used to hide them).
with in_source as (
    select coalesce(sum(source_rows), 0) as source_rows from {{ ref('int_trips__days') }}
),

in_days as (
    select coalesce(sum(source_rows), 0) as source_rows from {{ ref('int_trips__driver_days') }}
),

rejected as (
    select coalesce(sum(source_rows), 0) as source_rows from {{ ref('int_trips__rejected') }}
)

select in_source.source_rows, in_days.source_rows as counted_rows, rejected.source_rows as rejected_rows
from in_source
cross join in_days
cross join rejected
where in_source.source_rows <> in_days.source_rows + rejected.source_rows
