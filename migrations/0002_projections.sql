-- Views of the ledger as tables: what the house knows now, and what it has seen. Every row is derived from facts by
-- src/core/projections.ts in the transaction of the fact; `audit rebuild` proves that a replay gives the same rows.
create table signals (
  signal_id text primary key, seq bigint not null, at timestamptz not null, strategy text not null, instrument_id text not null,
  direction text not null check (direction in ('long','short','flat')), strength numeric(38,18) not null, because text not null,
  price numeric(38,18) not null, candle_at timestamptz not null
);
create index signals_newest on signals (seq desc);
create table denials (
  seq bigint primary key, at timestamptz not null, signal_id text, trade_id text, strategy text not null, instrument_id text not null,
  stage text not null, denials jsonb not null, notes jsonb not null
);
create table approvals (
  approval_id text primary key, trade_id text, kind text not null, tier text not null, requester text not null, mode text not null,
  version integer not null check (version >= 1),
  state text not null check (state in ('pending','approved','executing','executed','exec_failed','exec_unknown','declined','expired','canceled','superseded','invalidated')),
  digest text not null, quorum integer not null check (quorum >= 1), dedupe_key text not null,
  created_at timestamptz not null, expires_at timestamptz not null, decided_at timestamptz, decided_by jsonb not null,
  reason text, superseded_by text, subject jsonb not null
);
-- One open request per intent, whatever raced.
create unique index approvals_one_open on approvals (dedupe_key) where state = 'pending';
create index approvals_newest on approvals (created_at desc);
create table votes (
  approval_id text not null, version integer not null, person_id text not null, verdict text not null check (verdict in ('yes','no')),
  seq bigint not null, at timestamptz not null, wall_at timestamptz not null, digest text not null, platform text not null, user_id text not null,
  chat_id text not null, message_id text not null, event_id text not null, tap_age_ms bigint, reason text,
  primary key (approval_id, version, person_id, verdict)
);
create table prompts (
  prompt_id text primary key, approval_id text not null, platform text not null, chat_id text not null, thread_id text, message_id text,
  rev_shown integer not null, rev_prepared integer not null, is_live boolean not null
);
-- Only hashes: a copy of this table gives nobody a button.
create table button_tokens (token_hash text primary key, prompt_id text not null, verb text not null check (verb in ('approve','decline')), version integer not null);
create table inbox (inbox_id text primary key, received_at timestamptz not null, handled_at timestamptz, outcome text, payload text not null);
create index inbox_waiting on inbox (received_at) where handled_at is null;
create table inbox_keys (event_key text primary key, inbox_id text not null);
create table outbox (
  card_id text primary key, platform text not null, chat_id text not null, thread_id text, severity text not null, alert text not null,
  fold_key text not null, card jsonb not null, queued_at timestamptz not null, state text not null check (state in ('queued','sent','dropped')),
  message_id text, settled_at timestamptz
);
create index outbox_waiting on outbox (queued_at) where state = 'queued';
create index outbox_newest on outbox (platform, chat_id, queued_at desc);
create table people (person_id text primary key, name text not null, role text not null check (role in ('viewer','operator','approver','owner')), time_zone text not null, is_active boolean not null);
create table links (
  platform text not null, user_id text not null, person_id text not null, chat_id text not null, thread_id text,
  linked_at timestamptz not null, unlinked_at timestamptz, primary key (platform, user_id)
);
create table orders (
  client_order_id text primary key, venue_order_id text, trade_id text not null, intent_id text not null, approval_id text, approval_version integer,
  mode text not null, venue text not null, account text not null, instrument_id text not null,
  leg text not null check (leg in ('entry','protect','exit')), side text not null check (side in ('buy','sell')), attempt integer not null check (attempt >= 1),
  order_type text not null check (order_type in ('limit','stop_limit','oco')),
  quantity numeric(38,18) not null check (quantity > 0), limit_price numeric(38,18) not null check (limit_price > 0),
  trigger_price numeric(38,18), target_price numeric(38,18),
  state text not null check (state in ('intent','sending','open','partial','cancel_pending','cancel_unknown','unknown','filled','canceled','partial_canceled','expired','rejected','abandoned','absent','lost','reopened_by_fill')),
  filled_quantity numeric(38,18) not null check (filled_quantity >= 0), filled_notional numeric(38,18) not null,
  digest text not null, exit_reason text, decided_at timestamptz not null, sent_at timestamptz, changed_at timestamptz not null, ended_at timestamptz, problem text,
  -- One order a decision: the execution of one approved version can exist once.
  unique (mode, trade_id, leg, attempt)
);
create unique index orders_one_per_approval on orders (approval_id, approval_version, leg) where approval_id is not null;
-- One exit order per position in a live state.
create unique index orders_one_live_exit on orders (trade_id) where leg = 'exit' and state in ('intent','sending','open','partial','cancel_pending','cancel_unknown','unknown');
create index orders_open on orders (venue, instrument_id) where ended_at is null;
create index orders_by_instrument on orders (instrument_id, decided_at desc);
create table fills (
  client_order_id text not null, venue_fill_id text not null, seq bigint not null, at timestamptz not null, filled_at timestamptz not null,
  trade_id text not null, venue text not null, account text not null, instrument_id text not null, side text not null,
  price numeric(38,18) not null check (price > 0), quantity numeric(38,18) not null check (quantity > 0),
  fee numeric(38,18) not null, fee_asset text not null, fee_in_quote numeric(38,18) not null, liquidity text not null,
  primary key (client_order_id, venue_fill_id)
);
create unique index fills_once on fills (venue, account, instrument_id, venue_fill_id);
create index fills_by_trade on fills (trade_id, seq);
create table order_evidence (seq bigint primary key, at timestamptz not null, client_order_id text not null, verdict text not null, endpoints jsonb not null, because text not null);
create index order_evidence_by_order on order_evidence (client_order_id, seq);
create table positions (
  position_id text primary key, mode text not null, account text not null, instrument_id text not null, strategy text not null, direction text not null,
  state text not null check (state in ('entry','monitoring','stop_triggered','tp_triggered','expiry','exit_requested','exit_pending','residual','closed')),
  protection text not null check (protection in ('none','placing','placed','local_guard')),
  quantity numeric(38,18) not null, bought_quantity numeric(38,18) not null, sold_quantity numeric(38,18) not null,
  entry_price numeric(38,18), entry_cost numeric(38,18) not null, exit_proceeds numeric(38,18) not null,
  stop_price numeric(38,18) not null, target_price numeric(38,18), intended_entry_price numeric(38,18) not null, intended_exit_price numeric(38,18),
  fees numeric(38,18) not null, realized_pnl numeric(38,18) not null, exit_reason text, opened_at timestamptz, closed_at timestamptz, has_dust boolean not null
);
create index positions_open on positions (instrument_id) where state <> 'closed';
create index positions_by_instrument on positions (instrument_id, opened_at desc);
create table runtime_controls (name text primary key, value text, changed_at timestamptz not null, changed_by text not null, reason text not null);
create table risk_events (seq bigint primary key, at timestamptz not null, kind text not null, actor text not null, trade_id text, body jsonb not null);
create table system_events (seq bigint primary key, at timestamptz not null, kind text not null, actor text not null, trade_id text, body jsonb not null);
create table strategies (
  name text primary key, signals bigint not null, denied bigint not null, entries bigint not null, trades bigint not null, winners bigint not null,
  pnl numeric(38,18) not null, fees numeric(38,18) not null, last_signal_at timestamptz
);
create table days (
  date text primary key, start_equity numeric(38,18) not null, end_equity numeric(38,18) not null, signals bigint not null, denied bigint not null,
  entries bigint not null, trades bigint not null, winners bigint not null, pnl numeric(38,18) not null, fees numeric(38,18) not null,
  asked bigint not null, approved bigint not null, declined bigint not null, expired bigint not null, unknown_orders bigint not null, starts bigint not null
);
