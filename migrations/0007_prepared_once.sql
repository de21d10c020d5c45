-- What may be learned from is prepared once, as a pulse meets it: cleaned, redacted, counted and fingerprinted, by recipe.
-- A snapshot then only selects, drops copies, splits and writes.

alter table interaction add column tools jsonb; -- what the request offered to call

-- How rows are prepared: what it depends on, under the hash of it. An old one stays: its snapshots rebuild.
create table recipe (
  loop text not null references loop,
  id text not null check (id ~ '^[0-9a-f]{16}$'), -- of the SHA-256 of the definition's canonical JSON
  definition jsonb not null,
  created_at timestamptz not null,
  primary key (loop, id)
);

-- How far a recipe has come along each stream, in the order of (pulse, id).
create table preparation (
  loop text not null,
  recipe text not null,
  stream text not null check (stream in ('interaction', 'feedback')),
  pulse bigint not null default 0,
  id uuid not null default 'ffffffff-ffff-ffff-ffff-ffffffffffff', -- up to and with this one
  primary key (loop, recipe, stream),
  foreign key (loop, recipe) references recipe
);

-- A pair of question and answer as it may be taught. The answer is the model's, or what a person would rather have read.
create table prepared (
  loop text not null,
  recipe text not null,
  id uuid not null, -- the interaction's, and so the partition
  source uuid not null, -- whose answer it is: the interaction's own, or a rating's with its correction
  pulse bigint not null, -- the interaction's
  at timestamptz not null,
  unit text,
  conversation text,
  action_type text,
  quality real,
  model_id uuid,
  refused text, -- the rule that keeps it out of every snapshot; then no text of it is kept
  line text, -- for supervised training, ready to be written
  tokens integer,
  fingerprint bytea, -- of question and answer: equal for copies
  asked bytea, -- of the question alone: what two answers may be preferred to
  bands bytea, -- for near-copies
  redactions jsonb, -- how many spans were replaced, by type
  primary key (loop, recipe, id, source),
  check ((refused is null) = (line is not null and tokens is not null
    and fingerprint is not null and asked is not null and bands is not null and redactions is not null)),
  check (refused is null or line is null)
) partition by range (id);
create index prepared_by_unit on prepared (loop, unit) where unit is not null;
create table prepared_default partition of prepared default with (toast_tuple_target = 8160);

-- Ratings in the order in which pulses saw them.
drop index feedback_by_pulse;
create index feedback_by_pulse on feedback (loop, pulse, id) where pulse is not null;

-- As before, of one table more.
create or replace function ensure_partitions(as_of timestamptz, months integer) returns boolean
  language plpgsql security definer set search_path from current set lock_timeout = '300ms' as $$
declare
  parent text; name text; first_day timestamptz; lowest uuid; beyond uuid;
begin
  foreach parent in array array['interaction', 'feedback', 'prepared'] loop
    for ahead in 0 .. months loop
      first_day := (date_trunc('month', as_of at time zone 'UTC') + make_interval(months => ahead)) at time zone 'UTC';
      name := parent || to_char(first_day at time zone 'UTC', '_YYYY_MM');
      continue when to_regclass(name) is not null;
      execute format('lock table %I in access exclusive mode', parent || '_default'); -- one at a time, and no row arrives meanwhile
      continue when to_regclass(name) is not null;
      lowest := uuid_floor(first_day);
      beyond := uuid_floor((first_day at time zone 'UTC' + interval '1 month') at time zone 'UTC');
      execute format('create table %I (like %I including defaults including constraints)', name, parent);
      -- A line of usual length is read as it stands: neither packed nor put elsewhere.
      if parent = 'prepared' then execute format('alter table %I set (toast_tuple_target = 8160)', name); end if;
      execute format('with moved as (delete from %I where id >= %L and id < %L returning *) insert into %I select * from moved',
        parent || '_default', lowest, beyond, name);
      execute format('alter table %I attach partition %I for values from (%L) to (%L)', parent, name, lowest, beyond);
    end loop;
  end loop;
  return true;
exception when lock_not_available then
  return false;
end $$;
select ensure_partitions(to_timestamp(right(relname, 7) || '_02', 'YYYY_MM_DD'), 0)
from pg_class where relname ~ '^interaction_[0-9]{4}_[0-9]{2}$'; -- what is there already is prepared into months of its own, too
select ensure_partitions(now(), 2);

do $$
declare name text;
begin
  foreach name in array array['recipe', 'preparation', 'prepared'] loop
    execute format('alter table %I enable row level security', name);
    execute format('alter table %I force row level security', name);
    execute format('create policy own_loop on %I using (loop = loop_in_force()) with check (loop = loop_in_force())', name);
    execute format('grant select, insert, update, delete on %I to ratchet_app, ratchet_ingest', name);
  end loop;
end $$;

-- Files of old snapshots are kept gzipped.
alter table snapshot_file add column gzipped_at timestamptz;
create index snapshot_file_plain on snapshot_file (loop, snapshot_id) where gzipped_at is null;
grant update (gzipped_at) on snapshot_file to ratchet_app;

-- A snapshot's lineage is written while its files are, under an id that its cycle has put aside; the snapshot's own row comes
-- last, when all of it is there.
alter table cycle add column snapshot_draft uuid;
alter table snapshot_example drop constraint snapshot_example_snapshot_id_fkey;
-- A pair of answers comes from two interactions.
alter table snapshot_example drop constraint snapshot_example_pkey, add primary key (snapshot_id, file, line, interaction_id);

-- Takes back the lineage of a snapshot that did not come to be. History stays history: one that did keeps its own.
create function forget_unfinished(draft uuid) returns void language sql security definer set search_path from current
begin atomic
  delete from snapshot_example
  where snapshot_id = draft and loop = loop_in_force() and not exists (select from snapshot where id = draft);
end;
revoke execute on function forget_unfinished from public;
grant execute on function forget_unfinished to ratchet_app;
