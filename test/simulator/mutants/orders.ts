/** Mistakes on the way of an order: sending, doubting, taking in what the venue says. */
import type { Mutant } from "./mutant.ts";

const submit = "src/flows/submit_order.ts";
const doubt = "src/core/doubt.ts";
const follow = "src/flows/follow_order.ts";

export const orderMutants: readonly Mutant[] = [
  {
    name: "drop_tx2",
    why: "the order leaves without the commit that arms it",
    expects: ["I02"],
    file: submit,
    find: "const armed = await arm(needs, request, decided).catch((error: unknown) => {",
    replace:
      "const armed = await Promise.resolve({ stampedAt: venueNow(needs), armedMono: needs.clock.mono() }).catch((error: unknown) => {",
  },
  {
    name: "resend_on_timeout",
    why: "no answer within 5 s, so it is sent again",
    expects: ["I01"],
    worlds: ["doubt", "outage"],
    file: submit,
    find: 'await settled(lost("no answer within 5 s"));',
    replace:
      'await settled(lost("no answer within 5 s"));\n  void venue.placeOrder(cleared, { clientOrderId, stampedAt: armed.stampedAt }).catch(() => undefined);',
  },
  {
    name: "retry_of_the_post",
    why: "a transport that repeats a POST whose answer was ambiguous",
    expects: ["I01"],
    worlds: ["doubt"],
    file: submit,
    find: "venue.placeOrder(cleared, { clientOrderId, stampedAt: armed.stampedAt, mayLeave: mayStillLeave }),",
    replace:
      'venue.placeOrder(cleared, { clientOrderId, stampedAt: armed.stampedAt, mayLeave: mayStillLeave }).then((told) =>\n      told.ok || told.problem.kind !== "unknown_outcome" ? told : venue.placeOrder(cleared, { clientOrderId, stampedAt: armed.stampedAt })),',
  },
  {
    name: "timeout_means_not_sent",
    why: "silence is taken for a proof that nothing left",
    expects: ["I03"],
    worlds: ["doubt"],
    file: "src/flows/answer_meaning.ts",
    find: 'fact: { type: "order_answer_lost", clientOrderId, because },',
    replace: 'fact: { type: "order_not_sent", clientOrderId, because, retryAfterMs: null },',
  },
  {
    name: "restart_means_not_sent",
    why: "an order that was being sent when the process died is taken for never sent",
    expects: ["I03"],
    worlds: ["mortal"],
    file: "src/flows/start_house.ts",
    find: 'return order.state === "sending" ? lostFacts(books.approvals[order.approvalId ?? ""], order, at) : [];',
    replace:
      'return order.state === "sending" ? [{ type: "order_not_sent", clientOrderId: order.clientOrderId, because: "restart", retryAfterMs: null } as const] : [];',
  },
  {
    name: "wall_clock_stamp",
    why: "the stamp is our own wall clock and not the venue's time",
    expects: ["I19"],
    worlds: ["halt", "slow"],
    file: submit,
    find: "const stampedAt = venueNow(needs);",
    replace: "const stampedAt = wallAt;",
  },
  {
    name: "skip_t_dead",
    why: "absence is counted before the venue's late-arrival bound",
    expects: ["I03"],
    worlds: ["doubt"],
    file: doubt,
    find: "return venueAt >= addMs(order.stampedAt ?? order.changedAt, rules.absentAfterMs);",
    replace: "return true;",
  },
  {
    name: "absent_after_one_look",
    why: "one look is taken for a proof",
    expects: ["I03"],
    worlds: ["doubt"],
    file: doubt,
    find: "export const absentProbesMin = 3;",
    replace: "export const absentProbesMin = 1;",
    also: [{ file: doubt, find: "export const absentSpanMs = 10_000;", replace: "export const absentSpanMs = 0;" }],
  },
  {
    name: "failed_read_is_empty",
    why: "a list that could not be read counts as one that does not show it",
    expects: ["I03"],
    worlds: ["doubt"],
    file: doubt,
    find: 'const hasAnswered = looks.every((look) => look.verdict !== "error") && absent.size >= absentEndpointsMin;',
    replace: "const hasAnswered = looks.length >= absentEndpointsMin;",
  },
  {
    name: "old_looks_prove",
    why: "looks from before the doubt began count towards its proof",
    expects: ["I03"],
    worlds: ["lag"],
    file: "src/core/books_orders.ts",
    find: "return { ...rest, probes: { ...order.probes, absent: 0, firstAbsentAt: null, total: 0 } };",
    replace: "return rest;",
    also: [
      {
        file: "src/core/doubt_money.ts",
        find: "if (compare(unseen, scale(quantity, almostAll)) < 0) return null;",
        replace: "if (almostAll !== null) return null;",
      },
      { file: doubt, find: "    order.venueOrderId === null &&\n", replace: "" },
    ],
  },
  {
    name: "acknowledged_called_absent",
    why: "an order that the venue acknowledged is called absent because its lists lag",
    expects: ["I03"],
    worlds: ["lag"],
    file: doubt,
    find: "    order.venueOrderId === null &&\n",
    replace: "",
    also: [
      {
        file: "src/core/doubt_money.ts",
        find: "if (compare(unseen, scale(quantity, almostAll)) < 0) return null;",
        replace: "if (almostAll !== null) return null;",
      },
    ],
  },
  {
    name: "late_fills_ignored",
    why: "nothing is taken in of an order that has ended",
    expects: ["I04", "I13", "I23"],
    worlds: ["parts", "lag"],
    file: "src/core/absorb.ts",
    find: "  const told: Told[] = [];\n  let now = books;",
    replace: "  if (!mayStillTrade(order.state)) return [];\n  const told: Told[] = [];\n  let now = books;",
  },
  {
    name: "end_without_its_fills",
    why: "an order ends before the fills that the venue reports of it have come",
    expects: ["I03", "I04"],
    worlds: ["parts"],
    file: "src/core/absorb.ts",
    find: 'if (seen.state === "open" || seen.state === "filled" || isLess(order.filledQuantity, seen.filledQuantity)) return [];',
    replace: 'if (seen.state === "open") return [];',
    also: [
      {
        file: "src/core/absorb.ts",
        find: 'const end: Fact = { type: "order_ended", clientOrderId, how: seen.state, by:',
        replace:
          'const end: Fact = { type: "order_ended", clientOrderId, how: seen.state === "filled" ? "canceled" : seen.state, by:',
      },
    ],
  },
  {
    name: "cancel_ack_is_canceled",
    why: "a cancel that was only taken counts as done",
    expects: ["I03"],
    file: follow,
    find: "  const isSettled = await followOrder(needs, clientOrderId);\n  if (isSettled) return true;",
    replace:
      '  if (answer.ok) await recordFacts(needs, "house", [{ type: "order_ended", clientOrderId, how: "canceled", by: "us", because }], fresh.tradeId);\n  const isSettled = await followOrder(needs, clientOrderId);\n  if (isSettled) return true;',
  },
  {
    name: "cancel_without_a_fact",
    why: "the wish to cancel is not on record before its byte leaves",
    expects: ["I16"],
    file: follow,
    find: 'return { drafts: [draft("house", fact, tradeId)], value: { order, wire: wireOf(needs) } };',
    replace: "return { drafts: [], value: { order, wire: wireOf(needs) } };",
  },
  {
    name: "repeated_fill_recorded",
    why: "a fill that is known already is recorded again",
    expects: ["I17"],
    file: "src/core/absorb_fills.ts",
    find: "if (!order.fillIds.includes(fill.venueFillId)) return true;",
    replace: "return true;",
  },
  {
    name: "repeated_fill_counted",
    why: "a fill that is told twice moves money twice",
    expects: ["I04", "I13", "I15", "I17"],
    file: "src/core/absorb_fills.ts",
    find: "if (!order.fillIds.includes(fill.venueFillId)) return true;",
    replace: "return true;",
    also: [
      {
        file: "src/core/books_orders.ts",
        find: "if (old.fillIds.includes(fill.venueFillId)) return old;",
        replace: "",
      },
    ],
  },
];
