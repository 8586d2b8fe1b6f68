-- Trip rows of the source = rows that count or were replaced + rejected rows. A count of the source is all it takes, so this holds however
-- the rows were read (F12: a bad date used to hide them). Dates that changed while the build was reading are left to the next one; a partial
-- build looks at the dates that it read.
{% set is_read = 'read_texts.changed_run > ' ~ last_run_id() ~ '' if partial() else 'true' %}
with texts as (
    select
        date_text,
        trip_date,
        source_rows,
        bool_or({{ is_open_text('read_texts') }})
            over (partition by coalesce(cast(trip_date as text), date_text)) as is_open,
        bool_or({{ is_read }}) over (partition by coalesce(cast(trip_date as text), date_text)) as is_read
    from {{ ref('int_trips__days') }} as read_texts
),

settled as (
    select * from texts where is_read and not is_open
),

in_source as (
    select coalesce(sum(source_rows), 0) as source_rows from settled
),

in_days as (
    select coalesce(sum(of_date.source_rows), 0) as source_rows
    {% if partial() and are_few_texts(ref('int_trips__days'), is_read, 'read_texts') %}
    from (select distinct trip_date from settled) as dates
    {{ for_each("select sum(held.source_rows) as source_rows from " ~ ref('int_trips__driver_days') ~ " as held where held.trip_date = dates.trip_date",
                'of_date') }}
    {% else %}
    from {{ ref('int_trips__driver_days') }} as of_date
    where of_date.trip_date not in (select texts.trip_date from texts where texts.trip_date is not null and (texts.is_open or not texts.is_read))
    {% endif %}
),

rejected as (
    select coalesce(sum(rejected.source_rows), 0) as source_rows
    from {{ ref('int_trips__rejected') }} as rejected
    where rejected.date_text in (select settled.date_text from settled)
)

select in_source.source_rows, in_days.source_rows as counted_rows, rejected.source_rows as rejected_rows
from in_source
cross join in_days
cross join rejected
where in_source.source_rows <> in_days.source_rows + rejected.source_rows
