-- The day's figures are those of the states they are published with: leads per stage, gaps per milestone and money per status add up.
-- Alerts read nothing else; a figure that is off would fire, or stay silent, for nothing, and the memory can't be mended later.
-- depends_on: {{ ref('int_metrics__daily') }}, {{ ref('int_states__claim_days') }}, {{ ref('int_states__lead_claims') }}
-- depends_on: {{ ref('int_states__lead_days') }}, {{ ref('int_states__leads') }}
with metrics as (
    select
        states.metric || ' ' || states.scope as figure,
        sum(states.value) as told
    from {{ ref('int_metrics__daily') }} as states
    where {{ is_candidate('states') }}
        and states.as_of_date = {{ as_of_date() }}
        and (
            (states.metric = 'leads' and states.scope in ('ALL', 'STAGE'))
            or (states.metric = 'amount_missing' and states.scope in ('ALL', 'MILESTONE'))
            or (states.metric = 'claims_amount' and states.scope in ('ALL', 'CLAIM_STATUS'))
        )
    group by states.metric, states.scope
),

{% if partial() %}
-- The rollups, which this very build holds to the states day by day (rollups_add_up_to_the_states).
leads as (
    select coalesce(sum(states.leads), 0) as leads from {{ ref('int_states__lead_days') }} as states where {{ is_candidate('states') }}
),

money as (
    select
        coalesce(sum(states.amount), 0) as expected,
        coalesce(sum(case when states.claim_status = 'CLAIM_NOT_GENERATED' then states.amount end), 0) as missing
    from {{ ref('int_states__claim_days') }} as states
    where {{ is_candidate('states') }} and states.claim_expected
),
{% else %}
leads as (
    select count(*) as leads from {{ ref('int_states__leads') }} as states where {{ is_candidate('states') }}
),

money as (
    select
        coalesce(sum(states.amount_expected), 0) as expected,
        coalesce(sum(case when states.claim_status = 'CLAIM_NOT_GENERATED' then states.amount_expected end), 0) as missing
    from {{ ref('int_states__lead_claims') }} as states
    where {{ is_candidate('states') }} and states.claim_expected
),
{% endif %}

counted as (
    select 'leads ALL' as figure, leads as value from leads
    union all
    select 'leads STAGE', leads from leads
    union all
    select 'amount_missing ALL', missing from money
    union all
    select 'amount_missing MILESTONE', missing from money
    union all
    select 'claims_amount ALL', expected from money
    union all
    select 'claims_amount CLAIM_STATUS', expected from money
)

select counted.figure, counted.value, metrics.told
from counted
left join metrics on metrics.figure = counted.figure
where counted.value is distinct from metrics.told
