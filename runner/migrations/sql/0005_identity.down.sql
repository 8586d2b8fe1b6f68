-- The decisions of people stay, as every write-back table does; they are taken up again by the next upgrade.
drop trigger identity_decisions_kept on canon.identity_decisions;
drop function canon.refuse_change();
drop function canon.edit_distance(text, text, integer);
