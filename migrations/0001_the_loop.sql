-- The whole spine: who may see what, what was said and rated, what was learned from it, and who decided.
-- Every row belongs to a loop, and a loop never sees another's rows (forced row-level security below).

-- Roles -----------------------------------------------------------------------------------------
-- owner:  whoever runs the migrations. ratchet_app: everything done for one loop, under row-level security.
-- ratchet_ingest: the few jobs that look across loops (key look-up, the list of loops, bulk loading).
-- Roles belong to the whole server, so another database may have made them already, or be making them now.
do $$
begin
  if not exists (select from pg_roles where rolname = 'ratchet_app') then
    begin create role ratchet_app nologin; exception when duplicate_object or unique_violation then null; end;
  end if;
  if not exists (select from pg_roles where rolname = 'ratchet_ingest') then
    begin create role ratchet_ingest nologin bypassrls; exception when duplicate_object or unique_violation then null; end;
  end if;
  -- Only what is missing: whoever was given the roles by a superuser may not give them on.
  if not pg_has_role(current_user, 'ratchet_app', 'set') or not pg_has_role(current_user, 'ratchet_ingest', 'set') then
    execute format('grant ratchet_app, ratchet_ingest to %I with set true', current_user);
  end if;
exception when insufficient_privilege then
  raise exception 'this user may not create the roles ratchet_app and ratchet_ingest'
    using hint = 'as a superuser: create role ratchet_app; create role ratchet_ingest bypassrls; grant ratchet_app, ratchet_ingest to ' || current_user;
end $$;

create function loop_in_force() returns text language sql stable
  return nullif(current_setting('ratchet.loop', true), '');

-- Loops -----------------------------------------------------------------------------------------
create table loop (
  name text primary key check (name ~ '^[a-z][a-z0-9-]{0,39}$'),
  created_at timestamptz not null default now(),
  settings_version integer not null default 1,
  paused_at timestamptz,
  pulse_number bigint not null default 0,
  routing_version bigint not null default 1
);
create table loop_settings (
  loop text not null references loop,
  version integer not null,
  settings jsonb not null,
  at timestamptz not null default now(),
  actor text not null,
  reason text not null,
  primary key (loop, version)
);

-- Keys ------------------------------------------------------------------------------------------
create table api_key (
  id text primary key,
  loop text references loop, -- null: every loop
  name text not null,
  scopes text[] not null check (scopes <@ array['serve', 'feedback', 'read', 'operate', 'admin'] and cardinality(scopes) > 0),
  secret_hash bytea not null,
  created_at timestamptz not null default now(),
  created_by text not null,
  expires_at timestamptz,
  revoked_at timestamptz,
  last_used_at timestamptz
);

-- What was said and rated -----------------------------------------------------------------------
-- What clients call a thing, and what we call it. Unpartitioned, since a unique key cannot span partitions.
-- A rating that comes before its interaction reserves the interaction's id here.
create table ingest_key (
  loop text not null references loop,
  kind text not null check (kind in ('interaction', 'feedback')),
  client_id text not null check (length(client_id) between 1 and 128),
  id uuid not null unique, -- so a thing has one key, and holding that key is holding the thing
  primary key (loop, kind, client_id)
);

create table interaction (
  id uuid primary key, -- a UUIDv7 made by the server: the time of arrival, and so the partition
  loop text not null,
  at timestamptz not null, -- when it happened; may be long before it arrived
  unit text, -- whom an assignment sticks to, hashed with RATCHET_SECRET; null: in no experiment
  conversation text, -- hashed likewise
  model_id uuid, -- what answered; null: a model that is not ours
  model_name text not null,
  provider_model text, -- the provider's own name for what answered
  system_prompt_hash text,
  variant text not null check (variant in ('champion', 'challenger', 'standby')), -- as assigned (intention to treat)
  experiment_id uuid, -- set when the unit counts
  phase text check (phase in ('experiment', 'probation')),
  stratum smallint,
  messages jsonb not null,
  response jsonb,
  action_type text,
  action_data jsonb,
  quality real check (quality between 0 and 1),
  latency_us bigint,
  input_tokens integer,
  output_tokens integer,
  cost_micros bigint,
  error text,
  store boolean not null default true,
  metadata jsonb not null default '{}',
  pulse bigint, -- the pulse that first saw it
  check ((experiment_id is null) = (phase is null)),
  check ((experiment_id is null) = (stratum is null))
) partition by range (id);
create index interaction_unseen on interaction (loop, id) where pulse is null;
create index interaction_by_pulse on interaction (loop, pulse, id) where pulse is not null;
create index interaction_by_time on interaction (loop, at);
create index interaction_by_unit on interaction (loop, unit, id) where unit is not null;
-- Keeps what arrives when the pulse has been down for months; ensure_partitions moves it on.
create table interaction_default partition of interaction default;

-- A conversation keeps its model while that model is warm.
create table conversation (
  loop text not null references loop,
  id text not null,
  model_id uuid not null,
  last_at timestamptz not null,
  primary key (loop, id)
);

-- Feedback as it came: revisions are added, never changed (but for the number of the pulse that saw them).
create table feedback (
  id uuid primary key,
  loop text not null references loop,
  interaction_id uuid not null, -- no foreign key: it may come before its interaction, and outlive it
  name text not null default 'thumb' check (length(name) between 1 and 64),
  rater text not null, -- the rater's unit, hashed; '' when nobody said
  value jsonb not null, -- a number, a text, or null: withdrawn
  comment text,
  reasons text[] not null default '{}',
  correction text,
  action_type text,
  revision bigint,
  received_at timestamptz not null default now(),
  pulse bigint
) partition by range (id);
create table feedback_default partition of feedback default;
create index feedback_unseen on feedback (loop, id) where pulse is null;
create index feedback_by_pulse on feedback (loop, pulse) where pulse is not null;
create index feedback_of_rating on feedback (loop, interaction_id, name, rater);

-- The smallest UUIDv7 of an instant.
create function uuid_floor(at timestamptz) returns uuid language sql immutable
  return (lpad(to_hex(floor(extract(epoch from at) * 1000)::bigint), 12, '0') || '70008000000000000000')::uuid;

-- Makes the monthly partitions from as_of's month to `months` ahead; repeating it changes nothing. It gives way when the
-- tables are busy (false: ask again later), since waiting while others wait for us would be a deadlock.
create function ensure_partitions(as_of timestamptz, months integer) returns boolean
  language plpgsql security definer set search_path from current set lock_timeout = '300ms' as $$
declare
  parent text; name text; first_day timestamptz; lowest uuid; beyond uuid;
begin
  foreach parent in array array['interaction', 'feedback'] loop
    for ahead in 0 .. months loop
      first_day := (date_trunc('month', as_of at time zone 'UTC') + make_interval(months => ahead)) at time zone 'UTC';
      name := parent || to_char(first_day at time zone 'UTC', '_YYYY_MM');
      continue when to_regclass(name) is not null;
      execute format('lock table %I in access exclusive mode', parent || '_default'); -- one at a time, and no row arrives meanwhile
      continue when to_regclass(name) is not null;
      lowest := uuid_floor(first_day);
      beyond := uuid_floor((first_day at time zone 'UTC' + interval '1 month') at time zone 'UTC');
      execute format('create table %I (like %I including defaults including constraints)', name, parent);
      execute format('with moved as (delete from %I where id >= %L and id < %L returning *) insert into %I select * from moved',
        parent || '_default', lowest, beyond, name);
      execute format('alter table %I attach partition %I for values from (%L) to (%L)', parent, name, lowest, beyond);
    end loop;
  end loop;
  return true;
exception when lock_not_available then
  return false;
end $$;
select ensure_partitions(now(), 2);

-- The one live rating per (interaction, name, rater): the highest revision, else the later arrival.
create table rating (
  loop text not null references loop,
  interaction_id uuid not null,
  name text not null,
  rater text not null,
  feedback_id uuid not null,
  revision bigint,
  value jsonb not null,
  correction text,
  said_action_type text, -- what the rating itself said; the interaction's own wins
  changed_at timestamptz not null,
  counted boolean not null default false, -- true once its interaction is there and the sums below hold it
  day date, -- the sums it is counted in
  action_type text,
  primary key (loop, interaction_id, name, rater)
);
create index rating_uncounted on rating (loop, interaction_id) where not counted;
create index rating_recent on rating (loop, changed_at desc);

-- Thumbs by day and action: every summary reads these few rows.
create table feedback_rollup (
  loop text not null references loop,
  day date not null,
  action_type text not null, -- '' when none
  up bigint not null default 0,
  down bigint not null default 0,
  primary key (loop, day, action_type)
);

-- What was learned ------------------------------------------------------------------------------
create table artifact (
  loop text not null references loop,
  sha256 text not null check (sha256 ~ '^[0-9a-f]{64}$'),
  bytes bigint not null,
  created_at timestamptz not null default now(),
  deleted_at timestamptz,
  primary key (loop, sha256)
);

create table cycle (
  id uuid primary key,
  loop text not null references loop,
  number integer not null,
  pulse bigint, -- the pulse that found it due; null: an operator started it
  started_by text not null,
  reason text not null,
  settings_version integer not null,
  watermark bigint not null, -- the last pulse whose interactions and feedback it learns from
  as_of timestamptz not null,
  stage text not null default 'generate'
    check (stage in ('generate', 'train', 'poll', 'evaluate', 'experiment', 'done')),
  outcome text check (outcome in ('experiment', 'promoted', 'nothing_to_learn', 'prepared', 'over_budget', 'training_failed',
                                  'gate_failed', 'cancelled', 'failed')),
  outcome_reason text,
  started_at timestamptz not null default now(),
  ended_at timestamptz,
  unique (loop, number),
  unique (loop, pulse),
  check ((outcome is null) = (ended_at is null))
);

create table snapshot (
  id uuid primary key,
  loop text not null references loop,
  cycle_id uuid not null unique references cycle,
  watermark bigint not null,
  seed text not null,
  manifest jsonb not null,
  manifest_sha256 text not null,
  examples integer not null,
  created_at timestamptz not null default now()
);
create table snapshot_file (
  snapshot_id uuid not null references snapshot,
  loop text not null references loop,
  name text not null,
  sha256 text not null,
  bytes bigint not null,
  examples integer not null,
  primary key (snapshot_id, name)
);
create table snapshot_example (
  snapshot_id uuid not null references snapshot,
  loop text not null references loop,
  file text not null,
  line integer not null,
  interaction_id uuid not null,
  feedback_id uuid,
  primary key (snapshot_id, file, line)
);
create index snapshot_example_of on snapshot_example (loop, interaction_id);

create table training_run (
  id uuid primary key,
  loop text not null references loop,
  cycle_id uuid not null unique references cycle,
  snapshot_id uuid not null references snapshot,
  trainer text not null,
  key text not null unique, -- <cycle id>/train: what finds the job again
  status text not null default 'intended'
    check (status in ('intended', 'submitted', 'running', 'succeeded', 'failed', 'cancelled')),
  job_id text,
  job_status text, -- the trainer's own word
  reason text,
  intended_at timestamptz not null default now(),
  submitted_at timestamptz,
  ended_at timestamptz
);

create table budget_reservation (
  training_run_id uuid primary key references training_run,
  loop text not null references loop,
  month date not null,
  reserved_micros bigint not null check (reserved_micros >= 0),
  spent_micros bigint check (spent_micros >= 0), -- null until reconciled
  at timestamptz not null default now()
);

create table model (
  id uuid primary key,
  loop text not null references loop,
  name text not null,
  kind text not null check (kind in ('base', 'fine-tuned', 'in-context', 'prompt')),
  role text not null check (role in ('candidate', 'challenger', 'champion', 'standby', 'retired', 'rejected')),
  provider jsonb not null, -- {provider, baseURL, model}: what answers
  examples jsonb, -- {sha256, perRequest}: approved examples to put in front, when it learned in context
  training_run_id uuid unique references training_run,
  created_at timestamptz not null default now(),
  role_since timestamptz not null default now(),
  unique (loop, name)
);
-- One champion per loop and at most one challenger and one standby, whatever the code believes.
create unique index one_champion_per_loop on model (loop) where role = 'champion';
create unique index one_challenger_per_loop on model (loop) where role = 'challenger';
create unique index one_standby_per_loop on model (loop) where role = 'standby';

-- The gate --------------------------------------------------------------------------------------
create table gold_case (
  id uuid primary key,
  loop text not null references loop,
  gold_set text not null,
  name text not null,
  definition jsonb not null,
  created_at timestamptz not null default now(),
  unique (loop, gold_set, name)
);
create table evaluation (
  id uuid primary key,
  loop text not null references loop,
  cycle_id uuid unique references cycle,
  candidate_id uuid not null references model,
  champion_id uuid not null references model,
  gold_set text,
  passed boolean not null,
  reason text not null,
  report jsonb not null,
  at timestamptz not null default now()
);

-- The proof -------------------------------------------------------------------------------------
create table experiment (
  id uuid primary key,
  loop text not null references loop,
  cycle_id uuid unique references cycle,
  champion_id uuid not null references model,
  challenger_id uuid not null references model,
  parameters jsonb not null, -- frozen at the start
  salt text not null,
  status text not null check (status in ('running', 'awaiting_approval', 'probation', 'closed')),
  started_by text not null,
  started_at timestamptz not null,
  ends_at timestamptz not null, -- out of time; an operator may extend it
  serve_until timestamptz not null, -- the challenger is routed only until then; each look renews it
  paused_at timestamptz,
  approval_until timestamptz,
  probation_until timestamptz,
  verdict jsonb, -- the one it was decided by
  outcome text check (outcome in ('promoted', 'rejected', 'harmful', 'futile', 'inconclusive', 'stopped', 'approval_timed_out', 'rolled_back', 'lost')),
  outcome_reason text,
  closed_at timestamptz,
  closed_by text,
  check ((status = 'closed') = (closed_at is not null)),
  check (status <> 'closed' or outcome is not null)
);
create unique index one_open_experiment_per_loop on experiment (loop) where status <> 'closed';

create table look (
  experiment_id uuid not null references experiment,
  loop text not null references loop,
  number integer not null,
  phase text not null check (phase in ('experiment', 'probation')),
  at timestamptz not null,
  tallies jsonb not null,
  verdict jsonb not null,
  primary key (experiment_id, number)
);

-- One row per unit that counts: its ratings' sum and number (the first ten). A look never scans interactions.
create table unit_tally (
  loop text not null references loop,
  experiment_id uuid not null references experiment,
  phase text not null,
  metric text not null,
  unit text not null,
  variant text not null,
  stratum smallint not null,
  y_micros bigint not null default 0, -- sum of outcomes, in millionths
  k bigint not null default 0,
  primary key (experiment_id, phase, metric, unit)
);
create table variant_tally (
  loop text not null references loop,
  experiment_id uuid not null references experiment,
  phase text not null,
  metric text not null,
  variant text not null,
  stratum smallint not null,
  users bigint not null default 0,
  sum_y numeric not null default 0,
  sum_k numeric not null default 0,
  sum_yy numeric not null default 0,
  sum_yk numeric not null default 0,
  sum_kk numeric not null default 0,
  primary key (experiment_id, phase, metric, variant, stratum)
);

create table promotion (
  id uuid primary key,
  loop text not null references loop,
  kind text not null check (kind in ('first', 'promotion', 'rollback')),
  from_model_id uuid references model,
  to_model_id uuid not null references model,
  experiment_id uuid references experiment,
  verdict jsonb, -- what it was decided by
  supported boolean not null, -- false: an operator went past the evidence, and it stays marked
  actor text not null,
  reason text not null,
  at timestamptz not null default now(),
  -- No promotion without a verdict on record, and what that verdict did not say is marked.
  check (kind <> 'promotion' or coalesce(verdict ->> 'kind', '') <> ''),
  check (kind <> 'promotion' or not supported or verdict ->> 'kind' = 'promote')
);
create unique index one_promotion_per_experiment on promotion (experiment_id) where kind = 'promotion';
create unique index one_rollback_per_experiment on promotion (experiment_id) where kind = 'rollback';

-- The slot: held from a cycle's start to the end of probation.
create table slot (
  id uuid primary key,
  loop text not null references loop,
  cycle_id uuid references cycle,
  experiment_id uuid references experiment,
  taken_at timestamptz not null default now(),
  released_at timestamptz,
  check (cycle_id is not null or experiment_id is not null)
);
create unique index one_slot_per_loop on slot (loop) where released_at is null;

-- What was noticed ------------------------------------------------------------------------------
create table pulse (
  loop text not null references loop,
  number bigint not null,
  as_of timestamptz not null,
  at timestamptz not null default now(),
  interactions bigint not null,
  feedback bigint not null,
  analysis jsonb,
  due boolean,
  reason text,
  cycle_id uuid references cycle,
  primary key (loop, number),
  unique (loop, as_of)
);

create table alert (
  id uuid primary key,
  loop text not null references loop,
  kind text not null,
  subject text not null default '',
  words text not null,
  numbers jsonb not null default '{}',
  opened_at timestamptz not null default now(),
  closed_at timestamptz
);
create unique index one_open_alert on alert (loop, kind, subject) where closed_at is null;

-- Who decided -----------------------------------------------------------------------------------
-- A chain per loop ('*': what belongs to none). Each row hashes the one before and the salted digest of its
-- payload, so that salt and payload can be erased without breaking the chain.
create table audit (
  loop text not null,
  sequence bigint not null,
  at timestamptz not null,
  actor text not null,
  action text not null,
  subject text not null,
  reason text not null,
  payload jsonb,
  salt bytea,
  digest bytea not null,
  previous_hash bytea not null,
  hash bytea not null,
  primary key (loop, sequence)
);
create table audit_head (loop text primary key, sequence bigint not null, hash bytea not null);

-- What others should hear of; numbered as it becomes visible, since ids and times commit out of order.
create table event_outbox (
  id uuid primary key,
  loop text not null references loop,
  type text not null,
  subject text not null,
  version bigint not null default 1,
  number bigint,
  at timestamptz not null default now()
);
create index event_unnumbered on event_outbox (id) where number is null;
create unique index event_by_number on event_outbox (number) where number is not null;
create sequence event_number;

-- Row-level security, forced for everyone but ratchet_ingest ------------------------------------
do $$
declare name text;
begin
  foreach name in array array['loop_settings', 'ingest_key', 'interaction', 'conversation', 'feedback', 'rating', 'feedback_rollup',
    'artifact', 'cycle', 'snapshot', 'snapshot_file', 'snapshot_example', 'training_run', 'budget_reservation', 'model',
    'gold_case', 'evaluation', 'experiment', 'look', 'unit_tally', 'variant_tally', 'promotion', 'slot', 'pulse', 'alert',
    'audit', 'audit_head', 'event_outbox', 'api_key']
  loop
    execute format('alter table %I enable row level security', name);
    execute format('alter table %I force row level security', name);
    execute format('create policy own_loop on %I using (loop = loop_in_force()) with check (loop = loop_in_force())', name);
    execute format('grant select, insert, update, delete on %I to ratchet_app, ratchet_ingest', name);
  end loop;
end $$;
alter table loop enable row level security;
alter table loop force row level security;
create policy own_loop on loop using (name = loop_in_force()) with check (name = loop_in_force());
grant select, insert, update on loop to ratchet_app, ratchet_ingest;
grant usage on sequence event_number to ratchet_app, ratchet_ingest;
-- History is added to, never rewritten, by the application.
revoke update, delete on promotion, look, loop_settings, snapshot_file, snapshot_example from ratchet_app;
revoke update on feedback from ratchet_app;
grant update (pulse) on feedback to ratchet_app;
revoke update, delete on audit from ratchet_app;
grant update (payload, salt) on audit to ratchet_app; -- what an erasure takes out
revoke delete on audit_head from ratchet_app;
grant execute on function ensure_partitions to ratchet_app, ratchet_ingest;
