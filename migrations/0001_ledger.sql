-- The record of everything, its head, and who may write. Facts are only ever added: the triggers below refuse the rest,
-- and the hash of each fact covers all of its columns and the hash before it.
create table events (
  seq bigint primary key check (seq >= 1),
  at timestamptz not null,
  wall_at timestamptz not null,
  actor text not null,
  kind text not null,
  trade_id text,
  caused_by bigint,
  -- json and not jsonb: jsonb stores a parsed value and writes it back with other bytes, and the hash is over the bytes.
  body json not null,
  prev_hash text not null check (prev_hash ~ '^[0-9a-f]{64}$'),
  hash text not null check (hash ~ '^[0-9a-f]{64}$'),
  epoch bigint not null,
  host text not null
);
create index events_of_trade on events (trade_id, seq) where trade_id is not null;
create index events_of_kind on events (kind, seq);

create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception '% on % refused: facts are only ever added', tg_op, tg_table_name using errcode = 'restrict_violation';
end $$;
create trigger events_are_final before update or delete on events for each row execute function refuse_change();
create trigger events_stay before truncate on events for each statement execute function refuse_change();

-- One row: the newest fact. Whoever appends moves it from the seq that he knows, so nobody appends to an old state.
-- `turn` rises whenever a writer had to find out what became of an append: a late statement of before then fails.
create table ledger_head (
  id integer primary key check (id = 1),
  seq bigint not null,
  hash text not null,
  turn bigint not null
) with (fillfactor = 10);
insert into ledger_head (id, seq, hash, turn) values (1, 0, repeat('0', 64), 0);

-- The fence: a takeover raises the epoch, and every append compares it under FOR SHARE.
create table trader_epoch (
  id integer primary key check (id = 1),
  epoch bigint not null,
  holder text not null,
  git_sha text not null,
  config_hash text not null,
  taken_at timestamptz
) with (fillfactor = 10);
insert into trader_epoch (id, epoch, holder, git_sha, config_hash) values (1, 0, 'nobody', '', '');

-- A table of its own, so that heartbeats never wait for appends or the other way round. Its times are the database's.
create table trader_lease (
  id integer primary key check (id = 1),
  holder text not null,
  lease_until timestamptz not null
) with (fillfactor = 10);
insert into trader_lease (id, holder, lease_until) values (1, 'nobody', '-infinity');

-- A shortcut for start-up, never a source: a snapshot of other code, or of another history, is not used.
create table books_snapshot (
  seq bigint not null,
  code_version text not null,
  at timestamptz not null,
  hash text not null,
  books json not null,
  primary key (seq, code_version)
);
