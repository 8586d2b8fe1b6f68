-- Where each lead that moved stands (R14), with what is reached, claimed and missing.
with leads as (
    select * from {{ ref('int_leads__windowed') }}
),

lead_claims as (
    select states.*
    from {{ ref('int_leads__moved') }} as moved
    inner join {{ ref('int_states__lead_claims') }} as states on states.lead_id = moved.lead_id
    where {{ is_candidate('states') }}
),

catalogue as (
    select * from {{ ref('catalogue') }} where kind = 'stage_detail'
),

claims_of_lead as (
    select
        lead_id,
        {% for milestone in [1, 5, 25] %}
        max(case when milestone = {{ milestone }} and milestone_reached then 1 else 0 end) = 1 as reached_m{{ milestone }},
        max(case when milestone = {{ milestone }} and claim_present then 1 else 0 end) = 1 as has_claim_m{{ milestone }},
        max(case when milestone = {{ milestone }} then claim_row_status end) as claim_status_m{{ milestone }},
        max(case when milestone = {{ milestone }} and milestone_reached and not claim_present then 'M{{ milestone }}' end) as missing_m{{ milestone }},
        {% endfor %}
        min(case when milestone_reached and not claim_present then milestone end) as lowest_missing,
        cast(sum(case when milestone_reached then amount_expected else 0 end) as numeric(12, 2)) as expected_amount
    from lead_claims
    group by lead_id
),

staged as (
    select
        leads.*,
        claims_of_lead.reached_m1,
        claims_of_lead.reached_m5,
        claims_of_lead.reached_m25,
        claims_of_lead.has_claim_m1,
        claims_of_lead.has_claim_m5,
        claims_of_lead.has_claim_m25,
        claims_of_lead.claim_status_m1,
        claims_of_lead.claim_status_m5,
        claims_of_lead.claim_status_m25,
        claims_of_lead.lowest_missing,
        claims_of_lead.expected_amount,
        nullif(
            concat_ws(',', claims_of_lead.missing_m1, claims_of_lead.missing_m5, claims_of_lead.missing_m25), ''
        ) as claims_missing,
        nullif(concat_ws(' ', leads.first_name, leads.middle_name, leads.last_name), '') as lead_name,
        case
            when leads.person_key is null then 'NO_IDENTITY'
            when leads.driver_id is null then 'NO_DRIVER'
            when leads.trips_14d = 0 then 'NO_TRIPS_14D'
            when claims_of_lead.lowest_missing is not null then 'TRIPS_NO_CLAIM'
            else 'OK'
        end as limbo_stage
    from leads
    inner join claims_of_lead on claims_of_lead.lead_id = leads.lead_id
),

int_leads__staged as (
    select
        staged.lead_id,
        staged.lead_source_pk,
        staged.person_key,
        staged.driver_id,
        staged.park_phone,
        staged.asset_plate_number,
        staged.lead_name,
        staged.limbo_stage,
        {{ fill_in('catalogue.' ~ in_language('detail'), {
            'person_key': 'cast(staged.person_key as text)',
            'driver_id': 'staged.driver_id',
            'lead_date': 'cast(staged.lead_date as text)',
            'window_last_day': 'cast(staged.window_end - 1 as text)',
            'trips': 'cast(staged.trips_14d as text)',
            'milestone': 'cast(staged.lowest_missing as text)',
            'lead_source_pk': 'staged.lead_source_pk',
        }) }} as limbo_reason_detail,
        staged.claims_missing,
        staged.claim_status_m1,
        staged.claim_status_m5,
        staged.claim_status_m25,
        staged.duplicate_of_lead_source_pk,
        staged.overlaps_lead_source_pk,
        staged.trips_14d,
        staged.trips_other_drivers_14d,
        staged.driver_count,
        staged.expected_amount,
        staged.reached_m1,
        staged.reached_m5,
        staged.reached_m25,
        staged.has_claim_m1,
        staged.has_claim_m5,
        staged.has_claim_m25,
        staged.window_closed,
        staged.week_start,
        staged.lead_date,
        staged.window_end
    from staged
    left join catalogue
        on catalogue.code = {{ stage_detail_code('staged.limbo_stage', 'staged.window_closed') }}
)

select * from int_leads__staged
