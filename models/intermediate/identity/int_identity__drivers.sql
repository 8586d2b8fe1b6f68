-- Every driver of the master in matching form (F14). Only drivers whose source row changed are read again; one who is gone keeps a row without
-- keys, so that whoever matched it is looked at again. Made anew, nothing is marked: what was worked out from the table before is forgotten.
-- depends_on: {{ ref('int_drivers__asked') }}
{{ config(
    materialized='incremental',
    unique_key='driver_id',
    on_schema_change='fail',
    pre_hook="{{ forget_matches() }}",
    post_hook=[
        "create index if not exists int_identity__drivers_parts on {{ this }} using gin ({{ '(' ~ list_of_parts('name_key') ~ ')' }})",
        "create index if not exists int_identity__drivers_changed on {{ this }} (driver_id) where is_changed",
        "{{ analyze_if_moved('changed_run > ' ~ last_run_id()) }}",
    ],
    indexes=[
        {'columns': ['driver_id'], 'unique': true},
        {'columns': ['account_key']},
        {'columns': ['phone_key']},
        {'columns': ['plate_shape']},
        {'columns': ['licence_key']},
        {'columns': ['plate_key']},
        {'columns': ['changed_run']},
        {'columns': ['name_key']},
        {'columns': ['phone_without_1']},
        {'columns': ['phone_without_2']},
        {'columns': ['phone_without_3']},
        {'columns': ['plate_without_1']},
        {'columns': ['plate_without_2']},
        {'columns': ['plate_without_3']},
    ],
) }}

{% set known = 'known' if is_incremental() %}
{% set kinds = ['phone', 'plate', 'licence', 'name', 'account'] %}
{#- Accounts of one person in several parks have one document; where none is known, one licence. -#}
{% set account_key = "coalesce('D' || document_key, 'L' || licence_key, 'A' || driver_id)" %}
{% set all_moved_keys = 'moved_keys || ' ~ shareable_keys('keys', kinds[:-1]) ~ " || ('ACCOUNT ' || " ~ account_key ~ ')' %}
with drivers as (
    select
        stg.*,
        row_number() over (partition by stg.driver_id order by stg.source_id desc) as place,
        {{ row_hash(['stg.park_id', 'stg.first_name', 'stg.middle_name', 'stg.last_name', 'stg.full_name', 'stg.phone', 'stg.car_brand',
                     'stg.car_model', 'stg.car_number', 'stg.license_number', 'stg.document_number', 'stg.hire_date', 'stg.fire_date']) }} as row_hash
    {% if partial() %}
    from {{ ref('int_drivers__asked') }} as asked
    inner join {{ ref('stg_cabinet__drivers') }} as stg on stg.source_driver_id = asked.driver_id
    {% else %}
    from {{ ref('stg_cabinet__drivers') }} as stg
    {% endif %}
    where stg.driver_id is not null
),

changed as (
    select
        drivers.*,
        {{ key_before(known, 'phone_key') }} as old_phone_key,
        {{ key_before(known, 'plate_shape') }} as old_plate_shape,
        {{ key_before(known, 'name_key') }} as old_name_key,
        {{ keys_since_live(known, kinds) }} as moved_keys
    from drivers
    {% if is_incremental() %}left join {{ this }} as known on known.driver_id = drivers.driver_id{% endif %}
    where drivers.place = 1 {% if is_incremental() %}and known.row_hash is distinct from drivers.row_hash{% endif %}
),

keys as (
    select
        driver_id,
        park_id,
        {{ phone_key('phone') }} as phone_key,
        {{ plate_key('car_number') }} as plate_key,
        {{ licence_key('license_number') }} as licence_key,
        {{ licence_key('document_number') }} as document_key,
        {{ model_key('car_model') }} as model_key,
        {{ model_key("car_brand || ' ' || car_model") }} as brand_model_key,
        old_phone_key,
        old_plate_shape,
        old_name_key,
        moved_keys,
        {{ name_key("concat_ws(' ', first_name, middle_name, last_name, full_name)") }} as name_key,
        {{ padded_name_key("first_name") }} as given_key,
        {{ padded_name_key("last_name") }} as surname_key,
        hire_date,
        fire_date,
        row_hash
    from changed
),

int_identity__drivers as (
    select
        driver_id,
        park_id,
        phone_key,
        plate_key,
        {{ plate_shape('plate_key') }} as plate_shape,
        licence_key,
        {{ account_key }} as account_key,
        model_key,
        brand_model_key,
        name_key,
        given_key,
        surname_key,
        {% for third in (1, 2, 3) %}{{ key_without_third('phone_key', third, 9) }} as phone_without_{{ third }},
        {% endfor %}
        {% for third in (1, 2, 3) %}{{ key_without_third(plate_shape('plate_key'), third, 6) }} as plate_without_{{ third }},
        {% endfor %}
        -- Keys that it had before the change: others who have them may tell each other apart again.
        old_phone_key,
        old_plate_shape,
        old_name_key,
        hire_date,
        fire_date,
        row_hash,
        {{ 'true' if is_incremental() else 'false' }} as is_changed,
        {{ all_moved_keys if is_incremental() else 'moved_keys' }} as moved_keys,
        {{ current_run_id() }} as changed_run
    from keys
    {% if is_incremental() %}
    union all
    select
        known.driver_id,
        {% for column in ('park_id', 'phone_key', 'plate_key', 'plate_shape', 'licence_key', 'account_key', 'model_key', 'brand_model_key',
                          'name_key', 'given_key', 'surname_key', 'phone_without_1', 'phone_without_2', 'phone_without_3', 'plate_without_1',
                          'plate_without_2', 'plate_without_3') %}null as {{ column }},
        {% endfor %}
        {{ key_before('known', 'phone_key') }} as old_phone_key,
        {{ key_before('known', 'plate_shape') }} as old_plate_shape,
        {{ key_before('known', 'name_key') }} as old_name_key,
        null as hire_date,
        null as fire_date,
        null as row_hash,
        true as is_changed,
        {{ keys_since_live('known', kinds) }} as moved_keys,
        {{ current_run_id() }} as changed_run
    from {{ this }} as known
    where known.row_hash is not null
        {% if partial() %}and known.driver_id in (select asked.driver_id from {{ ref('int_drivers__asked') }} as asked){% endif %}
        and not exists (select 1 from drivers where drivers.driver_id = known.driver_id)
    {% endif %}
)

select * from int_identity__drivers
