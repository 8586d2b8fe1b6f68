-- Writing identity decisions back: persons, driver links, lead links and unmatched rows, from what the models left as rows.
-- {confidence} and {unmatched_status} are the column types as the database has them: an adopted table's enums may live in any schema.

-- name: column_types
select
    (select format_type(a.atttypid, a.atttypmod) from pg_attribute as a
     where a.attrelid = 'canon.identity_links'::regclass and a.attname = 'confidence_level'),
    (select format_type(a.atttypid, a.atttypmod) from pg_attribute as a
     where a.attrelid = 'canon.identity_unmatched'::regclass and a.attname = 'status'),
    (select format_type(a.atttypid, a.atttypmod) from pg_attribute as a
     where a.attrelid = 'canon.identity_registry'::regclass and a.attname = 'confidence_level')

-- name: choose
-- Links that the flags ask for, oldest lead first; the limit caps what is linked, so that stragglers nobody can match never crowd out others.
create temporary table chosen on commit drop as
select placed.*
from (
    select
        decisions.*,
        row_number() over (order by decisions.lead_date, decisions.lead_id) as place
    from ops_intermediate.int_identity__decided as decisions
    where decisions.outcome in ('LINK_LEAD', 'LINK_DRIVER')
        -- Somebody decided about the lead after the build had read the decisions: the next run knows.
        and not exists (
            select 1
            from canon.identity_decisions as later
            where later.lead_source_pk = decisions.lead_source_pk
                and later.decided_at >= (select runs.started_at from ops.runs as runs where runs.run_id = %(run_id)s)
        )
        and (%(since)s::date is null or decisions.lead_date >= %(since)s::date)
) as placed
where %(limit)s::bigint is null or placed.place <= %(limit)s::bigint

-- name: create_persons
-- The key is worked out from the driver: a run that was killed and is repeated makes no second person.
with facts as (
    select
        chosen.person_key,
        min(drivers.phone_key) as phone,
        min(drivers.licence_key) as licence,
        min(drivers.name_key) as full_name
    from chosen
    left join ops_intermediate.int_identity__drivers as drivers on drivers.driver_id = chosen.driver_id
    where not exists (
        select 1
        from canon.identity_links as links
        where links.source_table = 'drivers' and links.source_pk = chosen.driver_id and links.person_key <> chosen.person_key
    )
    group by chosen.person_key
)
insert into canon.identity_registry (person_key, confidence_level, primary_phone, primary_license, primary_full_name)
select facts.person_key, 'HIGH', facts.phone, facts.licence, facts.full_name
from facts
on conflict (person_key) do nothing

-- name: fill_persons
-- Filled in, never overwritten; confidence only rises (3.1).
with facts as (
    select
        chosen.person_key,
        min(drivers.phone_key) as phone,
        min(drivers.licence_key) as licence,
        min(drivers.name_key) as full_name,
        bool_or(chosen.confidence_level = 'HIGH') as is_high
    from chosen
    left join ops_intermediate.int_identity__drivers as drivers on drivers.driver_id = chosen.driver_id
    group by chosen.person_key
)
update canon.identity_registry as persons
set
    primary_phone = coalesce(persons.primary_phone, facts.phone),
    primary_license = coalesce(persons.primary_license, facts.licence),
    primary_full_name = coalesce(persons.primary_full_name, facts.full_name),
    confidence_level = case when facts.is_high then cast('HIGH' as {registry_confidence}) else persons.confidence_level end,
    updated_at = now()
from facts
where persons.person_key = facts.person_key
    and (
        (persons.primary_phone is null and facts.phone is not null)
        or (persons.primary_license is null and facts.licence is not null)
        or (persons.primary_full_name is null and facts.full_name is not null)
        or (facts.is_high and persons.confidence_level::text <> 'HIGH')
    )

-- name: link_drivers
-- Every account that the lead's kept hits name and nobody has yet. The one that the decision shows comes last, so that it is the person's
-- driver (D-3: the latest link, then the highest id). A driver link that exists is never touched.
with wanted as (
    select
        candidates.driver_id,
        chosen.person_key,
        chosen.lead_source_pk,
        chosen.lead_date,
        chosen.match_rule,
        candidates.driver_id = chosen.driver_id as is_shown,
        row_number() over (
            partition by candidates.driver_id
            order by candidates.driver_id = chosen.driver_id desc, chosen.match_score desc, chosen.lead_date, chosen.lead_id
        ) as place
    from chosen
    cross join lateral (
        select distinct hits.driver_id
        from ops_intermediate.int_identity__hits as hits
        where hits.lead_id = chosen.lead_id and hits.is_kept
    ) as candidates
    where not exists (
        select 1 from canon.identity_links as links where links.source_table = 'drivers' and links.source_pk = candidates.driver_id
    )
)
insert into canon.identity_links (
    person_key, source_table, source_pk, snapshot_date, match_rule, match_score, confidence_level, evidence
)
select
    wanted.person_key,
    'drivers',
    wanted.driver_id,
    wanted.lead_date,
    'DRIVER_MATCH',
    100,
    'HIGH',
    jsonb_build_object(
        'driver_id', wanted.driver_id,
        'linked_from', wanted.lead_source_pk,
        'has_lead_verification', true,
        'lead_source_table', 'module_ct_cabinet_leads',
        'lead_match_rule', wanted.match_rule,
        'run_id', %(run_id)s
    )
from wanted
where wanted.place = 1
order by wanted.is_shown, wanted.person_key, wanted.driver_id
on conflict do nothing

-- name: link_leads
insert into canon.identity_links (
    person_key, source_table, source_pk, snapshot_date, match_rule, match_score, confidence_level, evidence
)
select
    chosen.person_key,
    'module_ct_cabinet_leads',
    chosen.lead_source_pk,
    chosen.lead_date,
    chosen.match_rule,
    chosen.match_score,
    cast(chosen.confidence_level as {confidence}),
    jsonb_build_object(
        'driver_id', chosen.driver_id,
        'park_id', candidates.park_id,
        'rule', chosen.match_rule,
        'phone_normalized', leads.phone_key,
        'plate_normalized', leads.plate_key,
        'phone', candidates.phone_level,
        'plate', candidates.plate_level,
        'name', candidates.name_level,
        'name_similarity', candidates.name_similarity,
        'score', candidates.score,
        'points', jsonb_build_object(
            'phone', candidates.phone_points,
            'plate', candidates.plate_points,
            'name', candidates.name_points,
            'model', candidates.model_points,
            'dates', candidates.date_points
        ),
        'run_id', %(run_id)s
    )
from chosen
inner join ops_intermediate.int_identity__leads as leads on leads.lead_id = chosen.lead_id
inner join ops_intermediate.int_identity__hits as candidates
    on candidates.lead_id = chosen.lead_id and candidates.driver_id = chosen.driver_id and candidates.rule = chosen.match_rule
where chosen.outcome = 'LINK_LEAD'
    and not exists (
        select 1
        from canon.identity_links as links
        where links.source_table = 'module_ct_cabinet_leads' and links.source_pk = chosen.lead_source_pk
    )
    -- Only with its driver: should somebody else have linked that one meanwhile, the lead waits for the next run.
    and exists (
        select 1
        from canon.identity_links as links
        where links.source_table = 'drivers' and links.source_pk = chosen.driver_id and links.person_key = chosen.person_key
    )
order by chosen.lead_date, chosen.lead_id
on conflict do nothing
returning match_rule

-- name: resolve
-- A row that has found its person is kept, as resolved.
update canon.identity_unmatched as unmatched
set status = 'RESOLVED', resolved_at = now()
where unmatched.source_table = 'module_ct_cabinet_leads'
    and unmatched.status = 'OPEN'
    and exists (
        select 1
        from canon.identity_links as links
        where links.source_table = unmatched.source_table and links.source_pk = unmatched.source_pk
    )

-- name: ignore
update canon.identity_unmatched as unmatched
set status = 'IGNORED'
from ops_intermediate.int_identity__decided as decisions
where decisions.outcome = 'IGNORED'
    and unmatched.source_table = 'module_ct_cabinet_leads'
    and unmatched.source_pk = decisions.lead_source_pk
    and unmatched.status <> 'IGNORED'

-- name: ask_for
-- Leads whose unmatched row may have to change: those that this build found due, and those decided about since the last run that wrote such
-- rows, which builds again after it did. A table that the planner knows the size of.
create temporary table asked on commit drop as
select due.lead_id from ops_intermediate.int_identity__leads_due as due
union
select decisions.lead_id
from ops_intermediate.int_identity__decided as decisions
where decisions.valid_from_run >= coalesce((
    select max(runs.run_id)
    from ops.runs as runs
    inner join ops.run_steps as steps on steps.run_id = runs.run_id
    where steps.name = 'reconcile leads' and steps.status = 'SUCCEEDED' and runs.published_at is not null
), 0);
analyze asked

-- name: write_unmatched
-- Why a lead has no person. A row is only written when something about it changed; what a person set to RESOLVED or IGNORED stays so.
with previews as (
    select
        ranked.lead_id,
        jsonb_build_object(
            'candidates',
            jsonb_agg(
                jsonb_build_object(
                    'driver_id', ranked.driver_id, 'rule', ranked.rule, 'dropped', ranked.drop_reason, 'score', ranked.score
                ) order by ranked.place
            )
        ) as preview
    from (
        select
            candidates.*,
            row_number() over (
                partition by candidates.lead_id
                order by candidates.is_kept desc, candidates.score desc nulls last, candidates.driver_id, candidates.rule
            ) as place
        from asked
        inner join ops_intermediate.int_identity__hits as candidates on candidates.lead_id = asked.lead_id
    ) as ranked
    where ranked.place <= 3
    group by ranked.lead_id
),
failed as (
    select
        decisions.lead_id,
        decisions.lead_date,
        decisions.lead_source_pk,
        coalesce(decisions.lead_date, %(as_of)s::date) as snapshot_date,
        decisions.reason_code,
        decisions.outcome = 'IGNORED' as is_ignored,
        jsonb_build_object(
            'phone', leads.phone_key,
            'plate', leads.plate_key,
            'name', leads.name_key,
            'licence', null,
            'rules', jsonb_build_object(
                'MR1', decisions.mr1_outcome,
                'MR2', decisions.mr2_outcome,
                'MR3', decisions.mr3_outcome,
                'MR3b', decisions.mr3b_outcome,
                'MR4', decisions.mr4_outcome,
                'SCORE', decisions.score_outcome
            ),
            'score', decisions.score
        ) as details,
        previews.preview
    from asked
    inner join ops_intermediate.int_identity__decided as decisions on decisions.lead_id = asked.lead_id
    inner join ops_intermediate.int_identity__leads as leads on leads.lead_id = decisions.lead_id
    left join previews on previews.lead_id = decisions.lead_id
    where decisions.outcome not in ('LINK_LEAD', 'LINK_DRIVER')
        and decisions.lead_person_key is null
),
refreshed as (
    update canon.identity_unmatched as unmatched
    set reason_code = failed.reason_code, details = failed.details, candidates_preview = failed.preview
    from failed
    where unmatched.source_table = 'module_ct_cabinet_leads'
        and unmatched.source_pk = failed.lead_source_pk
        and unmatched.status = 'OPEN'
        and failed.reason_code is not null
        and (unmatched.reason_code, unmatched.details, unmatched.candidates_preview)
        is distinct from (failed.reason_code, failed.details, failed.preview)
    returning 1
),
added as (
    insert into canon.identity_unmatched (
        source_table, source_pk, snapshot_date, reason_code, details, candidates_preview, status, created_at
    )
    select
        'module_ct_cabinet_leads',
        failed.lead_source_pk,
        failed.snapshot_date,
        coalesce(failed.reason_code, 'NO_CANDIDATES'),
        failed.details,
        failed.preview,
        cast(case when failed.is_ignored then 'IGNORED' else 'OPEN' end as {unmatched_status}),
        now()
    from failed
    where not exists (
        select 1
        from canon.identity_unmatched as unmatched
        where unmatched.source_table = 'module_ct_cabinet_leads' and unmatched.source_pk = failed.lead_source_pk
    )
    -- Sorted, so that all are found before the first is written (see claims.sql).
    order by failed.lead_date, failed.lead_id
    on conflict do nothing
    returning 1
)
select (select count(*) from refreshed) + (select count(*) from added)

-- name: count_decisions
select outcome, reason_code, match_rule, is_suggestion, count(*)
from ops_intermediate.int_identity__decided
group by outcome, reason_code, match_rule, is_suggestion

-- name: count_settled
select
    (select count(*) from ops_intermediate.int_leads__read where exclusion_reason is null)
    - (select count(*) from ops_intermediate.int_identity__unsettled)

-- name: has_states
select to_regclass('ops_intermediate.int_states__identity') is not null and exists (select 1 from ops.runs where is_live)

-- name: preview_counts
select states.outcome, states.reason_code, states.match_rule, states.is_suggestion, count(*)
from ops_intermediate.int_states__identity as states
where states.valid_from_run <= (select r.run_id from ops.runs as r where r.is_live)
    and states.valid_to_run > (select r.run_id from ops.runs as r where r.is_live)
group by states.outcome, states.reason_code, states.match_rule, states.is_suggestion

-- name: preview_links
-- What would be linked, with up to three examples a rule; keys are cut short, names and phones are not told.
select
    placed.match_rule,
    placed.outcome,
    placed.lead_source_pk,
    placed.driver_id,
    placed.score,
    cast(placed.lead_date as text) as lead_date,
    placed.rule_place
from (
    select
        states.*,
        row_number() over (order by states.lead_date, states.lead_id) as place,
        row_number() over (partition by states.match_rule, states.outcome order by states.lead_date, states.lead_id) as rule_place
    from ops_intermediate.int_states__identity as states
    where states.valid_from_run <= (select r.run_id from ops.runs as r where r.is_live)
        and states.valid_to_run > (select r.run_id from ops.runs as r where r.is_live)
        and states.outcome in ('LINK_LEAD', 'LINK_DRIVER')
        and (%(since)s::date is null or states.lead_date >= %(since)s::date)
) as placed
where %(limit)s::bigint is null or placed.place <= %(limit)s::bigint
order by placed.match_rule, placed.outcome, placed.rule_place
