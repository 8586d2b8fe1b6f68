{#
    Changes of the trips source. Where it tells them (macros/partial.sql), texts of dates that were told are read again, and within them the
    driver-days that were told. Where it does not, all of it is scanned, and a text whose fingerprint is another one is read again. Both ways
    write down the same: the fingerprint that the models behind have taken in, or null where that is not known and must be read again.
#}

{#
    One number for the content of a row as it is written at the source: a chain of hashes of single values, in which a null is a value of its
    own. Hashing the row as a whole takes ten times as long.
#}
{% macro trip_row_hash(trips) -%}
    {%- set of_load = "timestamp_hash_extended(cast(" ~ trips ~ ".loaded_at as timestamp), 0)" -%}
    {%- set of_work = "coalesce(hash_numeric_extended(" ~ trips ~ ".work_seconds, " ~ of_load ~ "), ~ " ~ of_load ~ ")" -%}
    {%- set of_trips = "coalesce(hashint8extended(cast(" ~ trips ~ ".trips as bigint), " ~ of_work ~ "), ~ " ~ of_work ~ ")" -%}
    coalesce(hashtextextended({{ trips }}.source_driver_id, {{ of_trips }}), ~ {{ of_trips }})
{%- endmacro %}

{# Whether a text begins with a blank or a control character, or is empty: all blank texts do. #}
{% macro begins_blank(text) -%}
    {{ text }} < '!' collate "C"
{%- endmacro %}

{#
    Whether a driver_id of the source may be something else than its trimmed form (the empty one aside). Only its ends are looked at: trimming
    each of many millions takes as long as reading them. A control character counts as well, which costs time and is never wrong.
#}
{% macro is_padded(driver_id) -%}
    {{ driver_id }} <> '' and ({{ begins_blank(driver_id) }} or {{ begins_blank('right(' ~ driver_id ~ ', 1)') }})
{%- endmacro %}

{# What every row fulfils that can't count though its date is one; cheaper than the reason itself. #}
{% macro may_be_rejected(trips) -%}
    ({{ trips }}.source_driver_id is null or {{ begins_blank(trips ~ '.source_driver_id') }} or {{ trips }}.trips is null or {{ trips }}.trips < 0)
{%- endmacro %}

{#
    What counts of the rows of driver-days (D-17): rows of one load add up, a later load replaces an earlier one. Kept is the latest load, counted
    are the rows of all. Asked date by date where it can be: what is sorted then stays small.
#}
{% macro latest_loads(rows) -%}
    select distinct on (loads.driver_id, loads.trip_date)
        loads.driver_id,
        loads.trip_date,
        cast(sum(loads.trips) as bigint) as trips,
        cast(sum(loads.work_seconds) as numeric) as work_seconds,
        cast(sum(count(*)) over of_driver_day as bigint) as source_rows,
        cast(count(*) as bigint) as counted_rows,
        cast(count(*) over of_driver_day as bigint) as loads
    from ({{ rows }}) as loads
    where loads.driver_id is not null
    group by loads.driver_id, loads.trip_date, loads.loaded_at
    window of_driver_day as (partition by loads.driver_id, loads.trip_date)
    order by loads.driver_id, loads.trip_date, loads.loaded_at desc
{%- endmacro %}

{# Whether the source has an index that begins with this column. Ours have; those of others are left as they are. #}
{% macro trips_are_found_by(column) %}
    {% if not execute %}{% do return(true) %}{% endif %}
    {% set answer = run_query("
        select exists (
            select 1 from pg_index as i
            inner join pg_attribute as a on a.attrelid = i.indrelid and a.attnum = i.indkey[0]
            where i.indrelid = to_regclass('" ~ source('cabinet', 'summary_daily') ~ "') and a.attname = '" ~ column ~ "'
                and i.indisvalid and i.indpred is null
        ) as is_found") %}
    {% do return(answer.rows[0]['is_found']) %}
{% endmacro %}

{# Whether something behind has not taken in what a text of a date holds. #}
{% macro is_open_text(days) -%}
    ({{ days }}.driver_days_fingerprint = {{ days }}.fingerprint and {{ days }}.rejected_fingerprint = {{ days }}.fingerprint) is not true
{%- endmacro %}

{# Texts of dates that must be read again: told of since they were read last, or not taken in. #}
{% macro told_trip_texts(days) -%}
    select coalesce(changes.key_2, '') as date_text
    from {{ source('canon', 'source_changes') }} as changes
    left join {{ days }} as known_days on known_days.date_text = coalesce(changes.key_2, '')
    where changes.source = 'trips'
        and (known_days.date_text is null or not pg_visible_in_snapshot(changes.changed_by, known_days.seen_snapshot))
    union
    select known_days.date_text
    from {{ days }} as known_days
    where {{ is_open_text('known_days') }}
{%- endmacro %}

{# Whether some texts of dates hold so few of the rows that going through an index is cheaper than reading everything in its order. #}
{% macro are_few_texts(days, condition, alias='days') %}
    {% if not execute %}{% do return(false) %}{% endif %}
    {% set answer = run_query("
        select coalesce(sum(source_rows) filter (where " ~ condition ~ "), 0) * 10 <= coalesce(sum(source_rows), 0) as are_few
        from " ~ days ~ " as " ~ alias) %}
    {% do return(answer.rows[0]['are_few']) %}
{% endmacro %}

{#
    Hook of a model that reads the trips of changed dates: writes down what it has taken in. It runs in one snapshot, which may be younger than
    the one that int_trips__days read: an edit in between, taken back or not, must differ at the next build. Where the source tells its changes,
    a text that was told of in between is not known; where it does not, what this transaction sees is read once more.
#}
{% macro take_in(column) %}
    {%- if not execute %}{% do return('') %}{% endif -%}
    {%- set answer = run_query("
        select exists (select 1 from ops.watched_sources() as w where w.source = 'trips')
            and exists (
                select 1 from ops.runs as building
                inner join ops.run_marks as marks on marks.run_id = building.run_id
                where building.is_building and marks.watched = ops.watched_digest()
            ) as told") -%}
    {{ take_in_told(column) if answer.rows[0]['told'] else take_in_scanned(column) }}
{%- endmacro %}

{% macro take_in_told(column) -%}
    with between as (
        select days.date_text
        from {{ ref('int_trips__days') }} as days
        inner join {{ source('canon', 'source_changes') }} as changes
            on coalesce(changes.key_2, '') = days.date_text
        where changes.source = 'trips' and not pg_visible_in_snapshot(changes.changed_by, days.seen_snapshot)
        union
        select days.date_text
        from {{ ref('int_trips__days') }} as days
        inner join {{ source('canon', 'source_changes') }} as changes on changes.key_1 is null and changes.key_2 is null
        where changes.source = 'trips' and not pg_visible_in_snapshot(changes.changed_by, days.seen_snapshot)
    )

    update {{ ref('int_trips__days') }} as days
    set {{ column }} = case
        when days.changed_run = {{ current_run_id() }} and days.date_text not in (select between.date_text from between) then days.fingerprint
    end
    {% if not should_full_refresh() %}where days.{{ column }} is distinct from days.fingerprint{% endif %}
{%- endmacro %}

{% macro take_in_scanned(column) -%}
    with asked as (
        select date_text
        from {{ ref('int_trips__days') }}
        {% if not should_full_refresh() %}where {{ column }} is distinct from fingerprint{% endif %}
    ),

    seen_rows as (
        select asked.date_text, {{ trip_row_hash('trips') }} as row_hash
        from {{ ref('stg_cabinet__trips') }} as trips
        inner join asked on asked.date_text = trips.date_file
        union all
        select asked.date_text, {{ trip_row_hash('trips') }}
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
    They are read by name, since they read int_trips__days: a ref would be a circle. Made anew themselves in the same build, they hold nothing.
#}
{% macro texts_held_behind() %}
    {%- set held = [] -%}
    {%- for name, column in {'int_trips__driver_days': 'trip_date', 'int_trips__rejected': 'date_text'}.items() -%}
        {%- if execute and adapter.get_relation(this.database, this.schema, name) is not none -%}
            {%- do held.append("select cast(held." ~ column ~ " as text) as date_text from (
                select distinct " ~ column ~ " from " ~ this.schema ~ "." ~ name ~ " where source_rows > 0
            ) as held") -%}
        {%- endif -%}
    {%- endfor -%}
    {{ held | join(' union ') if held else "select cast(null as text) as date_text where false" }}
{% endmacro %}
