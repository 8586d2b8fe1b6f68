-- One row per milestone of each lead that moved: is a claim due (R11, D-2), is there one (R13, D-4), and how the two agree (D-10, D-21).
-- Nothing here reads payments (R12).
with leads as (
    select * from {{ ref('int_leads__windowed') }}
),

milestones as (
    select * from {{ ref('milestones') }}
),

places as (
    select distinct person_key, lead_date from leads where person_key is not null
),

claims as (
    select raised.*
    from places
    inner join {{ ref('int_claims__read') }} as raised on raised.person_key = places.person_key and raised.lead_date = places.lead_date
    where not raised.is_repeat
),

-- Claims by the lead that they were raised for, whoever its person was then: links made anew must not bill a lead twice.
claims_by_lead as (
    select raised.lead_source_pk, raised.milestone, min(raised.claim_id) as claim_id
    from leads
    inner join {{ ref('int_claims__read') }} as raised on raised.lead_source_pk = leads.lead_source_pk
    where not raised.is_repeat
    group by raised.lead_source_pk, raised.milestone
),

reached as (
    select
        leads.*,
        milestones.milestone,
        milestones.amount as amount_expected,
        leads.trips_14d >= milestones.trips as milestone_reached
    from leads
    inner join milestones
        on (milestones.valid_from is null or milestones.valid_from <= leads.lead_date)
        and (milestones.valid_to is null or milestones.valid_to >= leads.lead_date)
),

judged as (
    select
        reached.*,
        case
            when person_key is null then 'NO_IDENTITY'
            when driver_id is null then 'NO_DRIVER'
            when not milestone_reached then 'INSUFFICIENT_TRIPS'
            when duplicate_of_lead_source_pk is not null then 'DUPLICATE_LEAD'
            else 'OK'
        end as expected_reason
    from reached
),

with_claim as (
    select
        judged.*,
        judged.expected_reason = 'OK' as claim_expected,
        claims.claim_id is not null as claim_present,
        claims.claim_id,
        claims.claim_row_status,
        claims.is_live_claim,
        claims.claim_amount,
        claims.driver_id as claim_driver_id,
        claims.generated_at,
        claims.paid_at
    from judged
    left join claims
        on claims.person_key = judged.person_key
        and claims.lead_date = judged.lead_date
        and claims.milestone = judged.milestone
),

compared as (
    select
        with_claim.*,
        case
            when duplicate_of_lead_source_pk is not null then 'INVALID'
            when claim_expected and not claim_present then 'CLAIM_NOT_GENERATED'
            when claim_expected and claim_row_status = 'rejected' then 'CLAIM_REJECTED'
            when claim_expected and claim_row_status = 'expired' then 'CLAIM_EXPIRED'
            when claim_expected and claim_amount <> amount_expected then 'UNSUPPORTED'
            when claim_expected then 'OK'
            when claim_present then 'UNSUPPORTED'
            else 'INVALID'
        end as claim_status
    from with_claim
),

gap_text as (
    select * from {{ ref('catalogue') }} where kind = 'gap_detail'
),

int_claims__expected as (
    select
        compared.lead_id,
        compared.lead_source_pk,
        compared.person_key,
        compared.driver_id,
        compared.claim_id,
        compared.expected_reason,
        compared.claim_status,
        case
            when not compared.claim_expected then compared.expected_reason
            when compared.claim_status in ('CLAIM_NOT_GENERATED', 'CLAIM_REJECTED', 'CLAIM_EXPIRED') then compared.claim_status
            else 'OK'
        end as gap_reason,
        compared.claim_row_status,
        case
            when compared.claim_status <> 'UNSUPPORTED' then null
            when compared.claim_expected then 'AMOUNT_OFF_CATALOGUE'
            when compared.driver_id is null then 'NO_DRIVER'
            when compared.claim_driver_id <> compared.driver_id then 'DRIVER_CHANGED'
            else 'TRIPS_BELOW_MILESTONE'
        end as unsupported_cause,
        case when compared.claim_status = 'CLAIM_NOT_GENERATED' then claims_by_lead.claim_id end as conflicting_claim_id,
        {{ fill_in('gap_text.' ~ in_language('detail'), {
            'milestone': 'cast(compared.milestone as text)',
            'trips': 'cast(compared.trips_14d as text)',
            'driver_id': 'compared.driver_id',
            'lead_date': 'cast(compared.lead_date as text)',
            'lead_source_pk': 'compared.lead_source_pk',
        }) }} as gap_detail,
        compared.duplicate_of_lead_source_pk,
        compared.overlaps_lead_source_pk,
        compared.milestone,
        compared.trips_14d,
        compared.amount_expected,
        compared.claim_amount as present_amount,
        compared.milestone_reached,
        compared.claim_expected,
        compared.claim_present,
        compared.window_closed,
        compared.week_start,
        compared.lead_date,
        compared.window_end,
        compared.generated_at,
        compared.paid_at
    from compared
    left join gap_text on gap_text.code = compared.claim_status
    left join claims_by_lead
        on claims_by_lead.lead_source_pk = compared.lead_source_pk
        and claims_by_lead.milestone = compared.milestone
)

select * from int_claims__expected
