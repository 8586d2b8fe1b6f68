-- What is decided about every unsettled lead: the person and driver it gets and why, or why it gets none, with every rule's outcome.
{{ config(materialized='table', indexes=[{'columns': ['lead_id'], 'unique': true}]) }}

{#- A partial build looks each due lead up, and decides about no other. -#}
{% set of_lead = "select one.* from " ~ ref('int_identity__unsettled') ~ " as one where one.lead_id = due.lead_id" %}
{% set due = "select due.lead_id from " ~ ref('int_identity__leads_due') ~ " as due" %}
with unsettled as (
    select unsettled.*
    from {{ ref('int_identity__leads_due') }} as due
    {% if partial() %}
    {{ for_each(of_lead, 'unsettled') }}
    {% else %}
    inner join {{ ref('int_identity__unsettled') }} as unsettled on unsettled.lead_id = due.lead_id
    {% endif %}
),

-- Read by key or by what they lack, never whole.
leads as not materialized (
    select * from {{ ref('int_identity__leads') }}
),

candidates as (
    select * from {{ ref('int_identity__candidates') }}
),

winners as (
    select * from {{ ref('int_identity__winners') }}
),

ignored as (
    select * from {{ ref('int_identity__ignored') }}
),

-- Persons without a driver who want the same driver, and persons whose leads want different ones.
wanted as (
    select
        winners.who,
        count(distinct unsettled.person_key) as persons,
        min(cast(unsettled.person_key as text)) as person_key
    from winners
    inner join unsettled on unsettled.lead_id = winners.lead_id
    where winners.whos = 1 and not winners.is_beaten and unsettled.person_key is not null
    group by winners.who
),

torn as (
    select unsettled.person_key
    from winners
    inner join unsettled on unsettled.lead_id = winners.lead_id
    where winners.whos = 1 and not winners.is_beaten and unsettled.person_key is not null
    group by unsettled.person_key
    having count(distinct winners.who) > 1
),

of_rules as (
    select
        lead_id,
        {% for rule, name in {'R1_PHONE_EXACT': 'mr1', 'R3_PLATE_EXACT_NAME_SIMILAR': 'mr3', 'R3b': 'mr3b', 'SCORE': 'score'}.items() %}
        count(*) filter (where rule = '{{ rule }}' and is_kept) as {{ name }}_kept,
        min(drop_reason) filter (where rule = '{{ rule }}') as {{ name }}_dropped,
        {% endfor %}
        count(*) filter (where drop_reason = 'NAME_CONTRADICTION') as contradictions,
        count(*) filter (where drop_reason <> 'REJECTED_BY_PERSON') as weak
    from candidates
    group by lead_id
),

suggested as (
    select
        candidates.*,
        count(*) over (partition by lead_id) as drivers,
        row_number() over (partition by lead_id order by score desc, driver_id asc) as place
    from candidates
    where rule = 'SCORE' and (is_kept or drop_reason in ('BELOW_CUT', 'NAME_ONLY'))
),

judged as (
    select
        unsettled.lead_id,
        unsettled.lead_source_pk,
        unsettled.person_key as lead_person_key,
        leads.lead_date,
        winners.whos,
        winners.who,
        winners.is_beaten,
        winners.rule,
        winners.rule_score,
        winners.driver_id,
        winners.first_driver_id,
        winners.score,
        wanted.person_key as wanted_person_key,
        case
            when ignored.lead_id is not null then 'IGNORED'
            when winners.lead_id is null then 'UNMATCHED'
            when winners.whos > 1 or winners.is_beaten then 'AMBIGUOUS'
            when wanted.persons > 1 or torn.person_key is not null or torn_for.person_key is not null then 'IDENTITY_CONFLICT'
            when unsettled.person_key is null then 'LINK_LEAD'
            when winners.who like 'driver:%' then 'LINK_DRIVER'
            else 'IDENTITY_CONFLICT'
        end as outcome
    from unsettled
    inner join leads on leads.lead_id = unsettled.lead_id
    left join winners on winners.lead_id = unsettled.lead_id
    left join wanted on wanted.who = winners.who
    left join torn on torn.person_key = unsettled.person_key
    left join torn as torn_for on cast(torn_for.person_key as text) = wanted.person_key
    left join ignored on ignored.lead_id = unsettled.lead_id
),

undated_links as (
    {% set part %}(
        select links.*
        from {{ source('canon', 'identity_links') }} as links
        where links.source_table = 'module_ct_cabinet_leads'
            and links.source_pk in (select undated.lead_source_pk from {{ ref('int_identity__leads') }} as undated
                where undated.lead_date is null{{ ' and undated.lead_id in (' ~ due ~ ')' if partial() }}
            )
    ){% endset %}
    {{ staged_links(part) }}
),

int_identity__decisions as (
    select
        judged.lead_id,
        judged.lead_source_pk,
        judged.lead_date,
        judged.outcome,
        case
            when judged.outcome in ('LINK_LEAD', 'LINK_DRIVER', 'IGNORED') then null
            when judged.outcome = 'IDENTITY_CONFLICT' then 'IDENTITY_CONFLICT'
            when of_rules.contradictions > 0 then 'NAME_CONTRADICTION'
            when judged.outcome = 'AMBIGUOUS' then 'MULTIPLE_CANDIDATES'
            when of_rules.weak > 0 then 'WEAK_MATCH_ONLY'
            else 'NO_CANDIDATES'
        end as reason_code,
        judged.lead_person_key,
        case
            when judged.outcome not in ('LINK_LEAD', 'LINK_DRIVER') then null
            when judged.lead_person_key is not null then judged.lead_person_key
            when judged.who not like 'driver:%' then {{ as_person_key('judged.who') }}
            when judged.wanted_person_key is not null then {{ as_person_key('judged.wanted_person_key') }}
            else {{ new_person_key('judged.first_driver_id') }}
        end as person_key,
        case when judged.outcome = 'IDENTITY_CONFLICT' and judged.who not like 'driver:%' then {{ as_person_key('judged.who') }} end
            as other_person_key,
        judged.who,
        judged.driver_id,
        judged.rule as match_rule,
        judged.rule_score as match_score,
        case
            when judged.rule in ('MANUAL', 'R1_PHONE_EXACT', 'R2_LICENSE_EXACT') then 'HIGH'
            when judged.rule in ('R3_PLATE_EXACT_NAME_SIMILAR', 'R3b') then 'MEDIUM'
            when judged.rule = 'SCORE' and judged.score >= {{ points('CUT_MEDIUM') }} then 'MEDIUM'
            when judged.rule is not null then 'LOW'
        end as confidence_level,
        judged.score,
        {% for name, needs in {'mr1': 'leads.phone_key is not null', 'mr3': 'leads.plate_key is not null and leads.name_key is not null',
                               'mr3b': 'leads.plate_key is not null and leads.name_key is not null'}.items() %}
        case
            when not ({{ needs }}) then 'NO_KEY'
            when of_rules.{{ name }}_kept > 0 then 'KEPT'
            else coalesce(of_rules.{{ name }}_dropped, 'NO_CANDIDATES')
        end as {{ name }}_outcome,
        {% endfor %}
        -- Cabinet leads carry neither a licence nor a brand.
        'NO_KEY' as mr2_outcome,
        'NO_KEY' as mr4_outcome,
        case when of_rules.score_kept > 0 then 'KEPT' else coalesce(of_rules.score_dropped, 'NO_CANDIDATES') end as score_outcome,
        judged.outcome in ('UNMATCHED', 'AMBIGUOUS', 'IDENTITY_CONFLICT') and suggested.lead_id is not null as is_suggestion,
        case when judged.outcome not in ('LINK_LEAD', 'LINK_DRIVER', 'IGNORED') then suggested.driver_id end as suggested_driver_id,
        case when judged.outcome not in ('LINK_LEAD', 'LINK_DRIVER', 'IGNORED') then suggested.score end as suggested_score,
        cast(case when judged.outcome not in ('LINK_LEAD', 'LINK_DRIVER', 'IGNORED') then coalesce(suggested.drivers, 0) else 0 end as integer)
            as suggested_drivers
    from judged
    inner join leads on leads.lead_id = judged.lead_id
    left join of_rules on of_rules.lead_id = judged.lead_id
    left join suggested on suggested.lead_id = judged.lead_id and suggested.place = 1
    union all
    -- Leads without a date can't be matched: nothing says when (F17).
    select
        leads.lead_id,
        leads.lead_source_pk,
        leads.lead_date,
        'UNMATCHED' as outcome,
        'MISSING_KEYS' as reason_code,
        {% for name in ('lead_person_key', 'person_key', 'other_person_key') %}{{ as_person_key('null') }} as {{ name }},
        {% endfor %}
        null as who,
        null as driver_id,
        null as match_rule,
        null as match_score,
        null as confidence_level,
        null as score,
        {% for name in ('mr1', 'mr3', 'mr3b', 'mr2', 'mr4', 'score') %}'NO_KEY' as {{ name }}_outcome,
        {% endfor %}
        false as is_suggestion,
        null as suggested_driver_id,
        null as suggested_score,
        0 as suggested_drivers
    from leads
    left join undated_links as links on links.source_pk = leads.lead_source_pk
    where leads.lead_date is null and links.link_id is null{{ ' and leads.lead_id in (' ~ due ~ ')' if partial() }}
)

select * from int_identity__decisions
