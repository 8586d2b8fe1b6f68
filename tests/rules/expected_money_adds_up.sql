-- Money: expected = raised live + rejected + expired + missing, to the cent, with the claims summed from the claim rows themselves.
-- depends_on: {{ ref('int_claims__read') }}, {{ ref('int_leads__moved') }}, {{ ref('int_states__lead_claims') }}
with expected as (
    select states.*
    from {{ ref('int_states__lead_claims') }} as states
    {% if partial() %}inner join {{ ref('int_leads__moved') }} as moved on moved.lead_id = states.lead_id{% endif %}
    where {{ is_candidate('states') }} and states.claim_expected
),

claims as (
    select * from {{ ref('int_claims__read') }} where not is_repeat
),

sums as (
    select
        sum(expected.amount_expected) as expected_amount,
        sum(case when claims.claim_row_status in ('expected', 'generated', 'paid') then expected.amount_expected else 0 end) as live_amount,
        sum(case when claims.claim_row_status = 'rejected' then expected.amount_expected else 0 end) as rejected_amount,
        sum(case when claims.claim_row_status = 'expired' then expected.amount_expected else 0 end) as expired_amount,
        sum(case when expected.claim_status = 'CLAIM_NOT_GENERATED' then expected.amount_expected else 0 end) as missing_amount
    from expected
    left join claims
        on claims.person_key = expected.person_key
        and claims.lead_date = expected.lead_date
        and claims.milestone = expected.milestone
)

select * from sums
where expected_amount <> live_amount + rejected_amount + expired_amount + missing_amount
