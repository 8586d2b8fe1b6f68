with source as (
    select * from {{ source('canon', 'identity_decisions') }}
),

-- Read before the rules. About a lead and a driver the latest decision stands; about a lead as a whole, the latest of accept and ignore.
stg_canon__identity_decisions as (
    select
        decision_id,
        decided_at,
        lead_source_pk,
        driver_id,
        verdict,
        decided_by,
        why,
        verdict <> 'IGNORE'
        and row_number() over (partition by lead_source_pk, driver_id, verdict = 'IGNORE' order by decision_id desc) = 1 as is_latest_of_pair,
        verdict in ('ACCEPT', 'IGNORE')
        and row_number() over (partition by lead_source_pk, verdict in ('ACCEPT', 'IGNORE') order by decision_id desc) = 1 as is_latest_of_lead
    from source
)

select * from stg_canon__identity_decisions
