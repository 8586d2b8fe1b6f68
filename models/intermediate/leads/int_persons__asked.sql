-- Persons whose drivers may be others than at the live run: those of every driver's link that changed, on both sides of the change.
-- Only a partial build asks; else all are read.
-- depends_on: {{ source('canon', 'identity_links') }}, {{ source('canon', 'source_changes') }}
{{ config(materialized='table', post_hook="analyze {{ this }}") }}

with told as (
    {{ told('links') }}
),

int_persons__asked as (
    select distinct {{ as_person_key('key_3') }} as person_key
    from told
    where {{ 'key_1 = ' ~ "'drivers' and key_3 is not null" if partial() else 'false' }}
)

select * from int_persons__asked
