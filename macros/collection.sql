{# What collection needs beside the common macros: an optional column, the payment list's name key, the allocation of D-16. #}

{# A column that a source may lack, typed; null where it is absent (D-9: an amount is honoured where the list has one). #}
{% macro optional_column(relation, name, data_type) -%}
    {%- set found = [] -%}
    {%- if execute -%}
        {%- for column in adapter.get_columns_in_relation(relation) if column.name == name -%}{%- do found.append(name) -%}{%- endfor -%}
    {%- endif -%}
    cast({{ found[0] if found else 'null' }} as {{ data_type }})
{%- endmacro %}

{#
    A name as the payment list's key has it (domain 5.7): accents off, everything but letters and digits a space, lower-case, tokens sorted.
    Null when nothing is left: two drivers without a name are not namesakes.
#}
{% macro payment_name_key(text) -%}
    nullif(array_to_string(array(
        select part collate "C" as part
        from unnest(string_to_array(lower({{ replace_pattern(
            replace_pattern("normalize(" ~ text ~ ", nfd)", '[\\u0300-\\u036f]', ''), '[^A-Za-z0-9]+', ' ') }}), ' ')) as parts (part)
        where part <> ''
        order by part
    ), ' '), '')
{%- endmacro %}

{#
    D-16 as CTEs: payments and claims that share `payee` and milestone meet in the order of their dates; each payment, oldest first, takes the
    oldest claim that is not taken and whose lead date is not after the pay date. In closed form: after the i-th payment
    min(i, min over j <= i of (claims up to pay date j) + i - j) claims are taken, for a payment either takes the next claim or none.
    Result: {{ name }} (payment_id, milestone, claim_id).
#}
{% macro allocate(name, payments, claims, payee) -%}
{{ name }}_counted as (
    select
        payments.payment_id,
        payments.milestone,
        payments.{{ payee }} as payee,
        payments.pay_date,
        count(claims.claim_id) as claims_by_then
    from {{ payments }} as payments
    left join {{ claims }} as claims
        on claims.{{ payee }} = payments.{{ payee }}
        and claims.milestone = payments.milestone
        and claims.lead_date <= payments.pay_date
    where payments.{{ payee }} is not null
    group by payments.payment_id, payments.milestone, payments.{{ payee }}, payments.pay_date
),

{{ name }}_placed as (
    select
        counted.*,
        row_number() over (partition by payee, milestone order by pay_date, payment_id) as place
    from {{ name }}_counted as counted
),

{{ name }}_taking as (
    select
        placed.*,
        place + least(0, min(claims_by_then - place) over (
            partition by payee, milestone order by place rows between unbounded preceding and current row
        )) as taken
    from {{ name }}_placed as placed
),

{{ name }}_taken as (
    select
        taking.*,
        coalesce(lag(taken) over (partition by payee, milestone order by place), 0) as taken_before
    from {{ name }}_taking as taking
),

{{ name }}_claims as (
    select
        claims.claim_id,
        claims.milestone,
        claims.{{ payee }} as payee,
        row_number() over (partition by claims.{{ payee }}, claims.milestone order by claims.lead_date, claims.claim_id) as place
    from {{ claims }} as claims
    where claims.{{ payee }} is not null
),

{{ name }} as (
    select taken.payment_id, taken.milestone, claims.claim_id
    from {{ name }}_taken as taken
    inner join {{ name }}_claims as claims
        on claims.payee = taken.payee and claims.milestone = taken.milestone and claims.place = taken.taken
    where taken.taken > taken.taken_before
)
{%- endmacro %}

{# The as-of date of the run that readers see. #}
{% macro live_as_of_date() -%}
    (select runs.as_of_date from {{ source('engine', 'runs') }} as runs where runs.is_live)
{%- endmacro %}

{# How long a claim is overdue, as the original's buckets have it (domain 5.5). #}
{% macro bucket_overdue(days) -%}
    case
        when {{ days }} <= 0 then '0_NOT_DUE'
        when {{ days }} <= 7 then '1_1_7'
        when {{ days }} <= 14 then '2_8_14'
        when {{ days }} <= 30 then '3_15_30'
        when {{ days }} <= 60 then '4_31_60'
        else '5_60_PLUS'
    end
{%- endmacro %}

{# ISO year and week of a date as IYYY-IW (R4): the week belongs to the year of its Thursday. #}
{% macro iso_week(day) -%}
    {%- set thursday = week_start(day) ~ " + 3" -%}
    cast(extract(year from {{ thursday }}) as text) || '-'
    || right('0' || cast(cast(floor((extract(doy from {{ thursday }}) - 1) / 7) as integer) + 1 as text), 2)
{%- endmacro %}

{# A share in percent with two decimals; nothing of nothing is 0 (domain 5.4). #}
{% macro percent(part, whole) -%}
    cast(case when {{ whole }} = 0 then 0 else round(100.0 * {{ part }} / {{ whole }}, 2) end as numeric(7, 2))
{%- endmacro %}
