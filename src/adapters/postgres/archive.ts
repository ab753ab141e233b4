/** Reads what is only shown, over sessions of its own: a report of a whole year never holds up an order. */
import type pg from "pg";
import { z } from "zod";
import type { Fact, Recorded } from "../../core/events.ts";
import { notional, price, quantity, ratio } from "../../core/money.ts";
import type { DayShown, TradeClosed } from "../../core/pnl.ts";
import type { Tally } from "../../core/tally.ts";
import { instant, isoTime } from "../../core/time.ts";
import { defineQuery } from "../../define/query.ts";
import { type Archive, ArchiveAway } from "../../ports/archive.ts";
import { type EventRow, entryOf } from "./chain.ts";
import { runQuery, toMilliseconds } from "./event_rows.ts";

/** What an earlier close had counted stands beside each close, since a late fill may reopen a trade in another month. */
export const closesQuery = defineQuery({
  name: "closes",
  params: z.object({ since: z.string(), until: z.string() }),
  row: z.object({
    seq: z.number().int(),
    at: z.number().int(),
    opened_at: z.number().int().nullable(),
    trade_id: z.string(),
    mode: z.string(),
    strategy: z.string(),
    instrument_id: z.string(),
    reason: z.string(),
    quantity: z.string(),
    entry_price: z.string().nullable(),
    exit_price: z.string().nullable(),
    pnl: z.string(),
    fees: z.string(),
    pnl_before: z.string().nullable(),
    fees_before: z.string().nullable(),
  }),
  text: `
    select e.seq, e.at, p.opened_at, p.position_id as trade_id, p.mode, p.strategy, p.instrument_id,
           e.body->>'reason' as reason, p.bought_quantity as quantity, e.body->>'entryPrice' as entry_price,
           e.body->>'exitPrice' as exit_price, e.body->>'pnl' as pnl, e.body->>'fees' as fees,
           b.pnl as pnl_before, b.fees as fees_before
      from events e
      join positions p on p.position_id = e.body->>'positionId'
      left join lateral (
        select c.body->>'pnl' as pnl, c.body->>'fees' as fees from events c
         where c.trade_id = e.trade_id and c.kind = 'position_closed' and c.seq < e.seq and c.body->>'reason' <> 'no_fill'
         order by c.seq desc limit 1
      ) b on true
     where e.kind = 'position_closed' and e.body->>'reason' <> 'no_fill'
       and e.at >= :since::timestamptz and e.at < :until::timestamptz
     order by e.seq`,
});

export const daysQuery = defineQuery({
  name: "days",
  params: z.object({ from_date: z.string() }),
  row: z.object({
    date: z.string(),
    start_equity: z.string(),
    end_equity: z.string(),
    signals: z.number().int(),
    denied: z.number().int(),
    entries: z.number().int(),
    asked: z.number().int(),
    approved: z.number().int(),
    declined: z.number().int(),
    expired: z.number().int(),
    unknown_orders: z.number().int(),
    starts: z.number().int(),
  }),
  text: `
    select date, start_equity, end_equity, signals, denied, entries, asked, approved, declined, expired, unknown_orders, starts
      from days where date >= :from_date and date <> '' order by date`,
});

/** A height moves along with what is paid in or taken out, as the drawdown of the house does. */
export const accountQuery = defineQuery({
  name: "account",
  params: z.object({ since: z.string(), until: z.string() }),
  row: z.object({ transferred: z.string(), high: z.string().nullable(), deepest: z.string().nullable() }),
  text: `
    with facts as (
      select seq, case when kind <> 'transfer_recorded' then (body->>'equity')::numeric end as equity,
             sum(case when kind = 'transfer_recorded' and body->>'explains' is null
                      then case body->>'direction' when 'in' then 1 else -1 end * coalesce((body->>'worth')::numeric, 0)
                      else 0 end) over (order by seq) as moved
        from events
       where kind in ('account_opened', 'equity_marked', 'transfer_recorded')
         and at >= :since::timestamptz and at < :until::timestamptz
    ), marks as (
      select seq, equity, moved, moved + max(equity - moved) over (order by seq) as high
        from facts where equity is not null
    ), whole as (
      select coalesce((select moved from facts order by seq desc limit 1), 0) as transferred
    )
    select trim_scale(transferred)::text as transferred,
           trim_scale((select high - moved from marks order by seq desc limit 1) + transferred)::text as high,
           (select trim_scale(round(max((high - equity) / high), 8))::text from marks where high > 0) as deepest
      from whole`,
});

export const refusalsQuery = defineQuery({
  name: "refusals",
  params: z.object({ since: z.string(), until: z.string() }),
  row: z.object({ code: z.string(), count: z.number().int() }),
  text: `
    select one.value->>'code' as code, count(*) as count
      from denials d cross join lateral jsonb_array_elements(d.denials) one
     where d.at >= :since::timestamptz and d.at < :until::timestamptz
     group by 1 order by 2 desc, 1 limit 20`,
});

export const gapsQuery = defineQuery({
  name: "gaps",
  params: z.object({ since: z.string(), until: z.string() }),
  row: z.object({ source: z.string(), count: z.number().int(), gone_ms: z.number().int() }),
  text: `
    select body->>'source' as source, count(*) as count, sum((body->>'goneMs')::bigint)::bigint as gone_ms
      from events where kind = 'source_back' and at >= :since::timestamptz and at < :until::timestamptz
     group by 1 order by 1`,
});

/** Answers of people: what a policy decided took nobody any time. */
export const answersQuery = defineQuery({
  name: "answers",
  params: z.object({ since: z.string(), until: z.string() }),
  row: z.object({ median_ms: z.number().int().nullable() }),
  text: `
    select percentile_disc(0.5) within group (
             order by greatest(0, (e.body->>'settledAt')::bigint - (extract(epoch from a.created_at) * 1000)::bigint)
           )::bigint as median_ms
      from events e
      join approvals a on a.approval_id = e.body->>'approvalId'
     where e.kind = 'approval_settled' and e.body->>'from' = 'pending' and e.body->>'to' in ('approved', 'declined')
       and not exists (select 1 from json_array_elements_text(e.body->'by') who where who.value like 'policy:%')
       and e.at >= :since::timestamptz and e.at < :until::timestamptz`,
});

export const pulsesQuery = defineQuery({
  name: "pulses",
  params: z.object({ since: z.string(), until: z.string() }),
  row: z.object({
    up_ms: z.number().int(),
    judged: z.number().int(),
    broken: z.number().int(),
    pings: z.number().int(),
    pings_missed: z.number().int(),
  }),
  text: `
    select coalesce(sum((body->>'upMs')::bigint), 0)::bigint as up_ms, coalesce(sum((body->>'judged')::bigint), 0)::bigint as judged,
           coalesce(sum((body->>'broken')::bigint), 0)::bigint as broken, coalesce(sum((body->>'pings')::bigint), 0)::bigint as pings,
           coalesce(sum((body->>'pingsMissed')::bigint), 0)::bigint as pings_missed
      from events where kind = 'pulse_counted' and at >= :since::timestamptz and at < :until::timestamptz`,
});

export const alertsQuery = defineQuery({
  name: "alerts",
  params: z.object({ since: z.string(), until: z.string() }),
  row: z.object({ severity: z.string(), count: z.number().int() }),
  text: `
    select body->>'severity' as severity, count(*) as count
      from events where kind = 'alert_fired' and at >= :since::timestamptz and at < :until::timestamptz
     group by 1 order by 1`,
});

const isoForm = `'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'`;

export const storyQuery = defineQuery({
  name: "story",
  params: z.object({ trade_id: z.string(), count: z.number().int() }),
  row: z.object({
    seq: z.number().int(),
    at: z.string(),
    wall_at: z.string(),
    actor: z.string(),
    kind: z.string(),
    trade_id: z.string().nullable(),
    caused_by: z.number().int().nullable(),
    body: z.string(),
    prev_hash: z.string(),
    hash: z.string(),
    epoch: z.number().int(),
    host: z.string(),
  }),
  text: `
    select seq, to_char(at at time zone 'UTC', ${isoForm}) as at, to_char(wall_at at time zone 'UTC', ${isoForm}) as wall_at,
           actor, kind, trade_id, caused_by, body::text as body, prev_hash, hash, epoch, host
      from events where trade_id = :trade_id order by seq limit :count`,
});

export const tradesLikeQuery = defineQuery({
  name: "trades_like",
  params: z.object({ ending: z.string() }),
  row: z.object({ trade_id: z.string() }),
  text: `
    select trade_id from events where kind in ('order_intended', 'order_adopted') and right(trade_id, length(:ending)) = :ending
     group by trade_id order by max(seq) desc limit 5`,
});

export function openArchive(pool: pg.Pool): Archive {
  return {
    closes: (since, until) =>
      reading(async () =>
        (await runQuery(pool, closesQuery, { since: isoTime(since), until: isoTime(until) })).map(closeOf),
      ),
    days: (from) => reading(async () => (await runQuery(pool, daysQuery, { from_date: from })).map(dayOf)),
    account: (since, until) =>
      reading(async () => {
        const span = { since: isoTime(since), until: isoTime(until) };
        const [row] = await runQuery(pool, accountQuery, span);
        const { transferred = "0", high = null, deepest = null } = row ?? {};
        return {
          transferred: notional(transferred),
          high: high === null ? null : notional(high),
          deepest: deepest === null ? null : ratio(deepest),
        };
      }),
    refusals: (since, until) =>
      reading(async () =>
        (await runQuery(pool, refusalsQuery, { since: isoTime(since), until: isoTime(until) })).map((row) => ({
          code: row.code,
          count: row.count,
        })),
      ),
    tally: (since, until) => reading(() => tallyOf(pool, { since: isoTime(since), until: isoTime(until) })),
    gaps: (since, until) =>
      reading(async () =>
        (await runQuery(pool, gapsQuery, { since: isoTime(since), until: isoTime(until) })).map((row) => ({
          source: row.source,
          count: row.count,
          goneMs: row.gone_ms,
        })),
      ),
    story: (tradeId, count) =>
      reading(async () => (await runQuery(pool, storyQuery, { trade_id: tradeId, count })).map(recordedOf)),
    tradesLike: (ending) =>
      reading(async () => (await runQuery(pool, tradesLikeQuery, { ending })).map((row) => row.trade_id)),
  };
}

async function tallyOf(pool: pg.Pool, span: { readonly since: string; readonly until: string }): Promise<Tally> {
  const [answers, pulses, alerts] = await Promise.all([
    runQuery(pool, answersQuery, span),
    runQuery(pool, pulsesQuery, span),
    runQuery(pool, alertsQuery, span),
  ]);
  const pulse = pulses[0];
  const countOf = (severity: string): number => alerts.find((row) => row.severity === severity)?.count ?? 0;
  return {
    medianAnswerMs: answers[0]?.median_ms ?? null,
    alerts: { critical: countOf("critical"), warning: countOf("warning"), info: countOf("info") },
    upMs: pulse?.up_ms ?? 0,
    judged: pulse?.judged ?? 0,
    broken: pulse?.broken ?? 0,
    pings: pulse?.pings ?? 0,
    pingsMissed: pulse?.pings_missed ?? 0,
  };
}

async function reading<Value>(read: () => Promise<Value>): Promise<Value> {
  try {
    return await read();
  } catch (error) {
    throw new ArchiveAway((error as Error).message);
  }
}

function closeOf(row: z.infer<typeof closesQuery.row>): TradeClosed {
  return {
    seq: row.seq,
    closedAt: instant(row.at),
    openedAt: row.opened_at === null ? null : instant(row.opened_at),
    tradeId: row.trade_id,
    mode: row.mode,
    strategy: row.strategy,
    instrumentId: row.instrument_id,
    reason: row.reason,
    quantity: quantity(row.quantity),
    entryPrice: row.entry_price === null ? null : price(row.entry_price),
    exitPrice: row.exit_price === null ? null : price(row.exit_price),
    pnl: notional(row.pnl),
    fees: notional(row.fees),
    before:
      row.pnl_before === null || row.fees_before === null
        ? null
        : { pnl: notional(row.pnl_before), fees: notional(row.fees_before) },
  };
}

function dayOf({ start_equity, end_equity, unknown_orders, ...row }: z.infer<typeof daysQuery.row>): DayShown {
  return {
    ...row,
    startEquity: notional(start_equity),
    endEquity: notional(end_equity),
    unknownOrders: unknown_orders,
  };
}

function recordedOf(row: EventRow): Recorded<Fact> {
  return entryOf<Fact>({ ...row, at: toMilliseconds(row.at), wall_at: toMilliseconds(row.wall_at) });
}
