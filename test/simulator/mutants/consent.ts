/** Mistakes about who may, and about the halt, the limits and the breakers that stop everybody. */
import type { Mutant } from "./mutant.ts";

const submit = "src/flows/submit_order.ts";
const decide = "src/flows/decide_order.ts";
const approval = "src/core/approval.ts";
const house = "src/core/books_house.ts";

export const consentMutants: readonly Mutant[] = [
  {
    name: "approval_not_consumed",
    why: "the approval is not used up when its order is decided",
    expects: ["I11", "I15"],
    file: decide,
    find: "const drafts = [...first, ...facts.map(",
    replace: "const drafts = [...facts.map(",
  },
  {
    name: "client_id_by_chance",
    why: "the name of an order is drawn anew each time, and its approval is not used up",
    expects: ["I01", "I11", "I15"],
    file: "src/core/client_order_id.ts",
    find: "const name = `${intent.tradeId}|${intent.leg}|${intent.attempt}|${bound.digest}`;",
    replace: "const name = `${Math.random()}|${intent.tradeId}|${intent.leg}|${intent.attempt}|${bound.digest}`;",
    also: [{ file: decide, find: "const drafts = [...first, ...facts.map(", replace: "const drafts = [...facts.map(" }],
  },
  {
    name: "digest_not_compared",
    why: "the order that leaves has another limit than the one that people saw",
    expects: ["I11"],
    file: "src/flows/execute_approval.ts",
    find: "const submitted = await submitOrder(needs, {\n      intent,",
    replace:
      "const submitted = await submitOrder(needs, {\n      intent: { ...intent, shape: { ...intent.shape, limitPrice: terms.quotedPrice } },",
    also: [
      {
        file: "src/core/clearance.ts",
        find: "canonicalJson(approval.subject.intent) === canonicalJson(intent),",
        replace: "canonicalJson(approval.subject.intent) !== canonicalJson(null),",
      },
    ],
  },
  {
    name: "digest_without_the_stop",
    why: "the digest does not bind the stop that people saw",
    expects: ["I11"],
    file: "src/core/digest.ts",
    find: "    stopPrice: intent.exitPlan?.stopPrice ?? null,\n",
    replace: "",
  },
  {
    name: "vote_after_no_counts",
    why: "a yes after a no brings the request back to life",
    expects: ["I11", "I15"],
    worlds: ["slow"],
    file: approval,
    find: 'if (approval.state !== "pending") {',
    replace: 'if (approval.state !== "pending" && approval.state !== "declined") {',
  },
  {
    name: "expired_approval_executes",
    why: "a yes after the time to answer counts",
    expects: ["I11"],
    worlds: ["slow"],
    file: approval,
    find: "if (vote.at >= approval.expiresAt) {",
    replace: "if (vote.at < 0) {",
    also: [
      {
        file: "src/flows/settle_approval.ts",
        find: "wallAt >= approval.expiresAt && !isWait(approval),",
        replace: "wallAt >= approval.expiresAt + 600_000 && !isWait(approval),",
      },
    ],
  },
  {
    name: "any_role_decides",
    why: "a tap of somebody whose role may not decide counts",
    expects: ["I11"],
    worlds: ["slow"],
    file: "src/core/authority.ts",
    find: 'return mayDecide(held, verb === "decline" || verb === "later" ? "T0" : tier);',
    replace: 'return mayDecide(held, "T0");',
  },
  {
    name: "a_stranger_decides",
    why: "an account that nobody linked is taken for the first person of the house",
    expects: ["I11", "I17"],
    worlds: ["halt"],
    file: "src/core/books_people.ts",
    find: "return person?.isActive === true ? person : null;",
    replace: "return person?.isActive === true ? person : (Object.values(people.persons)[0] ?? null);",
  },
  {
    name: "message_taken_twice",
    why: "an update that a platform repeats is handled again",
    expects: ["I17"],
    worlds: ["deaf"],
    file: "src/flows/receive_message.ts",
    find: "if (eventKeys.some((key) => books.chat.seen[key] !== undefined)) return { drafts: [], value: false };",
    replace: "",
  },
  {
    name: "entry_at_pause",
    why: "the level stops nothing",
    expects: ["I09"],
    worlds: ["halt"],
    file: "src/checks/trading_state.ts",
    find: 'if (!addsRisk(intent) || view.tradingState === "active") return null;',
    replace: 'if (!addsRisk(intent) || view.tradingState !== "nowhere") return null;',
    also: [
      {
        file: submit,
        find: 'if (books.house.level !== "none") return `the house is at ${books.house.level}`;',
        replace: "",
      },
      { file: submit, find: '(!isEntry || ledger.books().house.level === "none");', replace: "(!isEntry || isEntry);" },
    ],
  },
  {
    name: "level_forgotten_at_restart",
    why: "a start begins with trading on, whatever was halted",
    expects: ["I09"],
    worlds: ["halt", "deaf"],
    file: house,
    find: "        startedAt: wallAt,\n",
    replace: '        startedAt: wallAt,\n        level: "none",\n',
  },
  {
    name: "breaker_forgotten_at_restart",
    why: "a start begins with all breakers closed",
    expects: ["I21"],
    worlds: ["deaf", "mortal"],
    file: house,
    find: "        startedAt: wallAt,\n",
    replace: "        startedAt: wallAt,\n        breakers: {},\n",
  },
  {
    name: "open_breaker_ignored",
    why: "an open breaker does not stop an entry",
    expects: ["I21"],
    worlds: ["outage"],
    file: "src/checks/breakers.ts",
    find: "if (!addsRisk(intent)",
    replace: "if (addsRisk(intent) || !addsRisk(intent)",
  },
  {
    name: "exposure_ignores_unknown",
    why: "an order of unknown fate takes no place and no money",
    expects: ["I10"],
    worlds: ["doubt"],
    file: "src/core/portfolio.ts",
    find: "(mayStillTrade(order.state) ||",
    replace: '((mayStillTrade(order.state) && order.state !== "unknown") ||',
    also: [
      {
        file: "src/flows/request_approval.ts",
        find: "if (slotHolder(books, intent.instrumentId) !== null) return { drafts: [], value: null };",
        replace: "",
      },
    ],
  },
  {
    name: "reservation_released_on_timeout",
    why: "an entry without an answer gives its place back",
    expects: ["I10"],
    worlds: ["doubt"],
    file: "src/flows/keep_answer.ts",
    find: 'const failed = intent.leg === "entry" && outcome.execution === "exec_failed" ? [noFill(intent.tradeId)] : [];',
    replace:
      'const failed = intent.leg === "entry" && outcome.execution !== "executed" ? [noFill(intent.tradeId)] : [];',
    also: [
      {
        file: "src/core/portfolio.ts",
        find: "(mayStillTrade(order.state) ||",
        replace: '((mayStillTrade(order.state) && order.state !== "unknown") ||',
      },
      {
        file: "src/core/portfolio.ts",
        find: 'order.state === "unknown" && order.intent.leg === "entry",',
        replace: 'order.state === "unknown" && order.intent.leg === "exit",',
      },
    ],
  },
];
