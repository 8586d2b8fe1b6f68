-- Check the rules of canon again, then tell the ones that rows break: how many rows, and the first five keys.
select canon.adopt();

select
    findings.relation,
    findings.rule,
    rules.kind,
    count(*) as rows_broken,
    (array_agg(findings.row_key order by length(findings.row_key), findings.row_key))[1:5] as examples
from ops.adoption_findings as findings
inner join canon.adoption_rules as rules on rules.relation = findings.relation and rules.rule = findings.rule
where findings.still_open
group by findings.relation, findings.rule, rules.kind
order by findings.relation, findings.rule
