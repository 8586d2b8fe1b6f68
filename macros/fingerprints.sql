{# How int_trips__days learns what the models behind it have really read, and what they hold when it is made anew. #}

{#
    Hook of a model that reads the trips of changed dates: writes down the fingerprint of what this transaction sees, which is what the model
    read (it runs in one snapshot), not of what was scanned before it. An edit in between, taken back or not, then differs at the next build.
#}
{% macro take_in(column) -%}
    with asked as (
        select date_text
        from {{ ref('int_trips__days') }}
        {% if not should_full_refresh() %}where {{ column }} is distinct from fingerprint{% endif %}
    ),

    seen_rows as (
        select asked.date_text, {{ row_hash(['trips.driver_id', 'trips.trips', 'trips.work_seconds', 'trips.loaded_at']) }} as row_hash
        from {{ ref('stg_cabinet__trips') }} as trips
        inner join asked on asked.date_text = trips.date_file
        union all
        select asked.date_text, {{ row_hash(['trips.driver_id', 'trips.trips', 'trips.work_seconds', 'trips.loaded_at']) }}
        from {{ ref('stg_cabinet__trips') }} as trips
        inner join asked on asked.date_text = '' and trips.date_file is null
    ),

    seen as (
        select asked.date_text, coalesce(sum(seen_rows.row_hash), 0) as fingerprint
        from asked
        left join seen_rows on seen_rows.date_text = asked.date_text
        group by asked.date_text
    )

    update {{ ref('int_trips__days') }} as days
    set {{ column }} = seen.fingerprint
    from seen
    where days.date_text = seen.date_text
{%- endmacro %}

{#
    Texts of dates that driver-days or rejects hold while int_trips__days is made anew: days that are gone at the source must be told to them.
    They are read by name, since they read int_trips__days: a ref would be a circle.
#}
{% macro texts_held_behind() %}
    {%- set held = [] -%}
    {%- for name, expression in {'int_trips__driver_days': 'cast(trip_date as text)', 'int_trips__rejected': 'date_text'}.items() -%}
        {%- if execute and adapter.get_relation(this.database, this.schema, name) is not none -%}
            {%- do held.append("select " ~ expression ~ " as date_text from " ~ this.schema ~ "." ~ name ~ " where source_rows > 0") -%}
        {%- endif -%}
    {%- endfor -%}
    {{ held | join(' union ') if held else "select cast(null as text) as date_text where false" }}
{% endmacro %}
