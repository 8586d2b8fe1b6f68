-- Every week's five stages add up to its leads, and the weeks to all (checked against the source, not against the states).
-- depends_on: {{ ref('int_leads__read') }}, {{ ref('int_states__leads') }}, {{ ref('int_states__weeks_due') }}
with source_weeks as (
    select read.week_start, count(*) as leads
    from {{ ref('int_leads__read') }} as read
    {% if partial() %}
    inner join {{ ref('int_states__weeks_due') }} as due on due.week_start <= read.lead_date and due.week_start + 7 > read.lead_date
    {% endif %}
    where read.exclusion_reason is null
    group by read.week_start
),

state_weeks as (
    select
        states.week_start,
        sum(case when states.limbo_stage in ('NO_IDENTITY', 'NO_DRIVER', 'NO_TRIPS_14D', 'TRIPS_NO_CLAIM', 'OK') then 1 else 0 end) as leads
    from {{ ref('int_states__leads') }} as states
    {% if partial() %}inner join {{ ref('int_states__weeks_due') }} as due on due.week_start = states.week_start{% endif %}
    where {{ is_candidate('states') }}
    group by states.week_start
)

select coalesce(source_weeks.week_start, state_weeks.week_start) as week_start, source_weeks.leads, state_weeks.leads as staged_leads
from source_weeks
full join state_weeks on state_weeks.week_start = source_weeks.week_start
where source_weeks.leads is distinct from state_weeks.leads
