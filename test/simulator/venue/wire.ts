/**
 * The way to the venue and back. Every request leaves, arrives, is answered and is heard, each with its own delay; the
 * weather spoils any of the four. Whatever happens, the caller hears within ten seconds, as from the real adapters.
 *
 *   leaves ──(lost | refused | late)──> arrives ──(busy | 5xx before)──> work ──(lost | late | garbled | 5xx after)──> heard
 */
import { type OnItsWay, strikes, type VenueState } from "./state.ts";

export type Trip<Answer> = {
  readonly label: string;
  readonly processId: string;
  /** What the venue does when the request arrives. Absent answers: the engine answers later through `reply`. */
  readonly work: (reply: (answer: Answer, waitMs?: number) => void) => void;
  /** It left and no usable answer came. */
  readonly lost: (because: string) => Answer;
  /** The venue cannot have processed it. */
  readonly unsent: (because: string, retryAfterMs: number | null, trouble?: "banned") => Answer;
  /** The venue knows our key no more. */
  readonly locked: (because: string) => Answer;
  /** It changes something: an order or a cancel. */
  readonly isWrite?: true;
  /** For creates: seen by the oracle while it could still be accepted. */
  readonly create: { readonly clientOrderId: string; readonly acceptedUntil: number | null } | null;
};

const deadlineMs = 10_000;

export function travel<Answer>(state: VenueState, trip: Trip<Answer>): Promise<Answer> {
  return new Promise((resolve) => {
    let isHeard = false;
    const hear = (answer: Answer): void => {
      if (isHeard) return;
      isHeard = true;
      cancelDeadline();
      resolve(answer);
    };
    const { scheduler } = state;
    const cancelDeadline = scheduler.after(deadlineMs, `venue: ${trip.label} times out`, () =>
      hear(trip.lost("no answer within 10 s")),
    );
    const wayMs = outward(state, trip, hear);
    if (wayMs === null) return;
    const way = noteOnTheWay(state, trip, wayMs);
    scheduler.after(wayMs, `venue: ${trip.label} arrives`, () => {
      if (way !== null) state.onTheWay.delete(way);
      arrive(state, trip, hear);
    });
  });
}

/** ms until it arrives; null = it never does. */
function outward<Answer>(state: VenueState, trip: Trip<Answer>, hear: (answer: Answer) => void): number | null {
  const { scheduler } = state;
  const chance = state.chanceOf("latency");
  const later = (ms: number, answer: () => Answer): void =>
    void scheduler.after(ms, `venue: ${trip.label} fails`, () => hear(answer()));
  if (scheduler.now() < state.outageUntil) {
    if (chance.hits(0.7)) later(chance.int(1, 60), () => trip.unsent("connect ECONNREFUSED", null));
    return null;
  }
  if (strikes(state, "request_lost")) {
    const kind = state.chanceOf("request_lost").pick(["refused", "never", "never", "reset", "late", "late"] as const);
    state.say(`${trip.label} is lost on the way (${kind})`);
    if (kind === "refused") later(chance.int(1, 200), () => trip.unsent("getaddrinfo ENOTFOUND", null));
    if (kind === "reset") later(chance.int(1, 400), () => trip.lost("the connection was reset"));
    return kind === "late" ? state.chanceOf("request_lost").int(300, state.quirks.latestArrivalMs) : null;
  }
  // Only what changes something gets lost here: the door for orders is broken, and everything can still be read.
  if (trip.isWrite === true && strikes(state, "write_lost", 0.4)) {
    state.say(`${trip.label} is lost on the way (orders only)`);
    return null;
  }
  return state.isCalm ? chance.int(5, 20) : chance.int(5, 80);
}

function noteOnTheWay<Answer>(state: VenueState, trip: Trip<Answer>, wayMs: number): OnItsWay | null {
  if (trip.create === null) return null;
  const { clientOrderId, acceptedUntil } = trip.create;
  const way = {
    clientOrderId,
    processId: trip.processId,
    couldArrive: acceptedUntil === null || state.scheduler.now() + wayMs <= acceptedUntil,
  };
  state.onTheWay.add(way);
  state.ticks += 1;
  return way;
}

function arrive<Answer>(state: VenueState, trip: Trip<Answer>, hear: (answer: Answer) => void): void {
  const { scheduler } = state;
  state.ticks += 1;
  const busyMs = busyFor(state);
  if (busyMs !== null) {
    answer(state, trip, hear)(toldToWait(state, trip, busyMs));
    return;
  }
  if (scheduler.now() < state.restartUntil) {
    answer(state, trip, hear)(trip.unsent("425: the matching engine restarts", 5_000));
    return;
  }
  if (scheduler.now() < state.lockedUntil) {
    answer(state, trip, hear)(trip.locked("the key or its rights are refused"));
    return;
  }
  const isBroken = strikes(state, "server_error");
  if (isBroken && state.chanceOf("server_error").hits(0.5)) {
    state.say(`${trip.label}: 5xx, not processed`);
    answer(state, trip, hear)(trip.lost("the venue answered 503 Service Unavailable"));
    return;
  }
  trip.work((said, waitMs = 0) => {
    const send = (): void =>
      isBroken
        ? answer(state, trip, hear)(trip.lost("the venue answered 503 after it had begun"))
        : answer(state, trip, hear, "served")(said);
    if (isBroken) state.say(`${trip.label}: 5xx after processing`);
    if (waitMs === 0) send();
    else scheduler.after(waitMs, `venue: ${trip.label} is worked on`, send);
  });
}

const toldToWait = <Answer>(state: VenueState, trip: Trip<Answer>, waitMs: number): Answer =>
  state.scheduler.now() < state.bannedUntil
    ? trip.unsent("418: banned for asking while told to wait", waitMs, "banned")
    : trip.unsent("the rate limit is reached", waitMs);

/** 429 with a wait; asking again during the wait ends in a ban. */
function busyFor(state: VenueState): number | null {
  const now = state.scheduler.now();
  if (now < state.bannedUntil) return state.bannedUntil - now;
  if (now < state.busyUntil) {
    state.strikes += 1;
    if (state.strikes >= 20) {
      state.strikes = 0;
      state.bannedUntil = now + 120_000;
      state.say("418: banned for two minutes");
    }
    return Math.max(state.busyUntil, state.bannedUntil) - now;
  }
  if (!strikes(state, "rate_limit", 0.2)) return null;
  state.strikes = 0;
  state.busyUntil = now + state.chanceOf("rate_limit").pick([1_000, 3_000, 10_000]);
  state.say(`429: wait ${state.busyUntil - now} ms`);
  return state.busyUntil - now;
}

/** The answer's way back. "No" to the whole request (wait, no such key, 5xx) is no service: nobody could act on it. */
function answer<Answer>(
  state: VenueState,
  trip: Trip<Answer>,
  hear: (answer: Answer) => void,
  how: "served" | "turned away" = "turned away",
): (said: Answer) => void {
  return (said) => {
    const { scheduler } = state;
    const now = scheduler.now();
    const come = (ms: number, what: Answer): void =>
      void scheduler.after(ms, `venue: ${trip.label} is answered`, () => {
        if (what === said && how === "served") state.lastAnswerAt = scheduler.now();
        state.ticks += 1;
        hear(what);
      });
    if (now < state.muteUntil) return;
    if (strikes(state, "answer_lost")) {
      const chance = state.chanceOf("answer_lost");
      const kind = chance.pick(["silence", "reset", "mute"] as const);
      state.say(`${trip.label}: the answer is lost (${kind})`);
      if (kind === "mute" && chance.hits(0.05)) state.muteUntil = now + 60_000;
      if (kind === "reset") come(chance.int(5, 200), trip.lost("the connection was reset while the answer came"));
      return;
    }
    if (trip.isWrite === true && strikes(state, "write_lost")) {
      const isReset = state.chanceOf("write_lost").hits(0.5);
      state.say(`${trip.label}: the answer is lost (orders only)`);
      if (isReset) come(state.chanceOf("write_lost").int(5, 200), trip.lost("the connection was reset"));
      return;
    }
    if (strikes(state, "answer_garbled"))
      return come(state.chanceOf("latency").int(5, 80), trip.lost("the answer could not be read (HTML or cut short)"));
    if (strikes(state, "answer_late"))
      return come(state.chanceOf("answer_late").pick([2_000, 4_900, 4_900, 5_100, 5_100, 8_000]) - 80, said);
    come(state.isCalm ? state.chanceOf("latency").int(5, 20) : state.chanceOf("latency").int(5, 80), said);
  };
}
