-- Leads per stage, for all time, the trailing 21 days and each of the last nine weeks; weeks before the first lead do not exist.
{%- set counts = {
    'leads': 'true',
    'leads_no_identity': "limbo_stage = 'NO_IDENTITY'",
    'leads_no_driver': "limbo_stage = 'NO_DRIVER'",
    'leads_no_trips_14d': "limbo_stage = 'NO_TRIPS_14D'",
    'leads_trips_no_claim': "limbo_stage = 'TRIPS_NO_CLAIM'",
    'leads_ok': "limbo_stage = 'OK'",
    'leads_with_identity': "limbo_stage <> 'NO_IDENTITY'",
    'leads_with_driver': "limbo_stage not in ('NO_IDENTITY', 'NO_DRIVER')",
    'leads_no_identity_over_1d': "limbo_stage = 'NO_IDENTITY' and age_days >= 1",
    'leads_no_identity_over_2d': "limbo_stage = 'NO_IDENTITY' and age_days >= 2",
    'leads_no_identity_over_7d': "limbo_stage = 'NO_IDENTITY' and age_days >= 7",
} %}
{%- set shares = {
    'pct_with_identity': share_in_percent('leads_with_identity', 'leads'),
    'pct_without_identity': share_in_percent('leads_no_identity', 'leads'),
    'pct_with_driver': share_in_percent('leads_with_driver', 'leads_with_identity'),
} %}

with lead_days as (
    select
        states.lead_date,
        states.week_start,
        states.limbo_stage,
        {{ as_of_date() }} - states.lead_date as age_days,
        states.leads
    from {{ ref('int_states__lead_days') }} as states
    where {{ is_candidate('states') }}
),

weeks as (
    {% for back in range(9) %}
    select {{ week_start(as_of_date()) }} - {{ 7 * back }} as week_start{{ ' union all' if not loop.last }}
    {% endfor %}
),

scopes as (
    select 'ALL' as scope, '' as scope_value
    union all
    select 'TRAILING_21D', ''
    union all
    select 'WEEK', cast(weeks.week_start as text)
    from weeks
    where weeks.week_start >= (select min(lead_days.week_start) from lead_days)
),

scoped as (
    select scopes.scope, scopes.scope_value, lead_days.*
    from scopes
    left join lead_days
        on scopes.scope = 'ALL'
        or (scopes.scope = 'TRAILING_21D' and lead_days.age_days <= 21)
        or (scopes.scope = 'WEEK' and cast(lead_days.week_start as text) = scopes.scope_value)
),

totals as (
    select
        {% for metric, condition in counts.items() %}
        coalesce(sum(case when {{ condition }} then leads end), 0) as {{ metric }},
        {% endfor %}
        scope,
        scope_value
    from scoped
    group by scope, scope_value
),

stages as (
    {% for stage in ['NO_IDENTITY', 'NO_DRIVER', 'NO_TRIPS_14D', 'TRIPS_NO_CLAIM', 'OK'] %}
    select '{{ stage }}' as limbo_stage{{ ' union all' if not loop.last }}
    {% endfor %}
),

int_metrics__leads as (
    {% for metric in counts %}
    select '{{ metric }}' as metric, scope, scope_value, cast({{ metric }} as numeric(18, 4)) as value, 'COUNT' as unit from totals
    union all
    {% endfor %}
    {% for metric, share in shares.items() %}
    select '{{ metric }}', scope, scope_value, {{ share }}, 'PERCENT' from totals where {{ share }} is not null
    union all
    {% endfor %}
    select 'leads', 'STAGE', stages.limbo_stage, cast(coalesce(sum(lead_days.leads), 0) as numeric(18, 4)), 'COUNT'
    from stages
    left join lead_days on lead_days.limbo_stage = stages.limbo_stage
    group by stages.limbo_stage
)

select * from int_metrics__leads
