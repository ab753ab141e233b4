/** From facts to rows: exactly the tables that the migrations make, and the same rows however the facts come in. */
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { foldRows, readTableShapes, type TableShapes } from "../../src/adapters/postgres/append_statement.ts";
import { rebuild, verify } from "../../src/adapters/postgres/audit.ts";
import { takeEpoch } from "../../src/adapters/postgres/epoch.ts";
import { type LedgerStore, openLedgerStore } from "../../src/adapters/postgres/ledger_store.ts";
import { systemClock } from "../../src/adapters/system/clock.ts";
import { systemVault } from "../../src/adapters/system/vault.ts";
import { type Books, emptyBooks, evolve } from "../../src/core/books.ts";
import type { Fact, FactType, Recorded } from "../../src/core/events.ts";
import { type ProjectedRow, project, projectionKeys } from "../../src/core/projections.ts";
import { instant } from "../../src/core/time.ts";
import { arbitraryStory, tellAll } from "../fixtures/arbitrary_story.ts";
import { freshDatabase, type TestDatabase } from "../fixtures/database.ts";
import { everyFact } from "../fixtures/every_fact.ts";
import { acknowledged, ended, fillOf, intended, requested, sending, settledAs, vote } from "../fixtures/facts.ts";
import { makeEntry } from "../fixtures/intent.ts";
import { keptLog } from "../fixtures/kept_log.ts";
import { startStory } from "../fixtures/story.ts";

/** Each fact of the story with the rows that it leads to. */
function rowsOf(
  facts: readonly Recorded[],
  from: Books = emptyBooks,
): { readonly type: FactType; readonly rows: readonly ProjectedRow[] }[] {
  let books = from;
  return facts.map((recorded) => {
    const after = evolve(books, recorded);
    const rows = project(books, after, recorded);
    books = after;
    return { type: recorded.fact.type, rows };
  });
}

/** Every fact once, in an order in which each finds what it is about. */
function wholeStory(): readonly Recorded[] {
  const story = startStory();
  const {
    order_intended: decided,
    order_sending: sent,
    prompt_prepared: prepared,
    approval_requested: asked,
    house_started: started,
    account_opened: opened,
    message_received: heard,
    card_queued: queued,
    chat_linked: linked,
    ...others
  } = everyFact;
  story.tell(started, opened, heard, queued, linked, asked, prepared, decided, sent, ...Object.values(others));
  return story.facts();
}

let database: TestDatabase;
let shapes: TableShapes;
beforeAll(async () => {
  database = await freshDatabase();
  shapes = await readTableShapes(database.pool);
});
afterAll(() => database.drop());

describe("tables and keys", () => {
  test("the list of projected tables is the list of tables that the migrations make, key by key", () => {
    const made = Object.fromEntries([...shapes].map(([name, shape]) => [name, shape.key]));
    expect(Object.fromEntries(Object.entries(projectionKeys).map(([name, key]) => [name, [...key]]))).toEqual(made);
  });

  test("every row holds exactly the columns of its table, and every table is written by some fact", () => {
    const written = new Map<string, string[]>();
    for (const { rows } of rowsOf(wholeStory()))
      for (const { table, row } of rows) written.set(table, Object.keys(row).sort());
    const made = [...shapes].map(([name, shape]) => [name, [...shape.columns].sort()]);
    expect(Object.fromEntries(written)).toEqual(Object.fromEntries(made));
  });

  test("which table is written by which facts", () => {
    const writers = new Map<string, Set<string>>();
    for (const { type, rows } of rowsOf(wholeStory())) {
      for (const { table } of rows) writers.set(table, (writers.get(table) ?? new Set()).add(type));
    }
    const lines = [...writers].map(([table, types]) => `${table}: ${[...types].sort().join(" ")}`).sort();
    expect(`\n${lines.join("\n")}\n`).toMatchInlineSnapshot(`
      "
      approvals: approval_requested approval_revised approval_settled decline_explained request_escalated silence_valued
      button_tokens: prompt_prepared
      days: account_opened alert_fired approval_requested approval_settled equity_marked fill_received fill_reversed house_started intent_denied order_answer_lost order_intended position_closed pulse_counted signal_raised silence_valued
      denials: intent_denied
      fills: fill_received
      inbox: message_handled message_received
      inbox_keys: message_received
      links: chat_linked chat_unlinked
      order_evidence: order_probed
      orders: fill_received lost_requested lost_withdrawn order_absent order_acknowledged order_adopted order_answer_lost order_cancel_lost order_cancel_requested order_declared_lost order_doubt_aged order_dropped order_ended order_found order_intended order_not_sent order_probed order_rejected order_sending order_suspected order_triggered
      outbox: card_queued card_sent
      people: person_set
      positions: exit_triggered fill_received order_adopted order_intended position_closed position_protected position_reduced stop_lost stop_moved
      postings: account_opened fill_received position_reduced transfer_recorded
      prompts: prompt_lost prompt_posted prompt_prepared prompt_refused
      risk_events: approver_cooled authenticator_confirmed authenticator_locked balance_compared breaker_closed breaker_degraded breaker_half_opened breaker_opened breaker_reset_asked breaker_reset_withdrawn control_changed exit_triggered level_changed market_judged question_tried tap_refused
      runtime_controls: control_changed house_started level_changed
      signals: signal_raised
      strategies: intent_denied order_intended position_closed signal_raised
      system_events: access_asked access_settled account_opened alert_ack_aged alert_acked alert_escalated alert_fired alert_notified alert_resolved alert_silenced cancel_leaving day_summarized drill_ended drill_started fill_reversed flatten_confirmed flatten_declined flatten_ended flatten_started flatten_step flatten_upgraded flatten_verified foreign_orders_seen holdings_compared house_ready house_started house_stopped live_armed lost_requested lost_withdrawn order_adopted order_declared_lost order_doubt_aged order_rehearsed order_suspected position_protected position_reduced pulse_counted reconciled report_made report_resent silence_ended source_back source_gone stop_lost transfer_recorded
      votes: vote_cast
      "
    `);
  });
});

describe("rows of one batch", () => {
  test("of two versions of one order the last is kept", () => {
    const story = startStory();
    story.tell(
      intended("e1", makeEntry()),
      sending("e1"),
      acknowledged("e1"),
      fillOf("e1", { price: "87", quantity: "1" }),
    );
    const folded = foldRows(
      rowsOf(story.facts()).flatMap(({ rows }) => rows),
      shapes,
    );
    expect(folded.get("orders")).toMatchObject([{ client_order_id: "e1", state: "partial", filled_quantity: "1" }]);
    expect(folded.get("positions")).toMatchObject([{ position_id: "trade-1", state: "monitoring", quantity: "1" }]);
  });

  test("a fill that is repeated, or whose order nobody knows, is no row", () => {
    const story = startStory();
    const fill = fillOf("e1", { price: "87", quantity: "1" });
    story.tell(intended("e1", makeEntry()), fill, fill, fillOf("e9", { price: "87", quantity: "1" }));
    expect(
      rowsOf(story.facts())
        .flatMap(({ rows }) => rows)
        .filter((row) => row.table === "fills"),
    ).toHaveLength(1);
  });

  const { card_queued: queued, card_sent: sent, card_dropped: dropped } = everyFact;
  test.each([
    ["waits", null, { state: "queued", message_id: null, settled_at: null }],
    ["was sent", sent, { state: "sent", message_id: "301", settled_at: "2026-02-06T12:00:01.000Z" }],
    ["was dropped", dropped, { state: "dropped", message_id: null, settled_at: "2026-02-06T12:00:01.000Z" }],
  ])("a card that %s says so, and when it was queued", (_what, end, expected) => {
    const story = startStory();
    story.tell(queued);
    story.wait(1_000);
    if (end !== null) story.tell(end);
    const rows = rowsOf(story.facts()).flatMap((one) => one.rows.filter(({ table }) => table === "outbox"));
    expect(rows.at(-1)?.row).toMatchObject({
      card_id: "card-1",
      fold_key: "trade-1",
      queued_at: "2026-02-06T12:00:00.000Z",
      ...expected,
    });
  });

  test("a link keeps its row after it was cut, with both times", () => {
    const story = startStory();
    story.tell(everyFact.person_set, everyFact.chat_linked);
    story.wait(1_000);
    story.tell(everyFact.chat_unlinked, everyFact.chat_unlinked);
    const rows = rowsOf(story.facts()).flatMap((one) => one.rows.filter(({ table }) => table === "links"));
    const key = { platform: "telegram", user_id: "100", linked_at: "2026-02-06T12:00:00.000Z" };
    expect(rows.map(({ row }) => row)).toMatchObject([
      { ...key, unlinked_at: null },
      { ...key, unlinked_at: "2026-02-06T12:00:01.000Z" },
    ]);
  });

  test("money is exact text and time is ISO 8601 in UTC", () => {
    const story = startStory();
    story.tell(
      intended("e1", makeEntry()),
      fillOf("e1", { price: "87.123456789", quantity: "0.1", fee: "0.000000000000000001" }),
    );
    const row = rowsOf(story.facts())
      .flatMap(({ rows }) => rows)
      .find(({ table }) => table === "fills")?.row;
    expect(row).toMatchObject({ price: "87.123456789", fee: "0.000000000000000001", at: "2026-02-06T12:00:00.000Z" });
  });

  test("what only left the books keeps its row: forgetting writes nothing", () => {
    const story = startStory();
    story.tell(everyFact.order_intended, ended("e1"), { ...everyFact.position_closed, reason: "no_fill" });
    story.wait(3 * 86_400_000);
    while (story.books().seq < 127) story.tell(everyFact.source_back);
    const before = story.books();
    const after = story.tell(everyFact.source_back);
    expect([Object.keys(before.positions), after.positions]).toEqual([["trade-1"], {}]);
    const last = story.facts().at(-1);
    expect(last === undefined ? [] : project(before, after, last).map((row) => row.table)).toEqual(["system_events"]);
  });
});

test("the same story gives the same rows, told at once or from stored books in the middle", () => {
  fc.assert(
    fc.property(arbitraryStory(50), fc.nat({ max: 100 }), (steps, share) => {
      const facts = tellAll(steps).facts();
      const cut = Math.trunc((facts.length * share) / 100);
      const middle = JSON.parse(JSON.stringify(facts.slice(0, cut).reduce(evolve, emptyBooks))) as Books;
      const whole = rowsOf(facts);
      expect(rowsOf(facts)).toEqual(whole);
      expect(rowsOf(facts.slice(cut), middle)).toEqual(whole.slice(cut));
    }),
    { numRuns: 100 },
  );
});

describe("in PostgreSQL", () => {
  let ledger: LedgerStore<Books, Fact>;
  const fold = { version: "test", empty: emptyBooks, evolve, project };
  beforeAll(async () => {
    const claim = {
      holder: "test",
      gitSha: "abc",
      configHash: "def",
      at: instant(0),
      leaseMs: 0,
      from: "anyone",
    } as const;
    const taken = await takeEpoch(database.pool, claim);
    if (!taken.ok) throw new Error("The epoch was held");
    const { pool } = database;
    ledger = await openLedgerStore<Books, Fact>({
      pool,
      epoch: taken.value.epoch,
      host: "test",
      clock: systemClock(),
      vault: systemVault(),
      log: keptLog(),
      fold,
    });
  });
  afterAll(() => ledger.close());
  const keep = (facts: readonly Fact[]) =>
    ledger.commit(() => ({
      drafts: facts.map((fact) => ({ tradeId: "trade-1", actor: "house", causedBy: null, fact })),
      value: null,
    }));

  test("a whole trade with everything around it is taken in, and a replay of the ledger gives the same tables", async () => {
    for (const { fact } of wholeStory()) await keep([fact]);
    const trade = { ...makeEntry({ tradeId: "trade-2", intentId: "intent-2" }) };
    await keep([
      requested({ approvalId: "apr-2", dedupeKey: "other" }),
      vote("ana", { approvalId: "apr-2" }),
      settledAs("approved", { approvalId: "apr-2" }),
    ]);
    await keep([
      settledAs("executing", { approvalId: "apr-2" }),
      intended("e2", trade, { approvalId: "apr-2", approvalVersion: 1 }),
      sending("e2"),
    ]);
    await keep([
      acknowledged("e2"),
      fillOf("e2", { price: "87.5", quantity: "4.5", fee: "0.39" }),
      settledAs("executed", { approvalId: "apr-2" }),
    ]);
    const sha256 = systemVault().sha256;
    expect(await verify(database.pool, sha256)).toMatchObject({ ok: true });
    const rebuilt = await rebuild(database.pool, { fold, sha256, apply: false });
    expect(rebuilt).toMatchObject({ ok: true, value: { differences: [] } });
  });

  test("random stories too: no constraint of a table refuses what the books accept", async () => {
    const stories = fc.sample(arbitraryStory(40), { numRuns: 30, seed: 7 });
    for (const [index, steps] of stories.entries()) {
      const renamed = JSON.parse(
        JSON.stringify(
          tellAll(steps)
            .facts()
            .map(({ fact }) => fact),
        )
          .replaceAll("trade-", `s${index}-trade-`)
          .replaceAll(/"(clientOrderId|venueFillId)":"/g, `"$1":"s${index}-`),
      ) as Fact[];
      await keep(renamed.filter((fact) => fact.type !== "house_started" && fact.type !== "account_opened"));
    }
    const rebuilt = await rebuild(database.pool, { fold, sha256: systemVault().sha256, apply: false });
    expect(rebuilt).toMatchObject({ ok: true, value: { differences: [] } });
  });
});
