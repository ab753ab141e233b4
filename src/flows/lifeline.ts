/**
 * The house and the emergency process. Each minute a snapshot is left for it. When its note is found, this house stops
 * sending at once; when that process is done or has died, its sales are taken into the books under their own names, the level
 * is emergency, and the procedure goes on with what is left.
 */
import type { Fact } from "../core/events.ts";
import { type EmergencyNotice, lifelineOf } from "../core/lifeline.ts";
import { mark } from "../core/mark.ts";
import { confirmBySilence } from "./flatten.ts";
import { lookUp } from "./follow_order.ts";
import { raiseLevel } from "./halt_trading.ts";
import type { Needs } from "./needs.ts";
import { draft, record } from "./record.ts";

export async function writeLifeline(needs: Needs): Promise<void> {
  const { lifeline, ledger, settings, clock, log } = needs;
  if (lifeline === undefined) return;
  const about = { at: clock.wall(), symbols: settings.symbols, baseUrl: lifeline.baseUrl, mode: settings.mode };
  const problem = lifeline.write(lifelineOf(ledger.books(), about));
  if (problem !== null) log.error("The snapshot for the emergency process is old now", { problem });
}

/** A process that has given no sign of life for this long (real ms) has died. */
const beatMaxMs = 15_000;

export type Hold = "none" | "standing_back" | "taken_in";

/** Asked every second, and at start before anything is sent. */
export async function heedEmergency(needs: Needs): Promise<Hold> {
  const notice = needs.lifeline?.notice() ?? null;
  if (notice === null) {
    needs.memory.isStandingBack = false;
    return "none";
  }
  const isWorking = !notice.isDone && needs.clock.wall() - Date.parse(notice.beatAt) < beatMaxMs;
  if (!needs.memory.isStandingBack) {
    mark("P14.emergency_took_over");
    needs.log.error("The emergency process is closing everything; this one sends nothing", {
      by: notice.by,
      reason: notice.reason,
    });
  }
  needs.memory.isStandingBack = true;
  await raiseLevel(needs, "emergency", { actor: "emergency_process", reason: `${notice.by}: ${notice.reason}` });
  if (isWorking) return "standing_back";
  await takeIn(needs, notice);
  needs.lifeline?.settle(notice);
  needs.memory.isStandingBack = false;
  return "taken_in";
}

/** Its orders become ours by name; the venue then says what each of them sold. What it left is sold under the same level. */
async function takeIn(needs: Needs, notice: EmergencyNotice): Promise<void> {
  await confirmBySilence(needs, { actor: "emergency_process", because: notice.reason });
  const told = await Promise.allSettled(notice.orders.map((order) => adopt(needs, order)));
  const untold = told.find((one) => one.status === "rejected");
  // Asked again in a second: until the venue has told of all of them nobody knows what is left to sell.
  if (untold !== undefined) throw new Error(String(untold.reason));
  // Differences that were seen while it sold are explained now.
  needs.memory.doubts = {};
}

/** An order that the venue never saw sold nothing; one that it can't tell of now is asked for again by whoever calls. */
async function adopt(needs: Needs, order: EmergencyNotice["orders"][number]): Promise<void> {
  const { clientOrderId, intent, referencePrice } = order;
  const { instrumentId } = intent;
  const seen = await needs.venue.findOrder({ clientOrderId, venueOrderId: null, instrumentId, kind: "limit" });
  if (!seen.ok) throw new Error(`the venue does not tell of ${clientOrderId}: ${seen.problem.because}`);
  if (seen.value === null) return;
  const { venueOrderId } = seen.value;
  await record(needs, (books) => {
    const position = books.positions[intent.tradeId];
    if (books.orders[clientOrderId] !== undefined || position === undefined) return { drafts: [], value: undefined };
    const adopted: Fact = {
      type: "order_adopted",
      clientOrderId,
      venueOrderId,
      origin: "lost_intent",
      // It counted from a snapshot; this house may have tried since, and so may an earlier run.
      intent: { ...intent, attempt: position.attempts.exit + 1 },
      exitReason: "emergency",
      referencePrice,
      because: "sent by the emergency process",
    };
    return { drafts: [draft("emergency_process", adopted, intent.tradeId)], value: undefined };
  });
  await lookUp(needs, clientOrderId);
}
