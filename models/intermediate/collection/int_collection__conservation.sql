-- Nothing is lost and nothing is counted twice: each check's left side, the parts of its right side, and their difference, which is always
-- zero. Sides come from different models where they can. Terms that stand APART are told and not summed. By run. A partial build adds what
-- the rows that moved since the live run change to the terms that it told; the next build of everything counts all rows again.
-- depends_on: {{ ref('int_collection__claims_paid') }}, {{ ref('int_collection__financial') }}
-- depends_on: {{ ref('int_collection__funnel') }}, {{ ref('int_collection__settlements') }}, {{ ref('int_payments__versions') }}
-- depends_on: {{ ref('int_states__claims_read') }}, {{ ref('int_states__exclusions') }}, {{ ref('int_states__lead_claims') }}
-- depends_on: {{ ref('int_states__leads') }}, {{ ref('int_states__leads_read') }}
{{ config(materialized='versioned', unique_key=['check_code', 'term']) }}

with source_leads as (
    {{ moved_rows(ref('int_states__leads_read')) }}
),

leads as (
    {{ moved_rows(ref('int_states__leads')) }}
),

exclusions as (
    {{ moved_rows(ref('int_states__exclusions')) }}
),

lead_claims as (
    {{ moved_rows(ref('int_states__lead_claims')) }}
),

expected as (
    select * from lead_claims where claim_expected
),

claim_rows as (
    {{ moved_rows(ref('int_states__claims_read')) }}
),

claims_paid as (
    {{ moved_rows(ref('int_collection__claims_paid')) }}
),

versions as (
    select * from {{ ref('int_payments__versions') }}
),

settlements as (
    {{ moved_rows(ref('int_collection__settlements')) }}
),

funnel as (
    {{ moved_rows(ref('int_collection__funnel')) }}
),

financial as (
    {{ moved_rows(ref('int_collection__financial')) }}
),

terms as (
    select 'LEADS' as check_code, 'LEADS_READ' as term, 'LEFT' as side, 'LEADS' as unit, cast(sum(weight) as numeric) as value from source_leads
    union all
    select 'LEADS', 'IN_LIMBO', 'RIGHT', 'LEADS', sum(weight) from leads
    union all
    select 'LEADS', 'EXCLUDED', 'RIGHT', 'LEADS', sum(weight) from exclusions where source = 'leads'
    union all
    select 'STAGES', 'IN_LIMBO', 'LEFT', 'LEADS', sum(weight) from leads
    {% for stage in ['NO_IDENTITY', 'NO_DRIVER', 'NO_TRIPS_14D', 'TRIPS_NO_CLAIM', 'OK'] %}
    union all
    select 'STAGES', '{{ stage }}', 'RIGHT', 'LEADS', sum(limbo_{{ stage | lower }} * weight) from funnel
    {% endfor %}
    union all
    select 'EXPECTED', 'EXPECTED', 'LEFT', 'PEN', sum(amount_expected * weight) from expected
    union all
    select 'EXPECTED', 'LIVE', 'RIGHT', 'PEN', sum(amount_expected * weight) from claims_paid where is_expected and is_live_claim
    union all
    select 'EXPECTED', 'REJECTED', 'RIGHT', 'PEN', sum(amount_expected * weight) from claims_paid where is_expected and claim_row_status = 'rejected'
    union all
    select 'EXPECTED', 'EXPIRED', 'RIGHT', 'PEN', sum(amount_expected * weight) from claims_paid where is_expected and claim_row_status = 'expired'
    union all
    select 'EXPECTED', 'MISSING', 'RIGHT', 'PEN', sum(amount_expected * weight) from lead_claims where claim_status = 'CLAIM_NOT_GENERATED'
    union all
    select 'EXPECTED', 'DUPLICATES', 'APART', 'PEN', sum(amount_expected * weight) from lead_claims where expected_reason = 'DUPLICATE_LEAD'
    union all
    select 'EXPECTED', 'OVERLAPS', 'APART', 'PEN', sum(amount_expected * weight) from expected where overlaps_lead_source_pk is not null
    union all
    select 'LIVE', 'LIVE', 'LEFT', 'PEN', sum(amount_expected * weight) from expected where claim_row_status in ('expected', 'generated', 'paid')
    union all
    select 'LIVE', 'PAID', 'RIGHT', 'PEN', sum(paid_amount * weight) from claims_paid where is_expected
    union all
    select 'LIVE', 'DUE', 'RIGHT', 'PEN', sum(due_amount * weight) from claims_paid where is_expected
    union all
    select 'LIVE', 'PAID_WITHOUT_PAYMENT', 'APART', 'PEN', sum(paid_amount * weight) from claims_paid where is_expected and payment_id is null
    union all
    select 'CLAIMS', 'CLAIM_ROWS', 'LEFT', 'CLAIMS', sum(weight) from claim_rows
    union all
    select 'CLAIMS', 'EXPECTED', 'RIGHT', 'CLAIMS', sum(weight) from claims_paid where is_expected
    union all
    select 'CLAIMS', 'NOT_EXPECTED', 'RIGHT', 'CLAIMS', sum(weight) from claims_paid where not is_expected
    {% for milestone in [1, 5, 25] %}
    union all
    select 'PAYMENTS', 'STATED_M{{ milestone }}', 'LEFT', 'STATEMENTS', count(distinct payment_id) from versions where paid_m{{ milestone }}
    {% endfor %}
    {% for outcome in ['SETTLES', 'UNAPPLIED', 'REVERSED'] %}
    union all
    select 'PAYMENTS', '{{ outcome }}', 'RIGHT', 'STATEMENTS', sum(weight) from settlements where outcome = '{{ outcome }}'
    {% endfor %}
    union all
    select 'SETTLED', 'SETTLED_BY_PAYMENTS', 'LEFT', 'PEN', sum(amount * weight) from settlements where outcome = 'SETTLES'
    union all
    select 'SETTLED', 'ON_EXPECTED_CLAIMS', 'RIGHT', 'PEN', sum(paid_amount * weight) from claims_paid where payment_id is not null and is_expected
    union all
    select 'SETTLED', 'ON_OTHER_CLAIMS', 'RIGHT', 'PEN', sum(paid_amount * weight) from claims_paid where payment_id is not null and not is_expected
    union all
    select 'SETTLED', 'UNAPPLIED', 'APART', 'PEN', sum(amount * weight) from settlements where outcome = 'UNAPPLIED'
    union all
    select 'SETTLED', 'REVERSED', 'APART', 'PEN', sum(amount * weight) from settlements where outcome = 'REVERSED'
    union all
    select 'WEEKS', 'EXPECTED', 'LEFT', 'PEN', sum(amount_expected * weight) from expected
    union all
    select 'WEEKS', 'SUM_OF_WEEKS', 'RIGHT', 'PEN', sum(debt_expected_total * weight) from funnel
    union all
    select 'WEEKS_LEADS', 'IN_LIMBO', 'LEFT', 'LEADS', sum(weight) from leads
    union all
    select 'WEEKS_LEADS', 'SUM_OF_WEEKS', 'RIGHT', 'LEADS', sum(leads_total * weight) from funnel
    union all
    select 'DRIVERS', 'EXPECTED', 'LEFT', 'PEN', sum(amount_expected * weight) from expected
    union all
    select 'DRIVERS', 'SUM_OF_DRIVERS', 'RIGHT', 'PEN', sum(expected_amount * weight) from financial
    union all
    select 'DRIVERS_PAID', 'PAID', 'LEFT', 'PEN', sum(paid_amount * weight) from claims_paid where is_expected
    union all
    select 'DRIVERS_PAID', 'SUM_OF_DRIVERS', 'RIGHT', 'PEN', sum(paid_amount * weight) from financial
),

{% if partial() %}
known as (
    select check_code, term, value from {{ this }} where valid_to_run = {{ open_end() }}
),

valued as (
    select
        terms.check_code,
        terms.term,
        terms.side,
        terms.unit,
        -- Statements of the payment list are counted whole: one that was taken back still counts.
        coalesce(terms.value, 0) + case when terms.unit = 'STATEMENTS' and terms.side = 'LEFT' then 0 else known.value end as value
    from terms
    inner join known on known.check_code = terms.check_code and known.term = terms.term
),
{% else %}
valued as (
    select check_code, term, side, unit, coalesce(value, 0) as value from terms
),
{% endif %}

int_collection__conservation as (
    select
        check_code,
        term,
        side,
        unit,
        cast(value as numeric(16, 2)) as value,
        cast(
            sum(case side when 'LEFT' then value when 'RIGHT' then -value else 0 end) over (partition by check_code) as numeric(16, 2)
        ) as difference
    from valued
)

select * from int_collection__conservation
