/**
 * Stands between the flows and the venue and remembers what every answer taught: whether it answers, whether it told us to
 * stay away, whether it takes our key. While it is banned nothing is asked at all; while the key is refused one question in
 * 30 s tries it, and what protects or leaves a position in 2 s. Whoever asks meanwhile is answered here, as by a venue that can't be read.
 */
import { mark } from "../core/mark.ts";
import { fail, type Result } from "../core/result.ts";
import type { Clock } from "../ports/clock.ts";
import { type PlaceProblem, redirected, type Unavailable, type Venue } from "../ports/venue.ts";
import type { VenueMemory } from "./memory.ts";

const keyTriedEveryMs = 30_000;
const vitalTriedEveryMs = 2_000;

/** Questions that are signed with the key. The others are public. */
const signed: ReadonlySet<string> = new Set([
  "keyRights",
  "balances",
  "placeOrder",
  "orderById",
  "cancelOrder",
  "findOrder",
  "openOrders",
  "allOpenOrders",
  "fills",
  "snapshot",
  "transfers",
  "deadMan",
]);
const acts: ReadonlySet<string> = new Set(["placeOrder", "cancelOrder"]);
/** Known here without asking the venue; `window` must be answered at once and not by a promise. */
const unguarded: ReadonlySet<string> = new Set(["stop", "window", "whenFree"]);

type Tools = { readonly clock: Clock; readonly memory: VenueMemory };

export function guardVenue(venue: Venue, tools: Tools): Venue {
  return new Proxy(venue, {
    get(target, name) {
      const member = Reflect.get(target, name) as unknown;
      if (typeof member !== "function" || typeof name !== "string" || unguarded.has(name)) return member;
      return async (...told: unknown[]): Promise<unknown> => {
        const held = heldBack(venue, { name, isVital: isVital(name, told[0]) }, tools);
        if (held !== null) return held;
        const answer: unknown = await (member as (...all: unknown[]) => Promise<unknown>).apply(target, told);
        if (isResult(answer)) learn(answer, name, tools);
        return answer;
      };
    },
  });
}

type Answer = Result<unknown, Unavailable | PlaceProblem>;

const isResult = (answer: unknown): answer is Answer =>
  typeof answer === "object" && answer !== null && typeof (answer as { ok?: unknown }).ok === "boolean";

/** Stops, exits and cancels: one refused permission may be of one order only, and a position must not wait naked for the next try. */
function isVital(name: string, told: unknown): boolean {
  if (name === "cancelOrder") return true;
  return name === "placeOrder" && (told as { readonly leg?: string } | undefined)?.leg !== "entry";
}

type Question = { readonly name: string; readonly isVital: boolean };

/** The answer that is given here instead of asking; null = ask. */
function heldBack(venue: Venue, { name, isVital }: Question, { clock, memory }: Tools): Answer | null {
  const now = clock.mono();
  const leftMs = Math.ceil(memory.bannedUntilMono - now);
  if (leftMs > 0) {
    mark("V31.not_asked_while_banned");
    return refusal(venue, name, {
      because: `the venue told us to stay away for ${Math.ceil(leftMs / 1_000)} s more`,
      leftMs,
    });
  }
  if (memory.keyRefused === null || !signed.has(name)) return null;
  const waitMs = (isVital ? vitalTriedEveryMs : keyTriedEveryMs) - (now - memory.keyAskedMono);
  if (waitMs <= 0) {
    memory.keyAskedMono = now;
    return null;
  }
  mark("V50.key_not_hammered");
  return refusal(venue, name, { because: `the venue refuses our key: ${memory.keyRefused}`, leftMs: waitMs });
}

function refusal(venue: Venue, name: string, why: { because: string; leftMs: number }): Answer {
  if (acts.has(name)) return fail({ kind: "not_sent", because: why.because, retryAfterMs: why.leftMs });
  return fail({ kind: "unavailable", venue: venue.name, what: name, because: why.because, retryAfterMs: why.leftMs });
}

function learn(answer: Answer, name: string, { clock, memory }: Tools): void {
  const now = clock.mono();
  if (answer.ok) {
    if (signed.has(name)) memory.keyRefused = null;
    answered(memory, now);
    return;
  }
  const { problem } = answer;
  const refusedKey = keyTrouble(problem);
  if (refusedKey !== null) {
    memory.keyRefused = refusedKey;
    memory.keyAskedMono = now;
    answered(memory, now);
    return;
  }
  // A refusal is an answer: the venue is there.
  if (problem.kind === "rejected" || problem.kind === "exists") {
    answered(memory, now);
    return;
  }
  if (problem.kind === "unavailable" && problem.trouble === "banned")
    memory.bannedUntilMono = now + (problem.retryAfterMs ?? keyTriedEveryMs);
  if (problem.because === redirected) {
    mark("N11.redirect_not_followed");
    memory.redirectedMono = now;
  }
  memory.failingSinceMono ??= now;
  memory.failingBecause = problem.because;
}

function answered(memory: VenueMemory, now: number): void {
  memory.answeredMono = now;
  memory.failingSinceMono = null;
}

/** What the venue said when it refused our key; null = it did not. */
function keyTrouble(problem: Unavailable | PlaceProblem): string | null {
  if (problem.kind === "unavailable") return problem.trouble === "key" ? problem.because : null;
  return problem.kind === "rejected" && problem.reason === "permission" ? problem.message : null;
}
