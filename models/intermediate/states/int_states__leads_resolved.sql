-- Each lead of the funnel with its person (R9), the person's driver (R10, D-3), its window (R5), and the leads of the same person that it
-- repeats or overlaps (D-2), by run. A table, read once per build, as the drivers of persons are.
-- depends_on: {{ ref('int_leads__due') }}, {{ ref('int_leads__read') }}, {{ ref('int_persons__drivers') }}
-- depends_on: {{ ref('milestones') }}, {{ ref('stg_canon__identity_links') }}, {{ source('canon', 'identity_links') }}
{{ config(
    materialized='versioned',
    unique_key='lead_id',
    scope={'relation': 'int_leads__due', 'columns': ['lead_id']},
    state_indexes=["(person_key)", "(lead_source_pk)", "(window_end)", "(lead_id) where (driver_id IS NULL)"],
) }}

with leads as (
    select read.*
    from {{ ref('int_leads__read') }} as read
    {% if partial() %}inner join {{ ref('int_leads__due') }} as due on due.lead_id = read.lead_id{% endif %}
    where read.exclusion_reason is null
),

{% if partial() %}
links_of_due as (
    {% set part %}(
        select links.*
        from {{ source('canon', 'identity_links') }} as links
        inner join leads on leads.lead_source_pk = links.source_pk
        where links.source_table = 'module_ct_cabinet_leads'
    ){% endset %}
    {{ staged_links(part) }}
),
{% else %}
links_of_due as (
    select * from {{ ref('stg_canon__identity_links') }}
),
{% endif %}

links as (
    select * from links_of_due where is_current
),

milestones as (
    select * from {{ ref('milestones') }}
),

drivers_of_person as (
    select * from {{ ref('int_persons__drivers') }} where is_current_driver
),

windows as (
    select
        leads.lead_id,
        max(milestones.window_days) as window_days
    from leads
    inner join milestones
        on (milestones.valid_from is null or milestones.valid_from <= leads.lead_date)
        and (milestones.valid_to is null or milestones.valid_to >= leads.lead_date)
    group by leads.lead_id
),

with_person as (
    select
        leads.*,
        links.person_key,
        drivers_of_person.driver_id,
        coalesce(drivers_of_person.driver_count, 0) as driver_count,
        leads.lead_date + windows.window_days as window_end
    from leads
    inner join windows on windows.lead_id = leads.lead_id
    left join links on links.source_table = 'module_ct_cabinet_leads' and links.source_pk = leads.lead_source_pk
    left join drivers_of_person on drivers_of_person.person_key = links.person_key
),

-- Two leads of one person on one date: the earlier lead_created_at, then the lower id, bears the claim.
by_person_and_date as (
    select
        lead_id,
        person_key,
        lead_date,
        window_end,
        lead_source_pk,
        row_number() over (partition by person_key, lead_date order by lead_created_at, lead_id) as place,
        first_value(lead_source_pk) over (partition by person_key, lead_date order by lead_created_at, lead_id) as bearer_source_pk
    from with_person
    where person_key is not null
),

bearers as (
    select
        person_key,
        lead_date,
        lag(window_end) over (partition by person_key order by lead_date) as earlier_window_end,
        lag(lead_source_pk) over (partition by person_key order by lead_date) as earlier_source_pk
    from by_person_and_date
    where place = 1
),

int_states__leads_resolved as (
    select
        with_person.lead_id,
        with_person.lead_source_pk,
        with_person.person_key,
        with_person.driver_id,
        with_person.park_phone,
        with_person.asset_plate_number,
        with_person.first_name,
        with_person.middle_name,
        with_person.last_name,
        case when by_person_and_date.place > 1 then by_person_and_date.bearer_source_pk end as duplicate_of_lead_source_pk,
        case when bearers.earlier_window_end > with_person.lead_date then bearers.earlier_source_pk end as overlaps_lead_source_pk,
        with_person.driver_count,
        with_person.window_end <= {{ as_of_date() }} as window_closed,
        with_person.week_start,
        with_person.lead_date,
        with_person.window_end
    from with_person
    left join by_person_and_date on by_person_and_date.lead_id = with_person.lead_id
    left join bearers on bearers.person_key = with_person.person_key and bearers.lead_date = with_person.lead_date
)

select * from int_states__leads_resolved
