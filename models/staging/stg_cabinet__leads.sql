with source as (
    select * from {{ source('cabinet', 'module_ct_cabinet_leads') }}
),

renamed as (
    select
        id as lead_id,
        {{ blank_to_null('external_id') }} as external_id,
        park_phone,
        asset_plate_number,
        asset_model,
        nullif({{ trim_blanks('first_name') }}, '') as first_name,
        nullif({{ trim_blanks('middle_name') }}, '') as middle_name,
        nullif({{ trim_blanks('last_name') }}, '') as last_name,
        cast(lead_created_at as date) as lead_date,
        lead_created_at
    from source
),

taken as (
    select distinct external_id from renamed
),

-- An external_id can equal the id of a lead that has none (F15); a table without its unique index can hold one twice.
-- The first lead by id keeps the plain key.
numbered as (
    select
        renamed.*,
        row_number() over (partition by renamed.external_id order by renamed.lead_id) as external_id_occurrence,
        taken.external_id is not null as is_id_taken
    from renamed
    left join taken
        on taken.external_id = cast(renamed.lead_id as text) and renamed.external_id is null
),

stg_cabinet__leads as (
    select
        lead_id,
        case
            when external_id is null and not is_id_taken then cast(lead_id as text)
            when external_id is null or external_id_occurrence > 1 or external_id like 'id:%' then 'id:' || cast(lead_id as text)
            else cast(external_id as text)
        end as lead_source_pk,
        external_id,
        park_phone,
        asset_plate_number,
        asset_model,
        first_name,
        middle_name,
        last_name,
        {{ week_start('lead_date') }} as week_start,
        lead_date,
        case
            when lead_date is null then 'MISSING_LEAD_DATE'
            when lead_date > {{ as_of_date() }} then 'FUTURE_LEAD_DATE'
        end as exclusion_reason,
        lead_created_at
    from numbered
)

select * from stg_cabinet__leads
