-- A ramp: how many phases of an experiment are open, and what each look made of the next one.
alter table experiment
  add column phases_open smallint not null default 1,
  add constraint phases_are_the_ramps check (phases_open between 1 and coalesce(jsonb_array_length(parameters -> 'ramp'), 1));
comment on column experiment.phases_open is 'units with e below entered of the last open phase count; a fixed share is one phase';
alter table look add column ramp jsonb; -- {kind: open or wait, phase, words}; null: no phase's time had come
