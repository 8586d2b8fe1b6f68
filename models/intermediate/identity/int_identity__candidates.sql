-- Every rule that hits a driver for an unsettled lead, and why the hit was kept or dropped (section 6, D-22). `who` says whose driver it is: a
-- person who is known, or else the first account of somebody new. A partial build finds those of due leads only: nobody else touches them.
{{ config(materialized='table', indexes=[{'columns': ['lead_id']}], post_hook="analyze {{ this }}") }}

{% set target_park = env_var('CABINET14D_TARGET_PARK', '') | replace("'", "") %}

{#- A partial build looks each due lead up. -#}
{% set of_lead = "select one.* from " ~ ref('int_identity__unsettled') ~ " as one where one.lead_id = due.lead_id" %}
{% set pairs_of_lead = "select one.* from " ~ ref('int_identity__pairs') ~ " as one where one.lead_id = unsettled.lead_id" %}
with unsettled as (
    select unsettled.*
    from {{ ref('int_identity__leads_due') }} as due
    {% if partial() %}
    {{ for_each(of_lead, 'unsettled') }}
    {% else %}
    inner join {{ ref('int_identity__unsettled') }} as unsettled on unsettled.lead_id = due.lead_id
    {% endif %}
),

decisions as (
    select * from {{ ref('stg_canon__identity_decisions') }}
),

-- Looked up by key in several places: kept whole they would be written out once more.
drivers as not materialized (
    select * from {{ ref('int_identity__drivers') }} where row_hash is not null
),

persons as not materialized (
    select * from {{ ref('int_persons__drivers') }}
),

accepted as (
    select unsettled.lead_id, decisions.driver_id
    from decisions
    inner join unsettled on unsettled.lead_source_pk = decisions.lead_source_pk
    inner join drivers on drivers.driver_id = decisions.driver_id
    where decisions.is_latest_of_lead and decisions.is_latest_of_pair and decisions.verdict = 'ACCEPT'
),

rejected as (
    select unsettled.lead_id, decisions.driver_id
    from decisions
    inner join unsettled on unsettled.lead_source_pk = decisions.lead_source_pk
    where decisions.is_latest_of_pair and decisions.verdict in ('REJECT', 'UNLINK')
),

pairs as (
    select
        pairs.*,
        cast(
            case
                when pairs.name_level = 'AGREED'
                    then (
                        cast(pairs.parts_same + pairs.parts_near as numeric)
                        / (pairs.parts_lead + pairs.parts_driver - pairs.parts_same - pairs.parts_near)
                        + cast(pairs.parts_same + pairs.parts_near as numeric) / greatest(pairs.parts_lead, pairs.parts_driver)
                    ) / 2
                else 0
            end as numeric(5, 4)
        ) as name_similarity
    {% if partial() %}
    from unsettled
    {{ for_each(pairs_of_lead, 'pairs') }}
    {% else %}
    from {{ ref('int_identity__pairs') }} as pairs
    {% endif %}
),

known_pairs as (
    select
        pairs.*,
        drivers.park_id,
        drivers.account_key,
        drivers.park_id = '{{ target_park }}' as is_target_park,
        rejected.driver_id is not null as is_rejected
    from pairs
    inner join drivers on drivers.driver_id = pairs.driver_id
    left join rejected on rejected.lead_id = pairs.lead_id and rejected.driver_id = pairs.driver_id
),

by_phone as (
    select
        'R1_PHONE_EXACT' as rule,
        95 as rule_score,
        case
            when is_rejected then 'REJECTED_BY_PERSON'
            when name_level = 'CONTRADICTED' then 'NAME_CONTRADICTION'
            when name_level = 'AGREED' and score < {{ points('CUT_SUGGESTION') }} then 'BELOW_CUT'
            when name_level = 'AGREED' and score < {{ points('CUT_LINK') }} and count(*) over (partition by lead_id) > 5 then 'BELOW_CUT'
        end as drop_reason,
        known_pairs.*
    from known_pairs
    where phone_level = 'SAME'
),

by_plate as (
    select
        'R3_PLATE_EXACT_NAME_SIMILAR' as rule,
        85 as rule_score,
        case
            when is_rejected then 'REJECTED_BY_PERSON'
            when name_level <> 'AGREED' or name_similarity < 0.66 then 'NAMES_UNLIKE'
            when {{ "not coalesce(is_target_park, false)" if target_park else "false" }} then 'OTHER_PARK'
            when hired_after_days not between -90 and 30 then 'HIRE_DATE'
        end as drop_reason,
        known_pairs.*
    from known_pairs
    where plate_level = 'SAME'
),

by_score as (
    select
        'SCORE' as rule,
        least(84, score) as rule_score,
        case
            when is_rejected then 'REJECTED_BY_PERSON'
            -- A name alone reaches the cut only when it is long and rare, the car is the same model and the dates fit: twins by name exist.
            when score < {{ points('CUT_LINK') }} and coalesce(phone_level, 'OTHER') = 'OTHER' and coalesce(plate_level, 'OTHER') = 'OTHER'
                then 'NAME_ONLY'
            when score < {{ points('CUT_LINK') }} then 'BELOW_CUT'
        end as drop_reason,
        known_pairs.*
    from known_pairs
    where name_level = 'AGREED' and score >= {{ points('CUT_SUGGESTION') }}
),

by_person as (
    select
        'MANUAL' as rule,
        100 as rule_score,
        cast(null as text) as drop_reason,
        accepted.lead_id,
        accepted.driver_id,
        drivers.park_id,
        drivers.account_key
    from accepted
    inner join drivers on drivers.driver_id = accepted.driver_id
),

-- Drivers whom another rule gives to a lead in this very decision: for MR3b they are as good as linked, or the next run would find more.
given as (
    select
        driver_id,
        min(lead_id) as first_lead_id,
        max(lead_id) as last_lead_id
    from (
        select lead_id, driver_id from by_phone where drop_reason is null
        union all
        select lead_id, driver_id from by_plate where drop_reason is null
        union all
        select lead_id, driver_id from by_score where drop_reason is null
        union all
        select lead_id, driver_id from by_person
    ) as hits_of_others
    group by driver_id
),

-- Only where MR3 kept nobody: any hire date, but a driver who is linked already; below MR3 in score (D-22).
by_plate_again as (
    select
        'R3b' as rule,
        cast(floor(known_pairs.name_similarity * 80) as integer) as rule_score,
        case
            when known_pairs.is_rejected then 'REJECTED_BY_PERSON'
            when known_pairs.name_level <> 'AGREED' or known_pairs.name_similarity < 0.66 then 'NAMES_UNLIKE'
            when {{ "not coalesce(known_pairs.is_target_park, false)" if target_park else "false" }} then 'OTHER_PARK'
            when persons.driver_id is null
                and (given.driver_id is null or (given.first_lead_id = known_pairs.lead_id and given.last_lead_id = known_pairs.lead_id))
                then 'NO_PERSON_KEY'
        end as drop_reason,
        known_pairs.*
    from known_pairs
    left join persons on persons.driver_id = known_pairs.driver_id
    left join given on given.driver_id = known_pairs.driver_id
    where known_pairs.plate_level = 'SAME'
        and not exists (select 1 from by_plate where by_plate.lead_id = known_pairs.lead_id and by_plate.drop_reason is null)
),

hits as (
    {% set columns = ['rule', 'rule_score', 'drop_reason', 'lead_id', 'driver_id', 'park_id', 'account_key'] %}
    {% set facts = ['phone_level', 'plate_level', 'name_level', 'name_similarity', 'parts_same', 'parts_near', 'hired_after_days', 'is_fired_before',
                    'is_target_park', 'phone_points', 'plate_points', 'name_points', 'model_points', 'date_points', 'score'] %}
    {% for relation in ('by_phone', 'by_plate', 'by_plate_again', 'by_score') %}
    select {{ (columns + facts) | join(', ') }} from {{ relation }}
    union all
    {% endfor %}
    select
        {% for column in columns %}
        by_person.{{ column }},
        {% endfor %}
        {% for fact in facts[:-1] %}
        known_pairs.{{ fact }},
        {% endfor %}
        known_pairs.{{ facts[-1] }}
    from by_person
    left join known_pairs on known_pairs.lead_id = by_person.lead_id and known_pairs.driver_id = by_person.driver_id
),

asked as (
    select distinct account_key from hits
),

-- Whom the accounts of a document or licence belong to, as far as links say.
accounts as (
    select
        drivers.account_key,
        min(drivers.driver_id) as first_driver_id,
        count(distinct persons.person_key) as persons,
        min(cast(persons.person_key as text)) as person_key
    from drivers
    inner join asked on asked.account_key = drivers.account_key
    left join persons on persons.driver_id = drivers.driver_id
    group by drivers.account_key
),

judged as (
    select
        hits.*,
        case
            -- The same phone in the target park goes before other parks (MR1).
            when hits.drop_reason is null
                and hits.rule = 'R1_PHONE_EXACT'
                and not coalesce(hits.is_target_park, false)
                and count(*) filter (where hits.drop_reason is null and hits.is_target_park) over (partition by hits.lead_id, hits.rule) > 0
                then 'OTHER_PARK'
            -- Where a person has decided, no rule has a say.
            when hits.drop_reason is null
                and hits.rule <> 'MANUAL'
                and count(*) filter (where hits.rule = 'MANUAL') over (partition by hits.lead_id) > 0
                then 'DECIDED_BY_PERSON'
            when hits.drop_reason is null
                and hits.rule <> 'MANUAL'
                and hits.score <= max(hits.score) filter (where hits.drop_reason is null) over (partition by hits.lead_id) - {{ points('MARGIN') }}
                then 'OUTSCORED'
            else hits.drop_reason
        end as reason,
        persons.person_key,
        coalesce(
            cast(persons.person_key as text),
            case when accounts.persons = 1 then accounts.person_key end,
            'driver:' || accounts.first_driver_id
        ) as who,
        accounts.first_driver_id
    from hits
    inner join accounts on accounts.account_key = hits.account_key
    left join persons on persons.driver_id = hits.driver_id
),

int_identity__candidates as (
    select
        lead_id,
        rule,
        driver_id,
        who,
        person_key,
        first_driver_id,
        park_id,
        reason is null as is_kept,
        reason as drop_reason,
        rule_score,
        {{ facts | join(',\n        ') }}
    from judged
)

select * from int_identity__candidates
