-- The leads of the funnel that have no person, or a person without a driver (NO_IDENTITY, NO_DRIVER): the ones that matching works on. As this
-- build has resolved them: links may change while it is at work.
-- Without `with`: PostgreSQL does not look into a view that has one, and whoever looks up a few rows would read all.
select lead_id, lead_source_pk, person_key
from {{ ref('int_leads__resolved') }}
where driver_id is null
