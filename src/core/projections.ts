/**
 * From a fact to the table rows that it changes: pure, so that replaying the ledger gives the same tables, row by row.
 * Entities that live in the books are written whole from the books after the fact; plain records are written from the fact.
 */
import type { Books } from "./books.ts";
import type { FactType, Recorded } from "./events.ts";
import {
  approvalRow,
  dayRow,
  fillRow,
  inboxRows,
  linkRow,
  orderRow,
  outboxRow,
  personRow,
  positionRow,
  postingRows,
  promptRows,
  strategyRow,
  voteRow,
} from "./projection_rows.ts";
import { isoTime } from "./time.ts";

/** One upsert: `row` holds every column of the table. */
export type ProjectedRow = { readonly table: string; readonly row: Readonly<Record<string, unknown>> };

/** Primary keys by table; the ledger store upserts by them and the rebuild command compares by them. */
export const projectionKeys = {
  approvals: ["approval_id"],
  button_tokens: ["token_hash"],
  days: ["date"],
  denials: ["seq"],
  fills: ["client_order_id", "venue_fill_id"],
  inbox: ["inbox_id"],
  inbox_keys: ["event_key"],
  links: ["platform", "user_id"],
  order_evidence: ["seq"],
  orders: ["client_order_id"],
  outbox: ["card_id"],
  people: ["person_id"],
  positions: ["position_id"],
  postings: ["seq", "leg"],
  prompts: ["prompt_id"],
  risk_events: ["seq"],
  runtime_controls: ["name"],
  signals: ["signal_id"],
  strategies: ["name"],
  system_events: ["seq"],
  votes: ["approval_id", "version", "person_id", "verdict"],
} as const satisfies Record<string, readonly string[]>;

const riskFacts: ReadonlySet<FactType> = new Set([
  "breaker_opened",
  "breaker_degraded",
  "breaker_half_opened",
  "breaker_closed",
  "breaker_reset_asked",
  "breaker_reset_withdrawn",
  "level_changed",
  "control_changed",
  "balance_compared",
  "market_judged",
  "exit_triggered",
  "tap_refused",
  "approver_cooled",
  "question_tried",
  "authenticator_locked",
  "authenticator_confirmed",
]);
const systemFacts: ReadonlySet<FactType> = new Set([
  "house_started",
  "house_ready",
  "house_stopped",
  "account_opened",
  "live_armed",
  "order_rehearsed",
  "source_gone",
  "source_back",
  "reconciled",
  "transfer_recorded",
  "day_summarized",
  "alert_fired",
  "alert_resolved",
  "alert_acked",
  "alert_ack_aged",
  "alert_notified",
  "alert_escalated",
  "alert_silenced",
  "silence_ended",
  "position_protected",
  "order_adopted",
  "order_suspected",
  "order_doubt_aged",
  "cancel_leaving",
  "lost_requested",
  "lost_withdrawn",
  "order_declared_lost",
  "fill_reversed",
  "stop_lost",
  "position_reduced",
  "holdings_compared",
  "foreign_orders_seen",
  "flatten_started",
  "flatten_upgraded",
  "flatten_confirmed",
  "flatten_declined",
  "flatten_step",
  "flatten_verified",
  "flatten_ended",
  "access_asked",
  "access_settled",
  "drill_started",
  "drill_ended",
  "pulse_counted",
  "report_made",
  "report_resent",
]);

export function project(before: Books, after: Books, recorded: Recorded): readonly ProjectedRow[] {
  const rows = [...plainRows(recorded), ...controlRows(before, recorded), ...entityRows(before, after, recorded)];
  const day = after.days.today === before.days.today ? [] : [dayRow(after.days.today)];
  return [...rows, ...day];
}

function plainRows({ seq, at, actor, tradeId, fact }: Recorded): readonly ProjectedRow[] {
  const { type, ...body } = fact;
  const rows: ProjectedRow[] = [];
  const event = { seq, at: isoTime(at), kind: type, actor, trade_id: tradeId, body };
  if (riskFacts.has(type)) rows.push({ table: "risk_events", row: event });
  if (systemFacts.has(type)) rows.push({ table: "system_events", row: event });
  if (fact.type === "order_probed") {
    const { clientOrderId, verdict, because } = fact;
    // Each endpoint with its own verdict, the venue's time and the hash of what it answered; older facts hold names only.
    const endpoints = fact.looks ?? fact.endpoints;
    rows.push({
      table: "order_evidence",
      row: { seq, at: isoTime(at), client_order_id: clientOrderId, verdict, endpoints, because },
    });
  }
  if (fact.type === "signal_raised") {
    const { signalId, strategy, instrumentId, direction, strength, because, price, candleAt } = fact;
    rows.push({
      table: "signals",
      row: {
        signal_id: signalId,
        seq,
        at: isoTime(at),
        strategy,
        instrument_id: instrumentId,
        direction,
        strength,
        because,
        price,
        candle_at: isoTime(candleAt),
      },
    });
  }
  if (fact.type === "intent_denied") {
    const { signalId, strategy, instrumentId, stage, denials, notes } = fact;
    rows.push({
      table: "denials",
      row: {
        seq,
        at: isoTime(at),
        signal_id: signalId,
        trade_id: tradeId,
        strategy,
        instrument_id: instrumentId,
        stage,
        denials,
        notes,
      },
    });
  }
  return rows;
}

function controlRows(before: Books, { at, actor, fact }: Recorded): readonly ProjectedRow[] {
  const row = (name: string, value: string | null, reason: string): ProjectedRow => ({
    table: "runtime_controls",
    row: { name, value, changed_at: isoTime(at), changed_by: actor, reason },
  });
  if (fact.type === "level_changed") return [row("kill_switch", fact.to, fact.reason)];
  if (fact.type === "control_changed") return [row(fact.name, fact.to, fact.reason)];
  // Trading that a person switched off stays off over a start.
  const isOff = before.house.controls["trading_mode"] !== undefined;
  return fact.type === "house_started" && !isOff ? [row("trading_mode", fact.mode, "start")] : [];
}

function entityRows(before: Books, after: Books, recorded: Recorded): readonly ProjectedRow[] {
  const { fact } = recorded;
  const rows: ProjectedRow[] = [
    ...changed(before.orders, after.orders).map(orderRow),
    ...changed(before.positions, after.positions).map(positionRow),
    ...changed(before.approvals, after.approvals).map(approvalRow),
    ...changed(before.prompts, after.prompts).flatMap((prompt) => promptRows(prompt, fact)),
    ...changed(before.people.persons, after.people.persons).map(personRow),
    ...changed(before.strategies, after.strategies).map(strategyRow),
    ...linkRow(before, recorded),
    ...inboxRows(before, recorded),
    ...outboxRow(before, recorded),
    ...postingRows(before, recorded),
  ];
  if (fact.type === "vote_cast") rows.push(voteRow(fact, recorded));
  const order = fact.type === "fill_received" ? before.orders[fact.clientOrderId] : undefined;
  if (
    fact.type === "fill_received" &&
    order !== undefined &&
    !order.fillIds.includes(fact.venueFillId) &&
    fact.isProvisional !== true
  )
    // The table holds final fills only: what is provisional may be taken back, and rows of fills never change.
    rows.push(fillRow(fact, order, recorded));
  return rows;
}

/** What the tables must say about orders and positions that the books hold: the ledger compares them with what they say. */
export function living(books: Books): readonly ProjectedRow[] {
  return [...Object.values(books.orders).map(orderRow), ...Object.values(books.positions).map(positionRow)];
}

/** Entities that a fact made or changed; those that were only pruned keep their rows. */
function changed<Item>(before: Readonly<Record<string, Item>>, after: Readonly<Record<string, Item>>): readonly Item[] {
  if (before === after) return [];
  return Object.entries(after).flatMap(([key, item]) => (before[key] === item ? [] : [item]));
}
