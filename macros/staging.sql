{# Staging that must be readable for some keys only: the rule stands here once, whatever part of the source it is given. #}

{# Leads as their source has them, with their source key (R2, D-19). The part must hold all leads that share an external_id or take an id. #}
{% macro staged_leads(part) %}
with source as (
    select * from {{ part }} as part_of_source
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

-- Ids of leads without an external_id that are another lead's external_id (F15).
taken as (
    select distinct renamed.external_id
    from renamed
    inner join renamed as without on without.external_id is null and cast(without.lead_id as text) = renamed.external_id
),

-- A table without its unique index can hold an external_id twice. The first lead by id keeps the plain key.
numbered as (
    select
        renamed.*,
        row_number() over (partition by renamed.external_id order by renamed.lead_id) as external_id_occurrence,
        taken.external_id is not null as is_id_taken
    from renamed
    left join taken
        on taken.external_id = cast(renamed.lead_id as text) and renamed.external_id is null
),

staged_leads as (
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

select * from staged_leads
{% endmacro %}

{#
    One source row has one link by the table's unique key; an adopted table may lack it. The latest link stands, then the highest id (R9).
    The part must hold all links of a source row.
#}
{% macro staged_links(part) %}
with source as (
    select * from {{ part }} as part_of_source
),

staged_links as (
    select
        id as link_id,
        person_key,
        source_table,
        {{ blank_to_null('source_pk') }} as source_pk,
        match_rule,
        linked_at,
        row_number() over (partition by source_table, source_pk order by linked_at desc, id desc) = 1 as is_current
    from source
)

select * from staged_links
{% endmacro %}

{#
    A row of any status means "raised" (D-4). This is the only relation that says a claim exists (D-1). The key is unique by an index that an
    adopted table may lack: the first row by id stands, the others are repeats (R21). The part must hold all claims of a person.
#}
{% macro staged_claims(part) %}
with source as (
    select * from {{ part }} as part_of_source
),

staged_claims as (
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

select * from staged_claims
{% endmacro %}
