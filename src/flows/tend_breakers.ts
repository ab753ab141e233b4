/**
 * What time and trial orders do to standing breakers, once a second: warnings that passed are taken back, a passing cause that
 * has been gone for long enough is tried with one smallest order, and a reset that had to wait is carried out.
 */
import type { Books } from "../core/books.ts";
import { type Breaker, coolingMs, withinDay } from "../core/breaker.ts";
import { mark } from "../core/mark.ts";
import { isPositive } from "../core/money.ts";
import { mayStillTrade } from "../core/order.ts";
import type { Instant } from "../core/time.ts";
import type { Draft } from "../ports/ledger.ts";
import { isHeardEverywhere } from "./heard.ts";
import type { Finding } from "./hold_promises.ts";
import type { Needs } from "./needs.ts";
import { draft, record } from "./record.ts";
import { dueReset } from "./reset_breaker.ts";
import { waitedMs } from "./steady.ts";

/** A warning is taken back when its cause has been gone for this long. */
const recoveredAfterMs = 10_000;

export async function tendBreakers(needs: Needs, findings: readonly Finding[]): Promise<void> {
  const present = new Set(findings.map((finding) => finding.key));
  for (const standing of Object.values(needs.ledger.books().house.breakers)) {
    const clearMs = clearFor(needs, standing, present);
    const step = (books: Books, wallAt: Instant): readonly Draft[] => {
      const now = books.house.breakers[standing.key];
      // A process that was away first hears what was said meanwhile: a reset that waits may have been withdrawn.
      const isReturning = needs.memory.back !== null;
      const isHeard = () => isHeardEverywhere(needs, books);
      const waited = waitedFor(needs, now);
      return now === undefined
        ? []
        : stepOf(books, now, { clearMs, wallAt, waited, isReturning, isHeard, isPresent: present.has(standing.key) });
    };
    // Most looks change nothing, and then nothing is asked of the ledger.
    if (step(needs.ledger.books(), needs.clock.wall()).length === 0) continue;
    await record(needs, (books, { wallAt }) => ({ drafts: step(books, wallAt), value: undefined }));
  }
}

/** Real ms for which the cause of this breaker has not been seen; 0 while it is there. */
function clearFor({ memory, clock }: Needs, { key, openedWallAt }: Breaker, present: ReadonlySet<string>): number {
  if (present.has(key)) {
    memory.clearSince.delete(key);
    return 0;
  }
  const known = memory.clearSince.get(key);
  // Opened anew since: its clear time begins now.
  const mono = known !== undefined && known.openedWallAt === openedWallAt ? known.mono : clock.mono();
  memory.clearSince.set(key, { mono, openedWallAt });
  return clock.mono() - mono;
}

/** Real ms since somebody asked for its reset; 0 when nobody has. */
function waitedFor(needs: Needs, breaker: Breaker | undefined): number {
  const asked = breaker?.asked ?? null;
  return asked === null ? 0 : waitedMs(needs, `${breaker?.key}|asked`, asked.at);
}

type Moment = {
  readonly clearMs: number;
  readonly wallAt: Instant;
  readonly waited: number;
  readonly isPresent: boolean;
  readonly isReturning: boolean;
  /** Whether every linked platform hears. */
  readonly isHeard: () => boolean;
};

function stepOf(books: Books, breaker: Breaker, moment: Moment): readonly Draft[] {
  const { scope, cause } = breaker;
  const due = moment.isPresent || moment.isReturning ? null : dueReset(books, breaker, moment);
  if (due !== null) return due;
  if (breaker.state === "degraded")
    return moment.isPresent || moment.clearMs < recoveredAfterMs
      ? []
      : [draft("house", { type: "breaker_closed", scope, cause, reason: "its cause is gone", how: "recovered" })];
  if (breaker.state === "half_open") return afterCanary(books, breaker);
  if (breaker.class === "sticky" || moment.isPresent) return [];
  const openings = withinDay(books.house.breakerHistory[breaker.key]?.opened ?? [], moment.wallAt).length;
  return moment.clearMs < coolingMs(openings)
    ? []
    : [draft("house", { type: "breaker_half_opened", scope, cause, clearMs: Math.round(moment.clearMs) })];
}

/** What became of the one order that was let through. Only a whole round without doubt closes the breaker. */
function afterCanary(books: Books, { scope, cause, canary, class: kind }: Breaker): readonly Draft[] {
  const order = canary === null ? undefined : books.orders[canary];
  if (canary === null || order === undefined) return [];
  if (order.state === "abandoned") return [draft("house", { type: "breaker_half_opened", scope, cause, clearMs: 0 })];
  if (order.state === "unknown" || order.state === "rejected" || order.state === "lost") {
    mark("V32.trial_failed");
    const evidence = { "trial order": canary, became: order.state };
    return [draft("house", { type: "breaker_opened", scope, cause, class: kind, evidence })];
  }
  if (mayStillTrade(order.state)) return [];
  const position = books.positions[order.tradeId];
  const isBare =
    position !== undefined &&
    isPositive(position.quantity) &&
    position.protection !== "placed" &&
    position.protection !== "local_guard";
  const reason = `the trial order ${canary} went well`;
  return isBare ? [] : [draft("house", { type: "breaker_closed", scope, cause, reason, how: "canary_passed" })];
}
