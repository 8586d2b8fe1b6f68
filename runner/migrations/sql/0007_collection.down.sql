-- Stops the recording. The history and the settlements stay: a step back loses none; a later upgrade writes down what happened meanwhile.
drop trigger if exists claims_record on canon.claims_yango_cabinet_14d;
drop trigger if exists claims_record_truncate on canon.claims_yango_cabinet_14d;
drop trigger if exists claim_events_kept on canon.claim_events;
drop trigger if exists claim_events_kept_all on canon.claim_events;
drop function canon.keep_claim_events();
drop function canon.record_claims_truncated();
drop function canon.catch_up_claim_events();
drop function canon.record_claim();
drop function canon.act_of_whom();
