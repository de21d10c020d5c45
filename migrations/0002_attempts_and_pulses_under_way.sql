-- A cycle may order more than one training run, one after the other: when a trainer is closed to us, the fallback trains.
alter table training_run
  add column attempt smallint not null default 1 check (attempt between 1 and 9),
  -- When the last submission left whose answer is not known to be a refusal: a job may be there. Null: there is none.
  add column sent_at timestamptz,
  -- What the trainer wrote about a failed job: it may quote what people wrote, so it is kept apart from the reason.
  add column detail text,
  drop constraint training_run_cycle_id_key,
  add unique (cycle_id, attempt);
-- Jobs that were submitted before this column was there; in every loop, which the owner sees only without force.
alter table training_run no force row level security;
update training_run set sent_at = coalesce(submitted_at, intended_at) where status <> 'intended' or ended_at is null;
alter table training_run force row level security;
comment on column training_run.key is '<cycle id>/train, then <cycle id>/train/2, …: what finds the job again';

-- The pulse that has begun and not come to its decision: one that is ended from outside is missed by the next.
alter table loop add column pulse_under_way jsonb; -- {workflow, run, asOf}

-- What reached an experiment through Temporal, with its answer. A retry and a reset bring it again; it is done once.
create table experiment_command (
  experiment_id uuid not null references experiment,
  loop text not null references loop,
  key text not null, -- update/<its id>, or signal/<first run of the workflow>/<number>
  asked_sha256 text not null check (asked_sha256 ~ '^[0-9a-f]{64}$'), -- of what was asked, by whom and why
  answer jsonb not null, -- {done} or {refused}
  at timestamptz not null,
  primary key (experiment_id, key, asked_sha256)
);
alter table experiment_command enable row level security;
alter table experiment_command force row level security;
create policy own_loop on experiment_command using (loop = loop_in_force()) with check (loop = loop_in_force());
grant select, insert, update, delete on experiment_command to ratchet_app, ratchet_ingest;
revoke update, delete on experiment_command from ratchet_app;
