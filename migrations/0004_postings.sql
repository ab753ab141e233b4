-- Double entry: what each fact moved, per account and asset. Rows are only ever added, and those of one fact sum to zero.
create table postings (
  seq bigint not null, leg integer not null, at timestamptz not null,
  account text not null check (account in ('cash','position','dust','market','fees','equity','external','suspense')),
  trade_id text, asset text not null, amount numeric(38,18) not null check (amount <> 0), worth numeric(38,18),
  primary key (seq, leg)
);
create index postings_of_trade on postings (trade_id, seq) where trade_id is not null;

create function refuse_uneven_postings() returns trigger language plpgsql as $$
declare uneven text;
begin
  select format('fact %s: %s sums to %s', seq, asset, sum(amount)) into uneven from fresh group by seq, asset having sum(amount) <> 0 limit 1;
  if uneven is not null then
    raise exception 'postings must sum to zero; %', uneven using errcode = 'restrict_violation';
  end if;
  return null;
end $$;
create trigger postings_sum_to_zero after insert on postings referencing new table as fresh for each statement execute function refuse_uneven_postings();
create trigger postings_by_fact before insert or update or delete on postings for each row execute function refuse_by_hand();
create trigger postings_stay before truncate on postings for each statement execute function refuse_change();
-- A table that only grows is never updated, not even by the bot itself; a rebuild takes rows out and puts the replayed ones in.
create trigger postings_are_final before update on postings for each row execute function refuse_change();
create trigger order_evidence_is_final before update on order_evidence for each row execute function refuse_change();
