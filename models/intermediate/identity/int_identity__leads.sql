-- Every lead in matching form (F14); only leads whose source row changed are read again. Made anew, nothing is marked: what was worked out from
-- the table before is forgotten.
-- depends_on: {{ ref('int_leads__asked') }}
{{ config(
    materialized='incremental',
    unique_key='lead_id',
    on_schema_change='fail',
    pre_hook="{{ forget_matches() }}",
    post_hook=[
        "delete from {{ this }} as leads where not exists (select 1 from {{ ref('int_leads__read') }} as read where read.lead_id = leads.lead_id)
        {% if partial() %}and leads.lead_id in (select asked.lead_id from {{ ref('int_leads__asked') }} as asked){% endif %}",
        "create index if not exists int_identity__leads_changed on {{ this }} (lead_id) where is_changed",
        "create index if not exists int_identity__leads_undated on {{ this }} (lead_source_pk) where lead_date is null",
        "{{ analyze_if_moved('changed_run > ' ~ last_run_id()) }}",
    ],
    indexes=[
        {'columns': ['lead_id'], 'unique': true},
        {'columns': ['phone_key']},
        {'columns': ['plate_key']},
        {'columns': ['changed_run']},
        {'columns': ['plate_shape']},
        {'columns': ['name_key']},
        {'columns': ['phone_without_1']},
        {'columns': ['phone_without_2']},
        {'columns': ['phone_without_3']},
        {'columns': ['plate_without_1']},
        {'columns': ['plate_without_2']},
        {'columns': ['plate_without_3']},
    ],
) }}

with leads as (
    select
        read.*,
        {{ row_hash(['read.lead_source_pk', 'read.lead_date', 'read.first_name', 'read.middle_name', 'read.last_name', 'read.park_phone',
                     'read.asset_plate_number', 'read.asset_model']) }} as row_hash
    from {{ ref('int_leads__read') }} as read
    {% if partial() %}where read.lead_id in (select asked.lead_id from {{ ref('int_leads__asked') }} as asked){% endif %}
),

changed as (
    select
        leads.*,
        {{ keys_since_live('known' if is_incremental(), ['phone', 'plate']) }} as moved_keys
    from leads
    {% if is_incremental() %}left join {{ this }} as known on known.lead_id = leads.lead_id
    where known.row_hash is distinct from leads.row_hash{% endif %}
),

keys as (
    select
        lead_id,
        lead_source_pk,
        lead_date,
        {{ phone_key('park_phone') }} as phone_key,
        {{ plate_key('asset_plate_number') }} as plate_key,
        {{ model_key('asset_model') }} as model_key,
        {{ name_key("concat_ws(' ', first_name, middle_name, last_name)") }} as name_key,
        {{ padded_name_key("first_name") }} as given_key,
        {{ padded_name_key("last_name") }} as surname_key,
        moved_keys,
        row_hash
    from changed
),

int_identity__leads as (
    select
        lead_id,
        lead_source_pk,
        lead_date,
        phone_key,
        plate_key,
        {{ plate_shape('plate_key') }} as plate_shape,
        model_key,
        name_key,
        given_key,
        surname_key,
        {% for third in (1, 2, 3) %}{{ key_without_third('phone_key', third, 9) }} as phone_without_{{ third }},
        {% endfor %}
        {% for third in (1, 2, 3) %}{{ key_without_third(plate_shape('plate_key'), third, 6) }} as plate_without_{{ third }},
        {% endfor %}
        row_hash,
        {{ 'true' if is_incremental() else 'false' }} as is_changed,
        {{ 'moved_keys || ' ~ shareable_keys('keys', ['phone', 'plate']) if is_incremental() else 'moved_keys' }} as moved_keys,
        {{ current_run_id() }} as changed_run
    from keys
)

select * from int_identity__leads
