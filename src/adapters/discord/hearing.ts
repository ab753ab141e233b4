/**
 * Keeps the bot hearing: opens a line, and when it ends opens another, slowly enough for Discord's limits.
 *
 *   line ends            next try                      health says
 *   token refused        after 5 min, by REST only     which setting to mend
 *   closed for good      after 10 min                  the code, and for intents which
 *   anything else        after 1, 2, 4 ... 60 s        what happened
 */
import { mark } from "../../core/mark.ts";
import { addMs, type Instant } from "../../core/time.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Log } from "../../ports/log.ts";
import type { MessengerHealth } from "../../ports/messenger.ts";
import type { Dispatch } from "./incoming.ts";
import { type Line, type LineEnd, type LineEvents, openLine } from "./line.ts";
import { defaultPacing, doubling, type Pacing, type PacingTimes } from "./pacing.ts";
import { explain } from "./problems.ts";
import { within } from "./within.ts";

export type HearingTimes = PacingTimes & {
  /** Without a sign of life for this long it does not hear. Discord's heartbeat comes every 41.25 s. */
  readonly deafAfterMs: number;
  /** Deaf for this long, the client is thrown away and made anew. Longer than any pause of the pacing. */
  readonly renewAfterMs: number;
  /** start() waits at most this long for the first session. */
  readonly startWaitMs: number;
  readonly tokenRetryMs: number;
  readonly goodRetryMs: number;
};

export const defaultTimes: HearingTimes = {
  ...defaultPacing,
  deafAfterMs: 95_000,
  renewAfterMs: 420_000,
  startWaitMs: 15_000,
  tokenRetryMs: 300_000,
  goodRetryMs: 600_000,
};

export type HearingSettings = {
  readonly token: string;
  readonly apiRoot: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly times: HearingTimes;
  /** Shared by all lives of the bot in this process: what was identified once stays counted. */
  readonly pacing: Pacing;
  dispatch(dispatch: Dispatch): void;
  /** After every new or resumed session, and at signs of life. */
  alive(): void;
};

export type Hearing = { start(): Promise<void>; stop(): Promise<void>; health(): MessengerHealth };

export function keepsHearing(settings: HearingSettings): Hearing {
  const { token, apiRoot, clock, log, times, pacing } = settings;
  const signs = takesSigns(settings);
  const stopped = new AbortController();
  const isStopped = () => stopped.signal.aborted;
  let line: Line | null = null;
  let running: Promise<void> | null = null;

  async function keep(): Promise<void> {
    while (!isStopped()) {
      line = openLine({ token, apiRoot, clock, pacing, events: signs.events });
      const end = await endOf(line, { isHearing: signs.isHearing, clock, renewAfterMs: times.renewAfterMs });
      signs.isLost("Discord: connecting anew");
      await line.close();
      if (isStopped()) return;
      const { sentence, waitMs } = afterEnd(end, { failures: signs.countFailure(), token, times });
      signs.isLost(sentence);
      log.error(sentence, { nextTryInSeconds: Math.ceil(waitMs / 1_000) });
      await clock.sleep(waitMs, stopped.signal);
    }
  }

  return {
    async start() {
      if (running !== null) return;
      const first = signs.firstResult();
      running = keep();
      await within(clock, times.startWaitMs, Promise.race([first, running]));
    },
    async stop() {
      stopped.abort();
      signs.isLost("Discord: stopped");
      await line?.close();
      await running;
      signs.isLost("Discord: stopped");
    },
    health: signs.health,
  };
}

/** What the line's events say about our hearing. */
function takesSigns(settings: HearingSettings) {
  const { token, clock, log, times, pacing } = settings;
  let stands = false;
  let lastHeardAt: Instant | null = null;
  let problem: string | null = "Discord: not connected yet";
  let failures = 0;
  let tellFirst: () => void = () => undefined;

  const heard = () => {
    lastHeardAt = clock.wall();
    if (stands) settings.alive();
  };
  const isHearing = () => stands && lastHeardAt !== null && clock.wall() < addMs(lastHeardAt, times.deafAfterMs);
  const events: LineEvents = {
    heard,
    dispatch: settings.dispatch,
    trouble: (error) => log.warn("Discord: the gateway client stumbled", { because: explain(error, token) }),
    stands(session) {
      stands = true;
      failures = 0;
      problem = null;
      pacing.sessionStands();
      log.info("Discord: hearing", { session });
      heard();
      tellFirst();
    },
    fell(code) {
      if (stands) log.warn("Discord: the line is cut, reconnecting", { code });
      stands = false;
      problem ??= `Discord: the line is cut (${code}), reconnecting`;
      pacing.sessionFell();
    },
  };
  return {
    events,
    isHearing,
    isLost(sentence: string): void {
      stands = false;
      problem = sentence;
      if (failures > 0) tellFirst();
    },
    countFailure: (): number => {
      failures += 1;
      return failures;
    },
    firstResult: () =>
      new Promise<void>((resolve) => {
        tellFirst = resolve;
      }),
    health: (): MessengerHealth => ({
      isHearing: isHearing(),
      lastHeardAt,
      problem: isHearing() ? null : (problem ?? "Discord: no sign of life from the gateway, reconnecting"),
    }),
  };
}

/** The line's own end, or ours when it has been deaf for too long without saying so. */
async function endOf(
  line: Line,
  about: { isHearing: () => boolean; clock: Clock; renewAfterMs: number },
): Promise<LineEnd> {
  const { isHearing, clock, renewAfterMs } = about;
  const over = new AbortController();
  const watch = async (): Promise<LineEnd> => {
    let deafSinceMs: number | null = null;
    while (!over.signal.aborted) {
      deafSinceMs = isHearing() ? null : (deafSinceMs ?? clock.mono());
      if (deafSinceMs !== null && clock.mono() - deafSinceMs > renewAfterMs) break;
      await clock.sleep(renewAfterMs / 20, over.signal);
    }
    return { kind: "failed", error: new Error("nothing was heard for too long") };
  };
  try {
    return await Promise.race([line.ended, watch()]);
  } finally {
    over.abort();
  }
}

const reasons: Readonly<Record<number, string>> = {
  4010: "the shard is invalid",
  4011: "the bot is in too many guilds for one connection",
  4012: "this version of the gateway is not served any more: update Countersign",
  4013: "the intents Guilds and DirectMessages are not valid: update Countersign",
  4014: "the intents Guilds and DirectMessages are not allowed for this application: allow them under Bot in Discord's developer portal",
};

function afterEnd(
  end: LineEnd,
  about: { failures: number; token: string; times: HearingTimes },
): { sentence: string; waitMs: number } {
  const { failures, token, times } = about;
  switch (end.kind) {
    case "token_refused":
      mark("H12.discord_token_refused");
      return {
        sentence: "Discord: the bot token is refused (401/4004); put a valid one into DISCORD_BOT_TOKEN and restart",
        waitMs: times.tokenRetryMs,
      };
    case "closed_for_good":
      return {
        sentence: `Discord: ${reasons[end.code] ?? "the gateway closed for good"} (${end.code})`,
        waitMs: times.goodRetryMs,
      };
    case "failed": {
      const because = explain(end.error, token);
      const waitMs = doubling(failures, times.reconnectMs, times.reconnectMaxMs * 2);
      // Discord tells how many identifies are left today; more would cost the token.
      const isSpent = because.startsWith("Not enough sessions remaining");
      return { sentence: `Discord: can't connect: ${because}`, waitMs: isSpent ? times.goodRetryMs : waitMs };
    }
  }
}
