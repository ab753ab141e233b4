/** The life of an order: the whole matrix printed, and what must hold for every row of it. */
import { describe, expect, test } from "vitest";
import {
  isUncertain,
  mayStillTrade,
  type OrderState,
  orderEvents,
  orderStates,
  orderTable,
  transition,
} from "../../src/core/order.ts";
import { printMatrix, reachableFrom } from "../fixtures/print_matrix.ts";

const terminal: readonly OrderState[] = [
  "filled",
  "canceled",
  "partial_canceled",
  "expired",
  "rejected",
  "abandoned",
  "absent",
  "lost",
];

test("the whole matrix: rows are states, columns what can happen, a dot is impossible", () => {
  const matrix = printMatrix(orderStates, orderEvents, (state, event) => orderTable[state][event] ?? ".");
  expect(`\n${matrix}\n`).toMatchInlineSnapshot(`
    "
                     armed   dropped   acknowledged rejected         not_sent  answer_lost filled_in_part   filled_in_full cancel_requested cancel_lost    cancel_refused canceled canceled_in_part expired found_open     proven_absent declared_lost
    intent           sending abandoned .            .                .         .           .                .              .                .              .              .        .                .       .              .             .
    sending          .       .         open         rejected         abandoned unknown     partial          filled         .                .              .              canceled partial_canceled expired .              .             .
    open             .       .         .            rejected         .         unknown     partial          filled         cancel_pending   .              .              canceled partial_canceled expired .              .             .
    partial          .       .         .            partial_canceled .         unknown     partial          filled         cancel_pending   .              .              canceled partial_canceled expired .              .             .
    cancel_pending   .       .         .            rejected         .         unknown     cancel_pending   filled         .                cancel_unknown open           canceled partial_canceled expired cancel_pending .             .
    cancel_unknown   .       .         .            rejected         .         unknown     cancel_unknown   filled         cancel_pending   .              open           canceled partial_canceled expired open           .             .
    unknown          .       .         open         rejected         abandoned .           partial          filled         .                .              .              canceled partial_canceled expired open           absent        lost
    filled           .       .         .            .                .         .           filled           filled         .                .              .              .        .                .       .              .             .
    canceled         .       .         .            .                .         .           reopened_by_fill filled         .                .              .              .        .                .       open           .             .
    partial_canceled .       .         .            .                .         .           reopened_by_fill filled         .                .              .              .        .                .       open           .             .
    expired          .       .         .            .                .         .           reopened_by_fill filled         .                .              .              .        .                .       open           .             .
    rejected         .       .         .            .                .         .           reopened_by_fill filled         .                .              .              .        .                .       open           .             .
    abandoned        .       .         .            .                .         .           reopened_by_fill filled         .                .              .              .        .                .       open           .             .
    absent           .       .         .            .                .         .           reopened_by_fill filled         .                .              .              .        .                .       open           .             .
    lost             .       .         .            .                .         .           reopened_by_fill filled         .                .              .              .        .                .       open           .             .
    reopened_by_fill .       .         .            .                .         .           reopened_by_fill filled         .                .              .              canceled partial_canceled expired partial        .             .
    "
  `);
});

test("transition answers exactly what the table says, and names what is impossible", () => {
  for (const from of orderStates) {
    for (const event of orderEvents) {
      const to = orderTable[from][event];
      expect(transition(from, event)).toEqual(
        to === undefined ? { ok: false, problem: { from, event } } : { ok: true, value: to },
      );
    }
  }
});

test("every state can be reached from intent", () => {
  const reached = reachableFrom<OrderState>("intent", (state) => Object.values(orderTable[state]));
  expect([...reached].sort()).toEqual([...orderStates].sort());
});

describe("an order that has ended", () => {
  test.each(terminal)("%s accepts a late fill, whole or in part, and no longer counts as exposure", (state) => {
    expect(mayStillTrade(state)).toBe(false);
    expect(transition(state, "filled_in_full")).toEqual({ ok: true, value: "filled" });
    expect(transition(state, "filled_in_part")).toEqual({
      ok: true,
      value: state === "filled" ? "filled" : "reopened_by_fill",
    });
  });

  test.each(terminal.filter((state) => state !== "filled"))(
    "%s is open again when the venue shows it working",
    (state) => {
      expect(transition(state, "found_open")).toEqual({ ok: true, value: "open" });
    },
  );

  test.each(terminal)("%s can't be sent, canceled, refused or proven away a second time", (state) => {
    const impossible = orderEvents.filter(
      (event) => !["filled_in_part", "filled_in_full", "found_open"].includes(event),
    );
    expect(impossible.filter((event) => orderTable[state][event] !== undefined)).toEqual([]);
  });
});

describe("the rules of the page", () => {
  test("only an intent can be armed or dropped, so nothing is sent twice", () => {
    expect(orderStates.filter((state) => orderTable[state].armed !== undefined)).toEqual(["intent"]);
    expect(orderStates.filter((state) => orderTable[state].dropped !== undefined)).toEqual(["intent"]);
  });

  test("absence and loss are verdicts on unknown orders alone", () => {
    expect(orderStates.filter((state) => orderTable[state].proven_absent !== undefined)).toEqual(["unknown"]);
    expect(orderStates.filter((state) => orderTable[state].declared_lost !== undefined)).toEqual(["unknown"]);
  });

  test("an order that may trade can always be filled and, once it is at the venue, refused or canceled there", () => {
    const atVenue = orderStates.filter((state) => mayStillTrade(state) && state !== "intent");
    for (const state of atVenue) {
      const row = orderTable[state];
      expect([
        state,
        row.filled_in_full,
        row.canceled,
        row.expired,
        row.rejected !== undefined,
        row.filled_in_part !== undefined,
      ]).toEqual([state, "filled", "canceled", "expired", true, true]);
    }
  });

  test("what nobody knows still counts as exposure", () => {
    expect(orderStates.filter(isUncertain)).toEqual(["sending", "cancel_unknown", "unknown"]);
    expect(orderStates.filter(isUncertain).every(mayStillTrade)).toBe(true);
  });
});
