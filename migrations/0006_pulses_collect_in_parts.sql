-- A pulse gives its number to what is new in parts, a transaction each, and is collected after the last one. Until then no
-- other pulse of its loop is given a number, and nobody selects by it (store/collect.ts says what that keeps true).
alter table pulse add column collected boolean not null default true; -- those of before were collected in one transaction
create unique index one_pulse_collects_per_loop on pulse (loop) where not collected;
