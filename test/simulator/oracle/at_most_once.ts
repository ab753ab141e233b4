/** I17: whatever is delivered twice happens once: messages, taps, consents, fills, cards, commands. */
import type { HumanAct, Invariant, Violation, WorldView } from "../contract.ts";
import { type Told, trailOf } from "./trail.ts";
import { openCursor, violated } from "./verdict.ts";

export const atMostOnce: Invariant = {
  id: "I17",
  name: "AtMostOnceCommand",
  statement: "n deliveries of one command, job, update or trigger have the effect of one",
  open() {
    const told = openCursor();
    const seen = new Map<string, number>();
    const reversals = new Map<string, number>();
    return {
      check(view) {
        return told(trailOf(view).told).flatMap((one) => [
          ...effectsOf(one, reversals).flatMap((effect) => again(seen, effect, one)),
          ...moreThanWished(view, seen, one),
        ]);
      },
    };
  },
};

function again(seen: Map<string, number>, effect: string, { recorded }: Told): readonly Violation[] {
  const before = seen.get(effect);
  seen.set(effect, before ?? recorded.seq);
  return before === undefined
    ? []
    : [violated("I17", "one cause had its effect twice", { effect, first: before, again: recorded.seq })];
}

/** Each text may come once in a life. */
function effectsOf({ fact, order }: Told, reversals: Map<string, number>): readonly string[] {
  switch (fact.type) {
    case "message_received":
      return [...new Set(fact.eventKeys)].map((key) => `event ${key}`);
    case "message_handled":
      return [`handled ${fact.inboxId}`];
    case "vote_cast":
      return [
        `vote by ${fact.platform} ${fact.eventId}`,
        `vote of ${fact.personId} on ${fact.approvalId} v${fact.version} ${fact.verdict}`,
      ];
    case "order_intended":
      return [
        `order ${fact.clientOrderId}`,
        `attempt ${fact.intent.tradeId} ${fact.intent.leg} ${fact.intent.attempt}`,
        ...(fact.approvalId === null ? [] : [`consent ${fact.approvalId}`]),
        ...(fact.intent.signalId === null ? [] : [`signal ${fact.intent.signalId}`]),
      ];
    case "order_sending":
      return [`armed ${fact.clientOrderId}`];
    case "fill_reversed": {
      const key = `${fact.clientOrderId} ${fact.venueFillId}`;
      reversals.set(key, (reversals.get(key) ?? 0) + 1);
      return [];
    }
    case "fill_received": {
      const key = `${fact.clientOrderId} ${fact.venueFillId}`;
      return [`fill ${order?.symbol ?? ""} ${key} ${reversals.get(key) ?? 0}`];
    }
    case "card_sent":
      return [`card ${fact.cardId}`];
    case "approval_requested":
      return [`request ${fact.approvalId}`];
    case "transfer_recorded":
      return fact.recordId === "unexplained" ? [] : [`transfer ${fact.recordId}`];
    case "link_code_used":
      return [`code ${fact.codeHash}`];
    default:
      return [];
  }
}

/** Every change of a person is one command or tap of that person which means this change: a tap on an entry means none. */
function moreThanWished(
  view: WorldView,
  seen: Map<string, number>,
  { fact, recorded, trueAt }: Told,
): readonly Violation[] {
  if (fact.type !== "level_changed" || !recorded.actor.startsWith("person:")) return [];
  const personId = recorded.actor.slice("person:".length);
  const way = fact.to === "none" ? "lower" : "raise";
  const key = `${way} by ${personId}`;
  const done = (seen.get(key) ?? 0) + 1;
  seen.set(key, done);
  const wished = view.acts.filter(
    (act) => act.personId === personId && act.isAllowed && act.at <= trueAt && mayMean(view, act, way),
  ).length;
  if (done <= wished) return [];
  return [violated("I17", "a level was changed more often than anybody asked for it", { personId, way, done, wished })];
}

function mayMean(view: WorldView, { act, what, approvalId }: HumanAct, way: "raise" | "lower"): boolean {
  if (act === "command")
    return way === "lower" ? /^\/resume\b/.test(what) : /^\/(pause|flatten|emergency)\b/.test(what);
  if (act !== "tap") return false;
  const subject = trailOf(view).approvals.get(approvalId ?? "")?.request.subject.kind;
  return way === "lower" ? subject === "lower_level" : subject === undefined;
}
