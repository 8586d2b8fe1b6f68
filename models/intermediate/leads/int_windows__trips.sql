-- Trips of a driver in a window (R6). A pair is computed when it is new, when a driver-day inside it changed after it was last computed,
-- or when the as-of date moved across it. Each row remembers the run and the as-of date it was computed for, so that a build that died
-- half-way leaves nothing to remember elsewhere.
{{ config(
    materialized='incremental',
    unique_key=['driver_id', 'window_start', 'window_end'],
    on_schema_change='fail',
    indexes=[
        {'columns': ['driver_id', 'window_start', 'window_end'], 'unique': true},
        {'columns': ['computed_run']},
        {'columns': ['window_end']},
    ],
    post_hook=[
        "create index if not exists int_windows__trips_open on {{ this }} (window_end) where window_end > as_of_date + 1",
        "{{ analyze_if_moved('computed_run > ' ~ last_run_id() ~ '') }}",
    ],
) }}

{#- A partial build looks each changed day up: for some ten thousands the planner would rather read all windows. -#}
{% set windows_of_day %}
select held.driver_id, held.window_start, held.window_end
from {{ this }} as held
where held.driver_id = changed_days.driver_id
    and held.window_start <= changed_days.trip_date
    and held.window_end > changed_days.trip_date
    and held.computed_run < changed_days.changed_run
{% endset %}
with needed as (
    select * from {{ ref('int_windows__needed') }}
),

driver_days as {{ 'not materialized ' if is_incremental() }}(
    select * from {{ ref('int_trips__driver_days') }}
),

{% if is_incremental() %}
-- Looked up by key in several places: read whole they would cost the history.
known as not materialized (
    select * from {{ this }}
),

-- Days that a published run took in were counted by it.
changed_days as (
    select driver_id, trip_date, changed_run
    from driver_days
    where changed_run > {{ last_run_id() }}
),

touched as (
    select distinct known.driver_id, known.window_start, known.window_end
    from changed_days
    {% if partial() %}
    {{ for_each(windows_of_day, 'known') }}
    {% else %}
    inner join known
        on known.driver_id = changed_days.driver_id
        and known.window_start <= changed_days.trip_date
        and known.window_end > changed_days.trip_date
        and known.computed_run < changed_days.changed_run
    {% endif %}
),

-- A driver-days table that was made anew is younger than every window.
oldest_day as (
    select coalesce(min(changed_run), {{ current_run_id() }}) as changed_run from driver_days
),

-- Windows in which the as-of date moved. Each branch has an index of its own: most windows closed long ago and are never looked at.
shifted as (
    select driver_id, window_start, window_end
    from known
    where computed_run < (select oldest_day.changed_run from oldest_day)
    union
    select driver_id, window_start, window_end
    from known
    where window_end > as_of_date + 1 and as_of_date < {{ as_of_date() }} and window_start <= {{ as_of_date() }}
    union
    select driver_id, window_start, window_end
    from known
    where window_end > {{ as_of_date() }} + 1 and as_of_date > {{ as_of_date() }} and window_start <= as_of_date
),

-- Known pairs are kept right even while no lead needs them: a lead may need them again.
pairs as (
    select needed.driver_id, needed.window_start, needed.window_end
    from needed
    left join known
        on known.driver_id = needed.driver_id
        and known.window_start = needed.window_start
        and known.window_end = needed.window_end
    where known.driver_id is null
    union
    select driver_id, window_start, window_end from touched
    union
    select driver_id, window_start, window_end from shifted
),
{% else %}
pairs as (
    select * from needed
),
{% endif %}

int_windows__trips as (
    select
        pairs.driver_id,
        pairs.window_start,
        pairs.window_end,
        cast(coalesce(sum(driver_days.trips), 0) as bigint) as trips,
        {{ as_of_date() }} as as_of_date,
        {{ current_run_id() }} as computed_run
    from pairs
    left join driver_days
        on driver_days.driver_id = pairs.driver_id
        and driver_days.trip_date >= pairs.window_start
        and driver_days.trip_date < pairs.window_end
        and driver_days.trip_date <= {{ as_of_date() }}
    group by pairs.driver_id, pairs.window_start, pairs.window_end
)

select * from int_windows__trips
