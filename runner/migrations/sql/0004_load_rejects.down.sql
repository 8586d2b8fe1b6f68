-- Forgets which files were loaded and what was left out; the loaded rows stay.
drop table ops.loaded_files;
drop table ops.load_rejects;
