-- The unsettled leads whose kept hits agree on one driver's person (D-22), and whether a lead of another name has the better claim to that
-- driver: mutual best, ties to review.
{{ config(materialized='table', indexes=[{'columns': ['lead_id'], 'unique': true}], post_hook="analyze {{ this }}") }}

with kept as (
    select *
    from {{ ref('int_identity__candidates') }} as candidates
    where candidates.is_kept
        and not exists (select 1 from {{ ref('int_identity__ignored') }} as ignored where ignored.lead_id = candidates.lead_id)
),

-- Looked up for the winners only.
leads as not materialized (
    select * from {{ ref('int_identity__leads') }}
),

ranked as (
    select
        kept.*,
        row_number() over (partition by lead_id order by rule_score desc, score desc, driver_id asc, rule asc) as place,
        -- A decision of a person goes before every score.
        max(case when rule = 'MANUAL' then 10000 else score end) over (partition by lead_id) as strength,
        bool_or(rule = 'MANUAL' or coalesce(phone_level, 'OTHER') <> 'OTHER' or coalesce(plate_level, 'OTHER') <> 'OTHER')
            over (partition by lead_id) as has_key,
        bool_or(phone_level = 'OTHER' or plate_level = 'OTHER') over (partition by lead_id) as has_other_key
    from kept
),

agreed as (
    select
        lead_id,
        count(distinct who) as whos,
        min(who) as who,
        max(strength) as strength,
        bool_or(has_key) as has_key,
        bool_or(has_other_key) as has_other_key
    from ranked
    group by lead_id
),

winners as (
    select
        agreed.lead_id,
        agreed.whos,
        agreed.who,
        agreed.strength,
        agreed.has_key,
        agreed.has_other_key,
        leads.name_key,
        leads.given_key,
        leads.surname_key
    from agreed
    inner join leads on leads.lead_id = agreed.lead_id
),

persons_of_winners as (
    select {{ as_person_key('who') }} as person_key from winners where whos = 1 and who not like 'driver:%'
),

-- Links of the source rows that some winner's person has: which of them is current is asked of those rows only.
staged as (
    {% set part %}(
        select links.*
        from {{ source('canon', 'identity_links') }} as links
        where links.source_table = 'module_ct_cabinet_leads' and links.source_pk in (
            select of_person.source_pk
            from persons_of_winners
            inner join {{ source('canon', 'identity_links') }} as of_person on of_person.person_key = persons_of_winners.person_key
            where of_person.source_table = 'module_ct_cabinet_leads'
        )
    ){% endset %}
    {{ staged_links(part) }}
),

links as (
    select * from staged where is_current
),

rivals as (
    select
        winners.lead_id,
        rivals.lead_id as rival_id,
        rivals.strength >= winners.strength and winners.strength < 10000 as is_stronger,
        coalesce(not winners.has_key and winners.has_other_key and rivals.has_key, false) as is_by_key,
        winners.name_key as left_name,
        winners.given_key as left_given,
        winners.surname_key as left_surname,
        rivals.name_key as right_name,
        rivals.given_key as right_given,
        rivals.surname_key as right_surname
    from winners
    inner join winners as rivals on rivals.who = winners.who and rivals.lead_id <> winners.lead_id
    where winners.whos = 1 and rivals.whos = 1
    union all
    -- Leads that are linked with that person already.
    select
        winners.lead_id,
        leads.lead_id as rival_id,
        winners.strength < 10000 as is_stronger,
        coalesce(not winners.has_key and winners.has_other_key, false) as is_by_key,
        winners.name_key as left_name,
        winners.given_key as left_given,
        winners.surname_key as left_surname,
        leads.name_key as right_name,
        leads.given_key as right_given,
        leads.surname_key as right_surname
    from winners
    inner join links on cast(links.person_key as text) = winners.who
    inner join leads on leads.lead_source_pk = links.source_pk and leads.lead_id <> winners.lead_id
    where winners.whos = 1
),

{{ compare_names('rivals', ['lead_id', 'rival_id']) }},

beaten as (
    select distinct rivals.lead_id
    from rivals
    left join names_compared as names on names.lead_id = rivals.lead_id and names.rival_id = rivals.rival_id
    where rivals.is_stronger
        and (rivals.is_by_key or names.lead_id is null or names.is_contradicted or names.is_surname_contradicted)
),

int_identity__winners as (
    select
        winners.lead_id,
        cast(winners.whos as integer) as whos,
        case when winners.whos = 1 then winners.who end as who,
        beaten.lead_id is not null as is_beaten,
        ranked.rule,
        ranked.rule_score,
        ranked.driver_id,
        ranked.first_driver_id,
        ranked.score
    from winners
    inner join ranked on ranked.lead_id = winners.lead_id and ranked.place = 1
    left join beaten on beaten.lead_id = winners.lead_id
)

select * from int_identity__winners
