with source as (
    select * from {{ source('canon', 'claims_yango_cabinet_14d') }}
),

-- A row of any status means "raised" (D-4). This is the only relation that says a claim exists (D-1). The key is unique by an index that an
-- adopted table may lack: the first row by id stands, the others are repeats (R21).
stg_canon__claims as (
    select
        claim_id,
        person_key,
        driver_id,
        lead_source_pk,
        cast(status as text) as claim_row_status,
        milestone,
        amount_expected as claim_amount,
        status in ('expected', 'generated', 'paid') as is_live_claim,
        person_key is not null
        and row_number() over (partition by person_key, lead_date, milestone order by claim_id) > 1 as is_repeat,
        lead_date,
        expected_at,
        generated_at,
        paid_at
    from source
)

select * from stg_canon__claims
