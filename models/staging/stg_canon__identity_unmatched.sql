with source as (
    select * from {{ source('canon', 'identity_unmatched') }}
),

stg_canon__identity_unmatched as (
    select
        id as unmatched_id,
        source_table,
        source_pk,
        reason_code,
        cast(status as text) as unmatched_status,
        snapshot_date,
        resolved_at
    from source
)

select * from stg_canon__identity_unmatched
