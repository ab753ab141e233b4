/**
 * Hears Telegram: one supervised loop around getUpdates that confirms an update only after it was stored, and that never dies.
 *
 *   connect (getMe, deleteWebhook) --> poll --> store every update --> offset moves --> poll ...
 *        ^                              |            |
 *        +------- wait, then retry -----+------------+   offset stays at the first update that was not stored
 *
 * grammY's own bot.start() is not used: it ends at 401 and 409, and it confirms an update whose handler threw.
 */
import type { Api } from "grammy";
import { mark } from "../../core/mark.ts";
import { type Instant, isoTime } from "../../core/time.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Log } from "../../ports/log.ts";
import type { MessengerHealth } from "../../ports/messenger.ts";
import { explain, type WireProblem, wireProblem } from "./problems.ts";
import type { StoreBatch } from "./store_batch.ts";

/** All in milliseconds unless named otherwise. Only tests change them. */
export type PollTiming = {
  readonly pollSeconds: number;
  readonly backoffFirstMs: number;
  readonly backoffMaxMs: number;
  /** Between tries with a refused token. */
  readonly refusedTokenMs: number;
  /** From the end of one stored poll to the start of the next; a longer gap makes what is heard next late. */
  readonly gapMaxMs: number;
  /** How long stop() waits for an update that is being stored: a store that hangs may not hold up the whole house. */
  readonly stopMaxMs: number;
};

export const defaultTiming: PollTiming = {
  pollSeconds: 30,
  backoffFirstMs: 500,
  backoffMaxMs: 10_000,
  refusedTokenMs: 60_000,
  gapMaxMs: 10_000,
  stopMaxMs: 10_000,
};

type Needs = {
  /** Its client timeout must exceed pollSeconds. */
  readonly pollApi: Api;
  /** For short calls; gives up within seconds. */
  readonly sendApi: Api;
  readonly token: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly timing: PollTiming;
  readonly storeBatch: StoreBatch;
  /** After each poll that was stored: the moment for errands that need a connection. */
  onHearing(): void;
};

const batchMax = 100;
const allowedUpdates = ["message", "callback_query"] as const;
/** After a week without updates Telegram may start to count from another, lower number. */
const forgetOffsetAfterMs = 6 * 86_400_000;
/** An empty long poll that came back faster than this came from a server that doesn't wait; we then do. */
const hastyPollMs = 250;
/** Longer than the poll's own timeout by this much, and the loop counts as deaf. */
const silenceMarginMs = 15_000;

export type Poller = {
  /** Resolves after the first poll was answered and stored, or failed. */
  start(): Promise<void>;
  stop(): Promise<void>;
  health(): MessengerHealth;
};

type Moment = { readonly mono: number; readonly wall: Instant };

/** What the loop remembers between polls; gone with the process, because Telegram and the inbox remember the rest. */
type Hearing = {
  botUsername: string | null;
  offset: number | null;
  confirmedOffset: number | null;
  /** Milliseconds of clock.mono(). */
  lastUpdateAt: number;
  lastHeard: Moment | null;
  /** End of the last poll of which every update was stored; null until there is one. */
  heardUntil: Moment | null;
  /** The last batch was full of what piled up while we were away: the next one is, too. */
  isBacklog: boolean;
  problem: string | null;
};

export function pollTelegram(needs: Needs): Poller {
  const hearing: Hearing = {
    botUsername: null,
    offset: null,
    confirmedOffset: null,
    lastUpdateAt: needs.clock.mono(),
    lastHeard: null,
    heardUntil: null,
    isBacklog: false,
    problem: "Telegram: connecting",
  };
  const stopper = new AbortController();
  let loop: Promise<void> = Promise.resolve();
  return {
    start: () =>
      new Promise((resolve) => {
        loop = runLoop(needs, hearing, stopper.signal, resolve);
      }),
    stop: async () => {
      stopper.abort();
      await finish(needs, hearing, loop);
    },
    health: () => healthOf(needs, hearing),
  };
}

/** Turns until stopped; whatever fails, it waits and tries again. Calls `begun` after its first turn, good or bad. */
async function runLoop(needs: Needs, hearing: Hearing, signal: AbortSignal, begun: () => void): Promise<void> {
  const isStopped = () => signal.aborted;
  let failures = 0;
  while (!isStopped()) {
    let waitMs = 0;
    try {
      hearing.botUsername ??= await connect(needs, signal);
      waitMs = await hearOnce(needs, hearing, hearing.botUsername, signal);
      if (failures > 0) needs.log.info("Telegram is heard again", { failures });
      failures = 0;
      needs.onHearing();
    } catch (error) {
      failures += 1;
      if (!isStopped()) waitMs = noteFailure(needs, hearing, { error, failures });
    }
    begun();
    if (waitMs > 0) await needs.clock.sleep(waitMs, signal);
  }
}

/** Learns our name and removes a webhook, which would make polling impossible. Returns the username. */
async function connect(needs: Needs, signal: AbortSignal): Promise<string> {
  const me: unknown = await needs.sendApi.getMe(grammySignal(signal));
  const username = (me as { username?: unknown } | null)?.username;
  if (typeof username !== "string") throw new Error("getMe told no username: is this a Telegram Bot API server?");
  // Pending updates are never dropped: an emergency sent while we were away still counts.
  await needs.sendApi.deleteWebhook({ drop_pending_updates: false }, grammySignal(signal));
  return username;
}

/** One poll, stored. Returns how long to wait before the next. @throws when the poll failed or something was not stored. */
async function hearOnce(needs: Needs, hearing: Hearing, botUsername: string, signal: AbortSignal): Promise<number> {
  const { clock, timing } = needs;
  const wasAway = hearing.heardUntil === null || since(clock, hearing.heardUntil) > timing.gapMaxMs;
  const isCatchingUp = wasAway || hearing.isBacklog;
  // After a failure the first poll doesn't wait either: only an answer tells that Telegram is back, and cards wait for it.
  const isQuick = isCatchingUp || hearing.problem !== null;
  const begun = momentOf(clock);
  const { updates, overslept } = await fetchBatch(needs, hearing, isQuick, signal);
  const ended = momentOf(clock);
  hearing.lastHeard = ended;
  const facts = { botUsername, arrivedLate: isCatchingUp || overslept };
  const stored = await needs.storeBatch(updates, facts, signal);
  hearing.offset = stored.nextOffset ?? hearing.offset;
  if (stored.failure !== null) {
    throw new Error(`an update could not be stored and will be asked for again: ${stored.failure}`);
  }
  if (updates.length > 0) hearing.lastUpdateAt = ended.mono;
  else if (ended.mono - hearing.lastUpdateAt > forgetOffsetAfterMs) hearing.offset = null;
  hearing.heardUntil = ended;
  hearing.isBacklog = isCatchingUp && updates.length >= batchMax;
  hearing.problem = null;
  return updates.length === 0 && !isQuick && ended.mono - begun.mono < hastyPollMs ? hastyPollMs : 0;
}

async function fetchBatch(needs: Needs, hearing: Hearing, isQuick: boolean, signal: AbortSignal) {
  // What piled up is fetched without waiting, so that only it counts as late and not the next fresh tap.
  const timeout = isQuick ? 0 : needs.timing.pollSeconds;
  const api = isQuick ? needs.sendApi : needs.pollApi;
  const begun = momentOf(needs.clock);
  const offset = hearing.offset;
  const updates: unknown = await api.getUpdates(
    { limit: batchMax, timeout, allowed_updates: allowedUpdates, ...(offset !== null && { offset }) },
    grammySignal(signal),
  );
  if (!Array.isArray(updates)) throw new Error("getUpdates answered no list: is this a Telegram Bot API server?");
  hearing.confirmedOffset = offset;
  // A machine that slept through its own poll was not hearing either.
  const overslept = since(needs.clock, begun) > timeout * 1_000 + needs.timing.gapMaxMs;
  return { updates: updates as readonly unknown[], overslept };
}

function noteFailure(needs: Needs, hearing: Hearing, failed: { error: unknown; failures: number }): number {
  const wire = wireProblem(failed.error, needs.token);
  // Whatever another poller or a webhook changed is put right by connecting anew.
  if (wire.kind === "refused") hearing.botUsername = null;
  const waitMs = retryAfter(wire, failed.failures, needs.timing);
  const problem = sentence(wire);
  // One line a trouble, not one a try: a night without network must not fill the disk.
  if (problem !== hearing.problem) needs.log.warn(problem, { retryAfterMs: waitMs });
  hearing.problem = problem;
  return waitMs;
}

/** Waits for what is being stored, then confirms it, so that the next start doesn't hear it again. */
async function finish(needs: Needs, hearing: Hearing, loop: Promise<void>): Promise<void> {
  const timer = new AbortController();
  const giveUp = needs.clock.sleep(needs.timing.stopMaxMs, timer.signal).then(() => false);
  const hasEnded = await Promise.race([loop.then(() => true), giveUp]);
  timer.abort();
  hearing.problem = "Telegram: stopped";
  const { offset } = hearing;
  if (!hasEnded || offset === null || offset === hearing.confirmedOffset) return;
  try {
    await needs.sendApi.getUpdates({ offset, limit: 1, timeout: 0 });
    hearing.confirmedOffset = offset;
  } catch (error) {
    // Harmless: the inbox knows what it has.
    const because = explain(error, needs.token);
    needs.log.info("The last Telegram updates could not be confirmed and may be heard twice", { because });
  }
}

function healthOf({ clock, timing }: Needs, { lastHeard, problem }: Hearing): MessengerHealth {
  // A loop that hangs, in the network or in the database, says nothing by itself.
  const isSilent = lastHeard !== null && since(clock, lastHeard) > timing.pollSeconds * 1_000 + silenceMarginMs;
  const words = problem === null && isSilent ? silentSentence(lastHeard.wall) : problem;
  return { isHearing: words === null, lastHeardAt: lastHeard?.wall ?? null, problem: words };
}

function momentOf(clock: Clock): Moment {
  return { mono: clock.mono(), wall: clock.wall() };
}

/** Milliseconds. The wall counts too: the other clock may stand still while a machine sleeps. */
function since(clock: Clock, start: Moment): number {
  return Math.max(clock.mono() - start.mono, clock.wall() - start.wall);
}

function silentSentence(lastHeardAt: Instant): string {
  return `Telegram: silent since ${isoTime(lastHeardAt)}; the network hangs, or an update can't be stored`;
}

/** Which trouble it is and what a person can do about it. */
function sentence(problem: WireProblem): string {
  if (problem.kind !== "refused") return `Telegram: ${problem.because}`;
  switch (problem.code) {
    case 401:
    case 404:
      mark("H12.telegram_token_refused");
      return `Telegram: the bot token is refused (${problem.code}); get a valid one from @BotFather and put it in the settings`;
    case 409:
      return /webhook/i.test(problem.because)
        ? "Telegram: another program set a webhook for this token (409); it is removed and polling tried again"
        : "Telegram: another program polls with this token (409); stop it, polling is tried again until then";
    case 429:
      return "Telegram: polls too fast for Telegram (429); waits as long as it asks";
    default:
      return `Telegram: getUpdates is refused (${problem.code}): ${problem.because}`;
  }
}

function retryAfter(problem: WireProblem, failures: number, timing: PollTiming): number {
  if (problem.kind === "refused" && (problem.code === 401 || problem.code === 404)) return timing.refusedTokenMs;
  if (problem.kind === "refused" && problem.retryAfterMs !== null) return problem.retryAfterMs;
  return Math.min(timing.backoffMaxMs, timing.backoffFirstMs * 2 ** Math.min(failures - 1, 20));
}

type GrammySignal = NonNullable<Parameters<Api["getMe"]>[0]>;

/** grammY's types name the class of an old polyfill; at run time it takes Node's own signal. */
function grammySignal(signal: AbortSignal): GrammySignal {
  return signal as unknown as GrammySignal;
}
