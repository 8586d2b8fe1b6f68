-- Missing claims and money: per scope, milestone and status of the claim row. Only claims that are due are summed (D-2).
-- Drivers are told apart in the trailing 21 days only; weeks are named too, since the states stand in the order of weeks.
with recent as (
    select {{ week_start(as_of_date() ~ ' - 21') }} as first_week, {{ as_of_date() }} - 21 as first_day
),

lead_states as (
    select states.driver_id, states.trips_14d
    from {{ ref('int_states__leads') }} as states
    cross join recent
    where {{ is_candidate('states') }} and states.week_start >= recent.first_week and states.lead_date >= recent.first_day
),

gap_states as (
    select states.driver_id
    from {{ ref('int_states__lead_claims') }} as states
    cross join recent
    where {{ is_candidate('states') }} and states.claim_status = 'CLAIM_NOT_GENERATED'
        and states.week_start >= recent.first_week and states.lead_date >= recent.first_day
),

unsupported as (
    select count(*) as claims, coalesce(sum(states.amount_expected), 0) as amount
    from {{ ref('int_states__claims_unsupported') }} as states
    where {{ is_candidate('states') }}
),

claim_days as (
    select
        states.week_start,
        states.milestone,
        states.claim_state,
        {{ as_of_date() }} - states.lead_date as age_days,
        states.claims,
        states.amount
    from {{ ref('int_states__claim_days') }} as states
    where {{ is_candidate('states') }} and states.claim_expected
),

lead_days as (
    select states.week_start from {{ ref('int_states__lead_days') }} as states where {{ is_candidate('states') }}
),

gaps as (
    select * from claim_days where claim_state = 'missing'
),

weeks as (
    {% for back in range(9) -%}
    select {{ week_start(as_of_date()) }} - {{ 7 * back }} as week_start{{ ' union all' if not loop.last }}
    {% endfor %}
),

scopes as (
    select 'ALL' as scope, '' as scope_value
    union all
    select 'TRAILING_21D', ''
    union all
    select distinct 'MILESTONE', cast(milestones.milestone as text)
    from {{ ref('milestones') }} as milestones
    union all
    select 'WEEK', cast(weeks.week_start as text)
    from weeks
    where weeks.week_start >= (select min(lead_days.week_start) from lead_days)
),

missing as (
    select
        scopes.scope,
        scopes.scope_value,
        coalesce(sum(gaps.claims), 0) as claims,
        coalesce(sum(gaps.amount), 0) as amount,
        -- No gap is no days old.
        coalesce(1.0 * sum(gaps.age_days * gaps.claims) / sum(gaps.claims), 0) as age_days
    from scopes
    left join gaps
        on scopes.scope = 'ALL'
        or (scopes.scope = 'TRAILING_21D' and gaps.age_days <= 21)
        or (scopes.scope = 'MILESTONE' and cast(gaps.milestone as text) = scopes.scope_value)
        or (scopes.scope = 'WEEK' and cast(gaps.week_start as text) = scopes.scope_value)
    group by scopes.scope, scopes.scope_value
),

claim_statuses as (
    {% for status in ['missing', 'expected', 'generated', 'paid', 'rejected', 'expired'] -%}
    select '{{ status }}' as claim_state{{ ' union all' if not loop.last }}
    {% endfor %}
),

by_status as (
    select
        claim_statuses.claim_state,
        coalesce(sum(claim_days.claims), 0) as claims,
        coalesce(sum(claim_days.amount), 0) as amount
    from claim_statuses
    left join claim_days on claim_days.claim_state = claim_statuses.claim_state
    group by claim_statuses.claim_state
),

drivers as (
    select
        (select count(distinct lead_states.driver_id) from lead_states where lead_states.trips_14d > 0) as with_trips,
        (select count(distinct gap_states.driver_id) from gap_states) as with_gap
),

int_metrics__claims as (
    select 'claims_missing' as metric, scope, scope_value, cast(claims as numeric(18, 4)) as value, 'COUNT' as unit from missing
    union all
    select 'amount_missing', scope, scope_value, cast(amount as numeric(18, 4)), 'PEN' from missing
    union all
    select 'avg_gap_age_days', scope, scope_value, cast(age_days as numeric(18, 4)), 'DAYS' from missing where scope in ('ALL', 'TRAILING_21D')
    union all
    select 'claims', 'CLAIM_STATUS', claim_state, cast(claims as numeric(18, 4)), 'COUNT' from by_status
    union all
    select 'claims_amount', 'CLAIM_STATUS', claim_state, cast(amount as numeric(18, 4)), 'PEN' from by_status
    union all
    select 'claims_amount', 'ALL', '', cast(sum(amount) as numeric(18, 4)), 'PEN' from by_status
    union all
    select 'drivers_with_trips', 'TRAILING_21D', '', cast(with_trips as numeric(18, 4)), 'COUNT' from drivers
    union all
    select 'drivers_with_gap', 'TRAILING_21D', '', cast(with_gap as numeric(18, 4)), 'COUNT' from drivers
    union all
    select 'pct_drivers_with_gap', 'TRAILING_21D', '', {{ share_in_percent('with_gap', 'with_trips') }}, 'PERCENT' from drivers where with_trips > 0
    union all
    select 'claims_unsupported', 'ALL', '', cast(claims as numeric(18, 4)), 'COUNT' from unsupported
    union all
    select 'amount_unsupported', 'ALL', '', cast(amount as numeric(18, 4)), 'PEN' from unsupported
)

select * from int_metrics__claims
