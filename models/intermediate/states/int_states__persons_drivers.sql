-- The drivers of each person, by run; the most recently linked is the person's driver, ties by the highest link id (D-3). A table, read once
-- per build: links may change while a build is at work, and all of it must see the same ones.
-- depends_on: {{ ref('int_persons__asked') }}, {{ ref('stg_canon__identity_links') }}, {{ source('canon', 'identity_links') }}
{{ config(
    materialized='versioned',
    unique_key='driver_id',
    scope={'relation': 'int_persons__asked', 'columns': ['person_key']},
    state_indexes=["(person_key)"],
) }}

{% if partial() %}
with asked as (
    select * from {{ ref('int_persons__asked') }}
),

links_of_asked as (
    {% set part %}(
        select links.*
        from {{ source('canon', 'identity_links') }} as links
        where links.source_table = 'drivers' and links.source_pk in (
            select of_person.source_pk
            from {{ source('canon', 'identity_links') }} as of_person
            inner join asked on asked.person_key = of_person.person_key
            where of_person.source_table = 'drivers'
        )
    ){% endset %}
    {{ staged_links(part) }}
),
{% else %}
with links_of_asked as (
    select * from {{ ref('stg_canon__identity_links') }}
),
{% endif %}

links as (
    select *
    from links_of_asked
    where is_current and source_table = 'drivers' and source_pk is not null{% if partial() %} and person_key in (select asked.person_key from asked){% endif %}
),

int_states__persons_drivers as (
    select
        person_key,
        source_pk as driver_id,
        cast(count(*) over (partition by person_key) as integer) as driver_count,
        row_number() over (partition by person_key order by linked_at desc, link_id desc) = 1 as is_current_driver
    from links
)

select * from int_states__persons_drivers
