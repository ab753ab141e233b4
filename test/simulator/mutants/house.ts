/** Mistakes of the house itself: its record, its start, its one writer, its time, its tongue. */
import type { Mutant } from "./mutant.ts";

export const houseMutants: readonly Mutant[] = [
  {
    name: "no_epoch_fence",
    why: "the database takes what a deposed process appends",
    expects: ["I07", "I08", "I15", "I16", "I17"],
    worlds: ["zombie"],
    file: "test/simulator/store/sim_database.ts",
    find: "if (epoch !== state.epoch) return rows({ fence: 0, head: 0 });",
    replace: "if (epoch > state.epoch) return rows({ fence: 0, head: 0 });",
  },
  {
    name: "house_trades_before_ready",
    why: "entries are decided before the first reconcile",
    expects: ["I20"],
    worlds: ["mortal", "zombie"],
    file: "src/flows/gather_view.ts",
    find: "isReady: books.house.isReady && !memory.isStopping && !memory.isFenced,",
    replace: "isReady: true,",
    also: [
      {
        file: "src/flows/run_cycle.ts",
        find: "if (needs.memory.isStopping || needs.memory.isFenced || !needs.ledger.books().house.isReady) return;",
        replace: "",
      },
    ],
  },
  {
    name: "facts_reordered",
    why: "what was decided together is recorded in the wrong order",
    expects: ["I11", "I15"],
    file: "src/flows/record.ts",
    find: "for (const one of drafts) {",
    replace: "for (const one of [...drafts].reverse()) {",
  },
  {
    name: "hash_without_the_actor",
    why: "who did it can be changed without breaking the chain",
    expects: ["I16"],
    file: "src/adapters/postgres/chain.ts",
    find: '{"actor":${text(row.actor)},"at"',
    replace: '{"at"',
  },
  {
    name: "orders_table_not_written",
    why: "a change of an order does not reach its table",
    expects: ["I16"],
    file: "src/core/projections.ts",
    find: "    ...changed(before.positions, after.positions).map(positionRow),\n",
    replace: "",
  },
  {
    name: "card_tells_a_secret",
    why: "what somebody pasted is repeated to the chat",
    expects: ["I24"],
    worlds: ["deaf"],
    file: "src/flows/receive_message.ts",
    find: 'return Promise.resolve("ignored");',
    replace:
      'void needs.messengers.get(incoming.chat.platform)?.reply(incoming.chat, incoming.answerRef, plainCard("info", incoming.text));\n      return Promise.resolve("ignored");',
  },
  {
    name: "messages_left_unhandled",
    why: "what was stored before a crash is never looked at again",
    expects: ["I18"],
    worlds: ["deaf"],
    file: "src/flows/sweep.ts",
    find: "  if (oldest) await handleWaiting(needs);\n",
    replace: "",
    also: [{ file: "src/assemble.ts", find: "      await handleWaiting(needs);\n", replace: "" }],
  },
  {
    name: "doubts_left_alone",
    why: "an order of unknown fate is never asked for",
    expects: ["I18", "I23"],
    worlds: ["doubt"],
    file: "src/flows/sweep.ts",
    find: "  await resolveUnknowns(needs);\n",
    replace: "",
    also: [{ file: "src/flows/start_house.ts", find: "  await resolveUnknowns(needs);\n", replace: "" }],
  },
  {
    name: "foreign_order_canceled",
    why: "orders of other people are taken for strays",
    expects: ["I25"],
    worlds: ["hands", "lag"],
    file: "src/flows/follow_order.ts",
    find: "  const found = await needs.venue.findOrder(refOf(order));\n",
    replace:
      "  const found = await needs.venue.findOrder(refOf(order));\n  const all = await needs.venue.openOrders(symbolOf(order.intent.instrumentId));\n  if (all.ok) for (const one of all.value) if (one.clientOrderId === null) await needs.venue.cancelOrder({ clientOrderId: one.venueOrderId, venueOrderId: one.venueOrderId, instrumentId: one.instrumentId, kind: one.kind });\n",
  },
];
