-- Whom each statement pays, how that was found and how sure it is; nothing is written back to the list, so a guess never becomes a fact (F32).
-- The list's own driver_id first (F31), then its person, then the name if exactly one driver of the whole master has it.
with statements as (
    select * from {{ ref('int_payments__statements') }}
),

persons_drivers as (
    select * from {{ ref('int_persons__drivers') }}
),

named as (
    select * from {{ ref('int_drivers__named') }} as states where {{ is_candidate('states') }}
),

keyed as (
    select
        statements.*,
        case
            when driver_id is null and person_key is null then {{ payment_name_key('driver_name') }}
        end as name_key
    from statements
),

-- Only names that the list has are looked up.
drivers_by_name as (
    select asked.name_key, min(named.driver_id) as driver_id, count(distinct named.driver_id) as drivers
    from (select distinct name_key from keyed where name_key is not null) as asked
    inner join named on named.name_key = asked.name_key
    group by asked.name_key
),

found as (
    select
        keyed.*,
        case
            when keyed.driver_id is not null then 'DRIVER_ID'
            when keyed.person_key is not null then 'PERSON_KEY'
            when drivers_by_name.drivers = 1 then 'NAME'
        end as found_by,
        case
            when keyed.driver_id is not null or keyed.person_key is not null or drivers_by_name.drivers = 1 then 'FOUND'
            when drivers_by_name.drivers > 1 then 'AMBIGUOUS'
            else 'NO_CANDIDATES'
        end as driver_match,
        coalesce(keyed.driver_id, case when drivers_by_name.drivers = 1 then drivers_by_name.driver_id end) as named_driver_id
    from keyed
    left join drivers_by_name on drivers_by_name.name_key = keyed.name_key
),

int_payments__found as (
    select
        found.payment_id,
        found.milestone,
        found.is_paid,
        found.reversal_cause,
        found.found_by,
        case found.found_by when 'DRIVER_ID' then 'HIGH' when 'PERSON_KEY' then 'MEDIUM' when 'NAME' then 'LOW' end as confidence,
        found.driver_match,
        found.named_driver_id,
        coalesce(found.named_driver_id, drivers_of_person.driver_id) as driver_id,
        coalesce(persons_of_driver.person_key, found.person_key) as person_key,
        found.driver_name,
        found.scout_id,
        found.list_price,
        found.stated_amount,
        found.pay_date
    from found
    left join persons_drivers as persons_of_driver on persons_of_driver.driver_id = found.named_driver_id
    left join persons_drivers as drivers_of_person
        on drivers_of_person.person_key = found.person_key and drivers_of_person.is_current_driver
)

select * from int_payments__found
