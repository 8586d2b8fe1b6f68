-- Nothing is lost and nothing is counted twice: each check's left side, the parts of its right side, and their difference, which is always
-- zero. Sides come from different models where they can. Terms that stand APART are told and not summed. By run.
{{ config(materialized='versioned', unique_key=['check_code', 'term']) }}

with source_leads as (
    select * from {{ ref('int_leads__read') }}
),

leads as (
    select * from {{ ref('int_states__leads') }} as states where {{ is_candidate('states') }}
),

exclusions as (
    select * from {{ ref('int_states__exclusions') }} as states where {{ is_candidate('states') }}
),

lead_claims as (
    select * from {{ ref('int_states__lead_claims') }} as states where {{ is_candidate('states') }}
),

expected as (
    select * from lead_claims where claim_expected
),

claim_rows as (
    select * from {{ ref('int_claims__read') }}
),

claims_paid as (
    select * from {{ ref('int_collection__claims_paid') }} as states where {{ is_candidate('states') }}
),

versions as (
    select * from {{ ref('int_payments__versions') }}
),

settlements as (
    select * from {{ ref('int_collection__settlements') }} as states where {{ is_candidate('states') }}
),

funnel as (
    select * from {{ ref('int_collection__funnel') }} as states where {{ is_candidate('states') }}
),

financial as (
    select * from {{ ref('int_collection__financial') }} as states where {{ is_candidate('states') }}
),

terms as (
    select 'LEADS' as check_code, 'LEADS_READ' as term, 'LEFT' as side, 'LEADS' as unit, cast(count(*) as numeric) as value from source_leads
    union all
    select 'LEADS', 'IN_LIMBO', 'RIGHT', 'LEADS', count(*) from leads
    union all
    select 'LEADS', 'EXCLUDED', 'RIGHT', 'LEADS', count(*) from exclusions where source = 'leads'
    union all
    select 'STAGES', 'IN_LIMBO', 'LEFT', 'LEADS', count(*) from leads
    {% for stage in ['NO_IDENTITY', 'NO_DRIVER', 'NO_TRIPS_14D', 'TRIPS_NO_CLAIM', 'OK'] %}
    union all
    select 'STAGES', '{{ stage }}', 'RIGHT', 'LEADS', sum(limbo_{{ stage | lower }}) from funnel
    {% endfor %}
    union all
    select 'EXPECTED', 'EXPECTED', 'LEFT', 'PEN', sum(amount_expected) from expected
    union all
    select 'EXPECTED', 'LIVE', 'RIGHT', 'PEN', sum(amount_expected) from claims_paid where is_expected and is_live_claim
    union all
    select 'EXPECTED', 'REJECTED', 'RIGHT', 'PEN', sum(amount_expected) from claims_paid where is_expected and claim_row_status = 'rejected'
    union all
    select 'EXPECTED', 'EXPIRED', 'RIGHT', 'PEN', sum(amount_expected) from claims_paid where is_expected and claim_row_status = 'expired'
    union all
    select 'EXPECTED', 'MISSING', 'RIGHT', 'PEN', sum(amount_expected) from lead_claims where claim_status = 'CLAIM_NOT_GENERATED'
    union all
    select 'EXPECTED', 'DUPLICATES', 'APART', 'PEN', sum(amount_expected) from lead_claims where expected_reason = 'DUPLICATE_LEAD'
    union all
    select 'EXPECTED', 'OVERLAPS', 'APART', 'PEN', sum(amount_expected) from expected where overlaps_lead_source_pk is not null
    union all
    select 'LIVE', 'LIVE', 'LEFT', 'PEN', sum(amount_expected) from expected where claim_row_status in ('expected', 'generated', 'paid')
    union all
    select 'LIVE', 'PAID', 'RIGHT', 'PEN', sum(paid_amount) from claims_paid where is_expected
    union all
    select 'LIVE', 'DUE', 'RIGHT', 'PEN', sum(due_amount) from claims_paid where is_expected
    union all
    select 'LIVE', 'PAID_WITHOUT_PAYMENT', 'APART', 'PEN', sum(paid_amount) from claims_paid where is_expected and payment_id is null
    union all
    select 'CLAIMS', 'CLAIM_ROWS', 'LEFT', 'CLAIMS', count(*) from claim_rows where claim_id <= (select max(claims_paid.claim_id) from claims_paid)
    union all
    select 'CLAIMS', 'EXPECTED', 'RIGHT', 'CLAIMS', count(*) from claims_paid where is_expected
    union all
    select 'CLAIMS', 'NOT_EXPECTED', 'RIGHT', 'CLAIMS', count(*) from claims_paid where not is_expected
    {% for milestone in [1, 5, 25] %}
    union all
    select 'PAYMENTS', 'STATED_M{{ milestone }}', 'LEFT', 'STATEMENTS', count(distinct payment_id) from versions where paid_m{{ milestone }}
    {% endfor %}
    {% for outcome in ['SETTLES', 'UNAPPLIED', 'REVERSED'] %}
    union all
    select 'PAYMENTS', '{{ outcome }}', 'RIGHT', 'STATEMENTS', count(*) from settlements where outcome = '{{ outcome }}'
    {% endfor %}
    union all
    select 'SETTLED', 'SETTLED_BY_PAYMENTS', 'LEFT', 'PEN', sum(amount) from settlements where outcome = 'SETTLES'
    union all
    select 'SETTLED', 'ON_EXPECTED_CLAIMS', 'RIGHT', 'PEN', sum(paid_amount) from claims_paid where payment_id is not null and is_expected
    union all
    select 'SETTLED', 'ON_OTHER_CLAIMS', 'RIGHT', 'PEN', sum(paid_amount) from claims_paid where payment_id is not null and not is_expected
    union all
    select 'SETTLED', 'UNAPPLIED', 'APART', 'PEN', sum(amount) from settlements where outcome = 'UNAPPLIED'
    union all
    select 'SETTLED', 'REVERSED', 'APART', 'PEN', sum(amount) from settlements where outcome = 'REVERSED'
    union all
    select 'WEEKS', 'EXPECTED', 'LEFT', 'PEN', sum(amount_expected) from expected
    union all
    select 'WEEKS', 'SUM_OF_WEEKS', 'RIGHT', 'PEN', sum(debt_expected_total) from funnel
    union all
    select 'WEEKS_LEADS', 'IN_LIMBO', 'LEFT', 'LEADS', count(*) from leads
    union all
    select 'WEEKS_LEADS', 'SUM_OF_WEEKS', 'RIGHT', 'LEADS', sum(leads_total) from funnel
    union all
    select 'DRIVERS', 'EXPECTED', 'LEFT', 'PEN', sum(amount_expected) from expected
    union all
    select 'DRIVERS', 'SUM_OF_DRIVERS', 'RIGHT', 'PEN', sum(expected_amount) from financial
    union all
    select 'DRIVERS_PAID', 'PAID', 'LEFT', 'PEN', sum(paid_amount) from claims_paid where is_expected
    union all
    select 'DRIVERS_PAID', 'SUM_OF_DRIVERS', 'RIGHT', 'PEN', sum(paid_amount) from financial
),

int_collection__conservation as (
    select
        check_code,
        term,
        side,
        unit,
        cast(coalesce(value, 0) as numeric(16, 2)) as value,
        cast(
            sum(case side when 'LEFT' then coalesce(value, 0) when 'RIGHT' then -coalesce(value, 0) else 0 end) over (partition by check_code)
            as numeric(16, 2)
        ) as difference
    from terms
)

select * from int_collection__conservation
