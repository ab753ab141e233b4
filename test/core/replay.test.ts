/** A decision again by the code of today: equal is said only of what was compared, and what was changed is found. */
import { describe, expect, test } from "vitest";
import { systemVault } from "../../src/adapters/system/vault.ts";
import { type Books, emptyBooks } from "../../src/core/books.ts";
import { clientOrderIdOf } from "../../src/core/client_order_id.ts";
import { digestOf } from "../../src/core/digest.ts";
import type { Fact } from "../../src/core/events.ts";
import { notional, price, quantity } from "../../src/core/money.ts";
import { replay } from "../../src/core/replay.ts";
import { closed, exitTriggered, intended, requested, vote } from "../fixtures/facts.ts";
import { makeEntry } from "../fixtures/intent.ts";
import { later, makePosition } from "../fixtures/position.ts";
import { recordedAs } from "../fixtures/story.ts";

const hash = systemVault().sha256;
const books: Books = { ...emptyBooks, house: { ...emptyBooks.house, epoch: 7, configHash: "config-1" } };
const said = (before: Books, fact: Fact): readonly string[] =>
  replay(before, recordedAs(fact, before, { at: later, wallAt: later }), hash).map(
    ({ what, verdict }) => `${what}: ${verdict}`,
  );

const intent = makeEntry();
const digest = digestOf(intent, { version: 1, strategyConfigHash: "config-1", phase: 1 }, hash);
const name = clientOrderIdOf(intent, { epoch: 7, digest }, hash);
const order = { ...intended(name, intent), digest, approvalId: null, approvalVersion: null };
const asked = requested();
const subject = asked.subject.kind === "order" ? { ...asked.subject, intent } : asked.subject;

describe("what follows from the record", () => {
  test.each<[string, Books, Fact, readonly string[]]>([
    ["the digest that was signed", books, { ...asked, subject, digest }, ["digest of the request: equal"]],
    ["another digest", books, { ...asked, subject, digest: "0".repeat(64) }, ["digest of the request: differs"]],
    [
      "another size under the same digest",
      books,
      { ...asked, subject: { ...subject, intent: makeEntry({ quantity: quantity("4.6") }) } as typeof subject, digest },
      ["digest of the request: differs"],
    ],
    ["the name of an order", books, order, ["name of the entry order: equal"]],
    [
      "a name of another epoch",
      { ...books, house: { ...books.house, epoch: 8 } },
      order,
      ["name of the entry order: differs"],
    ],
    [
      "an order that nobody was asked about, with the name of a request",
      books,
      { ...order, approvalId: "approval-9", approvalVersion: 1 },
      ["name of the entry order: equal", "order is what was signed: differs"],
    ],
    ["a vote on no request", books, vote("ana"), ["vote of ana: differs"]],
    ["a close of no position", books, closed("trade-1"), ["money of the close: differs"]],
    ["an order that filled nothing decides no money", books, closed("trade-1", { reason: "no_fill" }), []],
    ["a house that started", books, { type: "prompt_lost", promptId: "p", rev: 1, because: "x" }, []],
  ])("%s", (_, before, fact, expected) => expect(said(before, fact)).toEqual(expected));
});

describe("an exit", () => {
  const position = makePosition({
    protection: "local_guard",
    exitPlan: { stopPrice: price("85.62"), targetPrice: price("92.6"), trail: null, timeLimitMs: null },
  });
  const held: Books = { ...books, positions: { [position.positionId]: position } };
  const exit = (observedPrice: string | null, source: string) => ({
    ...exitTriggered(position.positionId, "target"),
    source,
    observedPrice: observedPrice === null ? null : price(observedPrice),
  });
  test.each([
    ["the watched price reached the target", exit("92.6", "house"), "exit: target: equal"],
    ["it did not", exit("92.59", "house"), "exit: target: differs"],
    ["no price is on record", exit(null, "house"), "exit: target: not_recorded"],
    ["the venue did it", exit("92.6", "venue:kucoin"), "exit: target: not_recorded"],
  ])("%s", (_, fact, expected) => expect(said(held, fact)).toEqual([expected]));
});

test("a close whose profit was written otherwise is found", () => {
  const position = makePosition({ realizedPnl: notional("-10"), fees: notional("1") });
  const held: Books = { ...books, positions: { [position.positionId]: position } };
  const right = replay(
    held,
    recordedAs({ ...closed(position.positionId), pnl: notional("-9"), fees: notional("1") }, held, {
      at: later,
      wallAt: later,
    }),
    hash,
  );
  expect(right[0]).toMatchObject({ verdict: "differs" });
  expect(right[0]?.note).toMatch(/^recorded -9 after fees of 1, .* today -10 after fees of 1, /);
});
