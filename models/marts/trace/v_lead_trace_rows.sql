-- The original row of each lead as the live run read it, its matching form, and whether the source says something else by now.
{% set texts = ['first_name', 'middle_name', 'last_name'] %}
{% set same = ['park_phone', 'asset_plate_number', 'asset_model', 'lead_created_at'] %}

with states as (
    select * from {{ ref('int_states__lead_rows') }}
),

source_rows as (
    select * from {{ source('cabinet', 'module_ct_cabinet_leads') }}
),

compared as (
    select
        states.*,
        source_rows.id is null as is_gone,
        nullif(
            concat_ws(
                ',',
                case when {{ blank_to_null('source_rows.external_id') }} is distinct from states.external_id then 'external_id' end,
                {% for column in texts %}
                case when nullif({{ trim_blanks('source_rows.' ~ column) }}, '') is distinct from states.{{ column }} then '{{ column }}' end,
                {% endfor %}
                {% for column in same %}
                case when source_rows.{{ column }} is distinct from states.{{ column }} then '{{ column }}' end{{ ',' if not loop.last }}
                {% endfor %}
            ),
            ''
        ) as changed
    from states
    left join source_rows on source_rows.id = states.lead_id
    where {{ is_live('states') }}
),

v_lead_trace_rows as (
    select
        lead_id,
        lead_source_pk,
        external_id,
        lead_created_at,
        lead_date,
        first_name,
        middle_name,
        last_name,
        park_phone,
        asset_plate_number,
        asset_model,
        exclusion_reason,
        phone_key,
        plate_key,
        plate_shape,
        cast(null as text) as licence_key,
        model_key,
        name_key,
        given_key,
        surname_key,
        valid_from_run as since_run,
        case when is_gone then 'GONE' when changed is not null then 'CHANGED' else 'SAME' end as source_state,
        case when not is_gone then changed end as changed_columns
    from compared
)

select * from v_lead_trace_rows
