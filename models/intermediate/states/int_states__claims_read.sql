-- The claim rows as each build read them, by run: all of a build speaks of the claims as they were at one moment.
-- depends_on: {{ ref('int_claims__asked') }}, {{ ref('stg_canon__claims') }}, {{ source('canon', 'claims_yango_cabinet_14d') }}
{{ config(
    materialized='versioned',
    unique_key='claim_id',
    scope={'relation': 'int_claims__asked', 'columns': ['claim_id']},
    state_indexes=["(person_key, lead_date, milestone)", "(lead_source_pk)", "(driver_id)"],
) }}

{% if partial() %}
with asked as (
    select * from {{ ref('int_claims__asked') }}
),

claims as (
    {% set part %}(
        select claims.*
        from {{ source('canon', 'claims_yango_cabinet_14d') }} as claims
        inner join asked on asked.claim_id = claims.claim_id
    ){% endset %}
    {{ staged_claims(part) }}
),
{% else %}
with claims as (
    select * from {{ ref('stg_canon__claims') }}
),
{% endif %}

int_states__claims_read as (
    select * from claims
)

select * from int_states__claims_read
