/**
 * I16: everything that changed stands in the chain, the chain holds, and from the chain alone the books and the tables come
 * out as they are. The hash is computed here a second time, from the documented recipe and not from the house's code.
 */
import type { EventRow } from "../../../src/adapters/postgres/chain.ts";
import { type Books, emptyBooks, evolve } from "../../../src/core/books.ts";
import type { Recorded } from "../../../src/core/events.ts";
import { approvalRow, fillRow, orderRow, positionRow, voteRow } from "../../../src/core/projection_rows.ts";
import type { Invariant, Violation, WireCancel, WorldView } from "../contract.ts";
import { sha256, sortedJson } from "./own_digest.ts";
import { trailOf } from "./trail.ts";
import { openCursor, violated } from "./verdict.ts";

export const auditComplete: Invariant = {
  id: "I16",
  name: "AuditComplete",
  statement:
    "Each fact and each cancel on the wire has its row; the hash chain verifies; books and tables rebuilt from the facts equal those that are there",
  open() {
    const chain = openChain();
    const cancels = openCursor();
    const unrecorded = openCancels();
    const shadow = openShadow();
    const check = (view: WorldView): readonly Violation[] => [
      ...chain(view),
      ...cancels(view.venue.cancels).flatMap((cancel) => unrecorded(view, cancel)),
    ];
    return { check, checkInFull: (view) => [...check(view), ...shadow(view)] };
  },
};

function openChain(): (view: WorldView) => readonly Violation[] {
  const rows = openCursor();
  const facts = openCursor();
  let last = { seq: 0, hash: "0".repeat(64) };
  let linked = "0".repeat(64);
  return (view) => {
    const found: Violation[] = [];
    for (const { seq, prevHash, hash, fact } of facts(view.facts)) {
      if (prevHash !== linked && view.rows !== undefined)
        found.push(violated("I16", "a fact does not continue the one before it", { seq, fact: fact.type }));
      linked = hash;
    }
    for (const row of rows(view.rows ?? [])) {
      if (row.seq !== last.seq + 1 || row.prev_hash !== last.hash || hashOf(row) !== row.hash)
        found.push(
          violated("I16", "the hash chain does not verify", { seq: row.seq, kind: row.kind, after: last.seq }),
        );
      last = { seq: row.seq, hash: row.hash };
    }
    if (view.rows !== undefined && view.rows.length !== view.facts.length)
      found.push(
        violated("I16", "facts and rows are not the same number", { facts: view.facts.length, rows: view.rows.length }),
      );
    return found;
  };
}

/** sha256(previous hash + canonical JSON of all other columns, the body with its own bytes). */
function hashOf(row: EventRow): string {
  const columns: Readonly<Record<string, string>> = {
    actor: JSON.stringify(row.actor),
    at: JSON.stringify(row.at),
    body: row.body,
    caused_by: JSON.stringify(row.caused_by),
    epoch: JSON.stringify(row.epoch),
    host: JSON.stringify(row.host),
    kind: JSON.stringify(row.kind),
    seq: JSON.stringify(row.seq),
    trade_id: JSON.stringify(row.trade_id),
    wall_at: JSON.stringify(row.wall_at),
  };
  const names = Object.keys(columns).sort();
  return sha256(`${row.prev_hash}{${names.map((name) => `"${name}":${columns[name] ?? ""}`).join(",")}}`);
}

/** A cancel that did not leave within 5 s of its row never leaves; nothing bounds its way but the venue, a minute at most. */
const comesWithinMs = 65_000;

/**
 * A cancel is a byte on the wire: its own row, of its own process, must be durable before, and not a long while before. Rows are used
 * up one by one, so that none stands for two cancels.
 */
function openCancels(): (view: WorldView, cancel: WireCancel) => readonly Violation[] {
  const used = new Set<number>();
  return (view, cancel) => {
    const { clientOrderId, receivedAt, processId } = cancel;
    const epoch = view.processes.find((one) => one.processId === processId)?.epoch;
    const row = trailOf(view).told.find(
      ({ fact, trueAt, index, epoch: writtenIn }) =>
        (fact.type === "order_cancel_requested" || fact.type === "cancel_leaving") &&
        fact.clientOrderId === clientOrderId &&
        !used.has(index) &&
        writtenIn === epoch &&
        trueAt <= receivedAt &&
        trueAt >= receivedAt - comesWithinMs,
    );
    if (row !== undefined) {
      used.add(row.index);
      return [];
    }
    return [violated("I16", "a cancel left without a fact of its own that asks for it", { clientOrderId, processId })];
  };
}

const tables = ["orders", "positions", "approvals", "fills", "votes"] as const;

/** Folds what is new since the last time into books of its own, and holds books and tables against it. */
function openShadow(): (view: WorldView) => readonly Violation[] {
  let books: Books = emptyBooks;
  let taken = 0;
  const rows = new Map<string, Map<string, Readonly<Record<string, unknown>>>>(tables.map((name) => [name, new Map()]));
  return (view) => {
    for (const recorded of view.facts.slice(taken)) {
      const after = evolve(books, recorded);
      for (const { table, row } of rowsOf(books, after, recorded)) rows.get(table)?.set(keyOf(table, row), row);
      books = after;
    }
    taken = view.facts.length;
    const found: Violation[] = [];
    if (sortedJson(books) !== sortedJson(view.books))
      found.push(
        violated("I16", "the books are not what the facts fold to", {
          facts: taken,
          part: differingPart(books, view.books),
        }),
      );
    for (const table of tables) found.push(...otherRows(view, table, rows.get(table) ?? new Map()));
    return found;
  };
}

type Expected = { readonly table: string; readonly row: Readonly<Record<string, unknown>> };

/** Every entity that a fact changed has its row; asked of the entities and not of the house's own list of what to write. */
function rowsOf(before: Books, after: Books, recorded: Recorded): readonly Expected[] {
  const { fact } = recorded;
  const changed = <Item>(left: Readonly<Record<string, Item>>, right: Readonly<Record<string, Item>>) =>
    left === right ? [] : Object.entries(right).flatMap(([key, item]) => (left[key] === item ? [] : [item]));
  const rows: Expected[] = [
    ...changed(before.orders, after.orders).map(orderRow),
    ...changed(before.positions, after.positions).map(positionRow),
    ...changed(before.approvals, after.approvals).map(approvalRow),
  ];
  if (fact.type === "vote_cast") rows.push(voteRow(fact, recorded));
  // What is not final may be taken back, and rows of fills never change: only final ones have a row.
  const isFinal = fact.type === "fill_received" && fact.isProvisional !== true;
  const order = isFinal ? before.orders[fact.clientOrderId] : undefined;
  if (isFinal && order !== undefined && !order.fillIds.includes(fact.venueFillId))
    rows.push(fillRow(fact, order, recorded));
  return rows;
}

function differingPart(left: Books, right: Books): string {
  const names = Object.keys(left) as (keyof Books)[];
  return names.filter((name) => sortedJson(left[name]) !== sortedJson(right[name])).join(", ");
}

const keys: Readonly<Record<(typeof tables)[number], readonly string[]>> = {
  orders: ["client_order_id"],
  positions: ["position_id"],
  approvals: ["approval_id"],
  fills: ["client_order_id", "venue_fill_id"],
  votes: ["approval_id", "version", "person_id", "verdict"],
};

const keyOf = (table: string, row: Readonly<Record<string, unknown>>): string =>
  (keys[table as keyof typeof keys] ?? []).map((column) => String(row[column])).join("|");

function otherRows(
  view: WorldView,
  table: string,
  expected: ReadonlyMap<string, Readonly<Record<string, unknown>>>,
): readonly Violation[] {
  if (view.tableRows === undefined) return [];
  const live = new Map(view.tableRows(table).map((row) => [keyOf(table, row), row]));
  const found: Violation[] = [];
  for (const [key, row] of expected) {
    const there = live.get(key);
    const other = Object.keys(row).filter((column) => text(there?.[column]) !== text(row[column]));
    if (other.length > 0)
      found.push(
        violated("I16", "a row is not what the facts lead to", {
          table,
          key,
          columns: there === undefined ? "no row" : other.join(", "),
        }),
      );
  }
  if (live.size !== expected.size)
    found.push(
      violated("I16", "a table has rows that no fact leads to", { table, rows: live.size, facts: expected.size }),
    );
  return found;
}

const text = (value: unknown): string => JSON.stringify(value ?? null);
