-- D-21: each claim row is either expected by a lead or listed as unsupported, once. Without this, a false invoice could go unseen.
-- depends_on: {{ ref('int_claims__due') }}, {{ ref('int_claims__read') }}, {{ ref('int_states__claims_unsupported') }}
-- depends_on: {{ ref('int_states__lead_claims') }}
with claims as (
    select states.claim_id
    from {{ ref('int_claims__read') }} as states
    {% if partial() %}inner join {{ ref('int_claims__due') }} as due on due.claim_id = states.claim_id{% endif %}
),

accounted as (
    select states.claim_id
    from {{ ref('int_states__lead_claims') }} as states
    {% if partial() %}inner join {{ ref('int_claims__due') }} as due on due.claim_id = states.claim_id{% endif %}
    where {{ is_candidate('states') }} and states.claim_expected and states.claim_id is not null and states.claim_status <> 'UNSUPPORTED'
    union all
    select states.claim_id
    from {{ ref('int_states__claims_unsupported') }} as states
    {% if partial() %}inner join {{ ref('int_claims__due') }} as due on due.claim_id = states.claim_id{% endif %}
    where {{ is_candidate('states') }}
),

times_accounted as (
    select claim_id, count(*) as times from accounted group by claim_id
)

select claims.claim_id, coalesce(times_accounted.times, 0) as times
from claims
left join times_accounted on times_accounted.claim_id = claims.claim_id
where coalesce(times_accounted.times, 0) <> 1
