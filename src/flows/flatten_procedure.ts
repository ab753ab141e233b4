/**
 * Drives the kill procedure, one round a second and at once when it begins: halt again, ask or confirm, cancel, sell by risk,
 * prove, sweep. It keeps nothing in this process that it needs: after a crash, or in the hands of a new leader, the next round
 * reads the books and goes on. It depends on no report, no chat and no queue.
 */
import type { Books } from "../core/books.ts";
import type { FactOf } from "../core/events.ts";
import { type FlattenPlan, planFlatten, type VenueWindow } from "../core/flatten_plan.ts";
import { type KillProcedure, killReport } from "../core/kill.ts";
import { mark } from "../core/mark.ts";
import type { Ratio } from "../core/money.ts";
import { leavable, openPositions } from "../core/portfolio.ts";
import { between } from "../core/time.ts";
import { confirmBySilence, confirmEmpty, requestFlatten } from "./flatten.ts";
import { inLanes, lookAtVenue } from "./flatten_look.ts";
import { cancelOrder } from "./follow_order.ts";
import { dayMove } from "./gather_view.ts";
import { haltDrafts, leavingDrafts } from "./halt_trading.ts";
import { hearsEverywhere } from "./heard.ts";
import { tendPosition } from "./manage_exit.ts";
import { marksOf } from "./memory.ts";
import type { Needs } from "./needs.ts";
import { reconcile } from "./reconcile.ts";
import { draft, record } from "./record.ts";
import { resolveUnknowns } from "./resolve_unknown.ts";
import { steadyKill } from "./steady.ts";

/** Real ms: an unanswered question, a venue that is away, the distance of two looks, the sweep and its end. */
const silenceMs = 30_000;
const askAgainMs = 5_000;
const answerWithinMs = 5_000;
/** So long nothing was answered, and the sales that have not begun wait until the venue is asked whether it is there. */
const silentMs = 3_000;
const looksApartMs = 2_000;
const sweepEveryMs = 5_000;
const sweepForMs = 10 * 60_000;

/** One round, unless one is under way. Harmless to call at any time. */
export async function continueFlatten(needs: Needs): Promise<void> {
  if (killOf(needs) === null || needs.memory.isFenced || needs.memory.isStopping) return;
  if (needs.memory.isStandingBack) return;
  await needs.locks.tryRun("flatten", () => round(needs));
}

/** In the background, right after a level was raised; a failure is the business of the next round. */
export function startFlatten(needs: Needs): void {
  void continueFlatten(needs).catch((error: unknown) =>
    needs.log.error("A round of the kill procedure failed; the next one follows", { error: String(error) }),
  );
}

/** With the times that the present wall clock would have told, had nobody set it. */
function killOf(needs: Needs): KillProcedure | null {
  const { kill } = needs.ledger.books().house;
  return kill === null ? null : steadyKill(needs, kill);
}

async function round(needs: Needs): Promise<void> {
  const standing = killOf(needs);
  if (standing === null || standing.step === "halted") return;
  noteSeen(needs, standing);
  if (standing.step !== "halting") mark("X17.resumed");
  // A procedure that begins, and one that has something to sell again, is proven by looks of its own.
  if (standing.step === "halting") forgetLooks(needs);
  await haltAgain(needs);
  const isReachable = await reach(needs);
  await settleQuestion(needs);
  const plan = planFlatten(inputOf(needs, isReachable));
  await note(needs, plan);
  if (plan.cancel.length > 0) await takeBackEntries(needs, plan.cancel);
  // Without waiting: a proof of absence takes as long as it takes, and what is held is sold meanwhile.
  void resolveUnknowns(needs).catch(() => undefined);
  if (plan.sell.length > 0) await sellInOrder(needs, plan.sell);
  const after = plan.sell.length > 0 ? planFlatten(inputOf(needs, isReachable)) : plan;
  if (after.step !== "verifying") return forgetLooks(needs);
  // What was sold in this round need not wait for the next one to be proven.
  if (after !== plan) await note(needs, after);
  await prove(needs);
}

/** Since when this process has looked at it, and listened. */
function noteSeen({ memory, clock }: Needs, { procedureId }: KillProcedure): void {
  if (memory.kill.seen?.procedureId !== procedureId) memory.kill.seen = { procedureId, mono: clock.mono() };
}

function forgetLooks({ memory }: Needs): void {
  memory.kill.cleanLookMono = null;
}

/** What slipped in between the raise and now: a request, an order that was decided but not armed. */
async function haltAgain(needs: Needs): Promise<void> {
  await record(needs, (books, { wallAt }) => {
    const { drafts } = haltDrafts(books, { actor: "house", reason: `trading is at ${books.house.level}` }, wallAt);
    return { drafts, value: undefined };
  });
}

/** A venue that is away is asked every 5 s; when it is back our books are compared with it before anything is sent. */
async function reach(needs: Needs): Promise<boolean> {
  const { kill } = needs.memory;
  const now = needs.clock.mono();
  if (now < kill.askVenueAtMono) return kill.isReachable;
  const told = await withinTime(needs, needs.venue.time());
  const wasAway = !kill.isReachable;
  // "Too many requests" is an answer: the venue is there, and its adapter sends nothing before the time that it named.
  const isKnownGone = needs.ledger.books().house.gone[`venue:${needs.venue.name}`] !== undefined;
  kill.isReachable = told !== null && (told.ok || (told.problem.retryAfterMs !== null && !isKnownGone));
  kill.askVenueAtMono = needs.clock.mono() + askAgainMs;
  if (kill.isReachable && wasAway) {
    mark("V32.back");
    await reconcile(needs);
  }
  return kill.isReachable;
}

/** null = no answer within 5 s: people are told that the sale waits while the question goes on. */
async function withinTime<Value>({ clock }: Needs, answer: Promise<Value>): Promise<Value | null> {
  const over = new AbortController();
  try {
    return await Promise.race([answer, clock.sleep(answerWithinMs, over.signal).then(() => null)]);
  } finally {
    over.abort();
  }
}

function isSilent({ memory, clock }: Needs): boolean {
  const since = memory.venue.failingSinceMono;
  return since !== null && clock.mono() - since > silentMs;
}

/** Sells when a person or a declared silence says so; asks when nobody has been asked; reminds of a question that stands. */
async function settleQuestion(needs: Needs): Promise<void> {
  const kill = killOf(needs);
  if (kill === null || kill.confirmedAt !== null) return;
  const books = needs.ledger.books();
  if (leavable(books).length === 0) return confirmEmpty(needs);
  if (kill.isDeclined) return;
  const questions = (kill.questions ?? []).flatMap((id) => books.approvals[id] ?? []);
  if (questions.some((question) => question.state === "declined")) return decline(needs);
  const { emergencyOnSilence, flattenOnSilence } = needs.settings.kill;
  const maySellUnasked = kill.level === "emergency" ? emergencyOnSilence : flattenOnSilence;
  const wall = needs.clock.wall();
  if (maySellUnasked && between(kill.raisedAt, wall) >= silenceMs && wasSilenceHeard(needs, kill))
    return confirmBySilence(needs);
  if (!questions.some((question) => question.state === "pending" || question.state === "approved")) {
    await requestFlatten(needs, kill.startedBy);
    return;
  }
  if (between(kill.stepAt, wall) >= silenceMs)
    await noteStep(needs, { step: "halting", because: "the question to sell waits for a tap", left: heldOf(books) });
}

/**
 * A process that was away has heard no no: one may wait in a chat that delivers it with its first answers. An emergency waits for
 * that as long as it would for people, and no longer: then a chat that stays deaf holds up nothing.
 */
function wasSilenceHeard(needs: Needs, { procedureId }: KillProcedure): boolean {
  const { memory, clock, ledger } = needs;
  const { seen } = memory.kill;
  const listenedMs = seen?.procedureId === procedureId ? clock.mono() - seen.mono : 0;
  return listenedMs >= silenceMs || (memory.back === null && hearsEverywhere(needs, ledger.books()));
}

const heldOf = (books: Books): readonly string[] =>
  leavable(books).map((position) => `${position.positionId}: ${position.quantity} held`);

async function decline(needs: Needs): Promise<void> {
  await record(needs, (books) => {
    const { kill } = books.house;
    if (kill === null || kill.isDeclined) return { drafts: [], value: undefined };
    return {
      drafts: [draft("house", { type: "flatten_declined", procedureId: kill.procedureId })],
      value: undefined,
    };
  });
}

function inputOf(needs: Needs, isReachable: boolean): Parameters<typeof planFlatten>[0] {
  const books = needs.ledger.books();
  const moves: Record<string, Ratio> = {};
  for (const [instrumentId, candles] of needs.memory.candles) {
    const move = dayMove(candles, needs.settings.timeframeMs);
    if (move !== null) moves[instrumentId] = move;
  }
  return {
    isConfirmed: books.house.kill?.confirmedAt != null,
    positions: openPositions(books),
    orders: Object.values(books.orders),
    marks: marksOf(needs.memory),
    volatility: moves,
    venue: { isReachable, window: windowOf(needs) },
  };
}

function windowOf(needs: Needs): VenueWindow {
  return needs.venue.window?.() ?? "open";
}

/** A step is a fact when it is another one than before; a sweep that finds nothing stays a sweep. */
async function note(needs: Needs, plan: FlattenPlan): Promise<void> {
  const kill = killOf(needs);
  if (kill === null || plan.step === "halting" || plan.step === kill.step) return;
  if (kill.verifiedAt !== null && plan.step !== "selling") return;
  if (kill.verifiedAt !== null) mark("K02.selling_again");
  await noteStep(needs, plan);
}

function noteStep(needs: Needs, told: Pick<FactOf<"flatten_step">, "step" | "because" | "left">): Promise<void> {
  return record(needs, (books) => {
    const { kill } = books.house;
    if (kill === null) return { drafts: [], value: undefined };
    const { step, because, left } = told;
    return {
      drafts: [draft("house", { type: "flatten_step", procedureId: kill.procedureId, step, because, left })],
      value: undefined,
    };
  });
}

async function takeBackEntries(needs: Needs, ids: readonly string[]): Promise<void> {
  await inLanes(ids, (id) => cancelOrder(needs, id, "the house is being flattened"));
}

/** Everything held gets its exit reason, also what a late fill brought since the tap; then a few at a time, riskiest first. */
async function sellInOrder(needs: Needs, ids: readonly string[]): Promise<void> {
  await record(needs, (books) => {
    const { kill } = books.house;
    if (kill === null || kill.confirmedAt === null) return { drafts: [], value: undefined };
    const reason = kill.level === "emergency" ? ("emergency" as const) : ("kill_flatten" as const);
    const wish = { reason, actor: "house", note: `the house is at ${kill.level}` };
    return { drafts: leavingDrafts(needs, books, ids, wish), value: undefined };
  });
  await inLanes(ids, (id) => sellOne(needs, id));
}

/** When the venue falls silent in the middle, what has not begun is left with its stop, and the next round asks whether it is there. */
async function sellOne(needs: Needs, positionId: string): Promise<void> {
  if (isSilent(needs)) {
    needs.memory.kill.askVenueAtMono = 0;
    return;
  }
  await tendPosition(needs, positionId).catch((error: unknown) =>
    needs.log.warn("A visit of a position failed; the next round follows", { positionId, error: String(error) }),
  );
}

/** Two looks without a finding, two seconds apart; then a sweep every 5 s for ten minutes; then it rests until people reset it. */
async function prove(needs: Needs): Promise<void> {
  const kill = killOf(needs);
  if (kill === null) return;
  const now = needs.clock.mono();
  const { memory } = needs;
  const isSweep = kill.verifiedAt !== null;
  if (isSweep && between(kill.verifiedAt, needs.clock.wall()) > sweepForMs)
    return noteStep(needs, { step: "halted", because: "no late fill came; waits for /resume", left: [] });
  const apart = isSweep ? sweepEveryMs : looksApartMs;
  if (memory.kill.cleanLookMono !== null && now - memory.kill.cleanLookMono < apart) return;
  const look = await lookAtVenue(needs);
  const isFlat = look.wasRead && look.found.length === 0 && planFlatten(inputOf(needs, true)).step === "verifying";
  const first = memory.kill.cleanLookMono;
  memory.kill.cleanLookMono = isFlat ? needs.clock.mono() : null;
  if (!isFlat || isSweep || first === null) return;
  await verified(needs, Math.round(needs.clock.mono() - first));
}

function verified(needs: Needs, spanMs: number): Promise<void> {
  return record(needs, (books) => {
    const { kill } = books.house;
    if (kill === null || kill.verifiedAt !== null) return { drafts: [], value: undefined };
    // In PAPER this is the drill: the same procedure against the practice exchange, with the time that each sale took.
    if (needs.settings.mode === "paper") mark("O12.time_to_flat_measured");
    return {
      drafts: [
        draft("house", {
          type: "flatten_verified",
          procedureId: kill.procedureId,
          looks: 2,
          spanMs,
          report: killReport(kill),
        }),
      ],
      value: undefined,
    };
  });
}
