-- The state machines, enforced a second time. `legal_moves` holds the steps of src/core/order.ts and src/core/position.ts;
-- it is filled from them whenever the schema is brought forward, so that a change of those tables needs no file here.
-- A row that an append writes stands for all facts of one commit, so it brings the states that it went through along.
create table legal_moves (
  machine text not null, from_state text not null, to_state text not null,
  primary key (machine, from_state, to_state)
);
alter table orders add column moves bigint not null default 0, add column path text[] not null default '{}';
alter table positions add column moves bigint not null default 0, add column path text[] not null default '{}';

-- Each step within the path that the row brings is one of the table; a path that begins with the row begins at a birth.
create function refuse_illegal_path() returns trigger language plpgsql as $$
declare illegal text;
begin
  select format('%s to %s', coalesce(new.path[step - 1], 'unborn'), new.path[step]) into illegal
    from generate_series(case when new.moves < cardinality(new.path) then 1 else 2 end, cardinality(new.path)) step
   where not exists (select 1 from legal_moves where machine = tg_table_name
                        and from_state = case when step = 1 then 'unborn' else new.path[step - 1] end and to_state = new.path[step])
   limit 1;
  if illegal is not null then
    raise exception 'a row of % may not go from %', tg_table_name, illegal using errcode = 'restrict_violation';
  end if;
  if new.path[cardinality(new.path)] is distinct from new.state then
    raise exception 'a row of % is in state %, which its path does not end with', tg_table_name, new.state using errcode = 'restrict_violation';
  end if;
  return new;
end $$;
create trigger orders_walk before insert or update on orders for each row execute function refuse_illegal_path();
create trigger positions_walk before insert or update on positions for each row execute function refuse_illegal_path();

-- What is new in the path continues from the state that the row had.
create function refuse_illegal_move() returns trigger language plpgsql as $$
declare steps bigint := new.moves - old.moves;
begin
  if steps < 0 or steps >= cardinality(new.path) or new.path[cardinality(new.path) - steps] is distinct from old.state then
    raise exception 'a row of % in state % may not become %: its path does not continue from there', tg_table_name, old.state, new.state
      using errcode = 'restrict_violation';
  end if;
  return new;
end $$;
create trigger orders_move before update on orders for each row execute function refuse_illegal_move();
create trigger positions_move before update on positions for each row execute function refuse_illegal_move();

-- Rows follow from facts. Whoever changes one without a fact in the same transaction has not moved the head, and is refused.
create function refuse_by_hand() returns trigger language plpgsql as $$
begin
  if not exists (select 1 from ledger_head where id = 1 and xmin = pg_current_xact_id()::xid) then
    raise exception '% on % refused: its rows follow from facts and are not changed by hand', tg_op, tg_table_name
      using errcode = 'restrict_violation', hint = 'Use a command of the bot; "npm run audit rebuild -- --apply" writes the tables anew.';
  end if;
  return coalesce(new, old);
end $$;
create trigger orders_by_fact before insert or update or delete on orders for each row execute function refuse_by_hand();
create trigger positions_by_fact before insert or update or delete on positions for each row execute function refuse_by_hand();
create trigger fills_by_fact before insert or update or delete on fills for each row execute function refuse_by_hand();
create trigger order_evidence_by_fact before insert or update or delete on order_evidence for each row execute function refuse_by_hand();
create trigger approvals_by_fact before insert or update or delete on approvals for each row execute function refuse_by_hand();
create trigger votes_by_fact before insert or update or delete on votes for each row execute function refuse_by_hand();
create trigger orders_stay before truncate on orders for each statement execute function refuse_change();
create trigger positions_stay before truncate on positions for each statement execute function refuse_change();
create trigger fills_stay before truncate on fills for each statement execute function refuse_change();
create trigger order_evidence_stay before truncate on order_evidence for each statement execute function refuse_change();
create index fills_by_seq on fills (seq);

-- Which code the rows of the views were made by; other code writes them anew from the facts before it goes on.
create table views_version (id integer primary key check (id = 1), code_version text not null);
insert into views_version (id, code_version) values (1, '');
