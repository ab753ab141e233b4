/**
 * Telegram as a Messenger, through grammY's client.
 *
 *   polling.ts --> store_batch.ts --> incoming.ts --> receive()      hears; confirms only what was stored
 *   outgoing.ts --> render.ts, problems.ts                           speaks; names what went wrong
 *   photos.ts                                                        pictures, each behind its message
 *   menu.ts                                                          the command menu
 *
 * Not decided here: which chats are allowed, who may decide, what a command's words mean. The bot token is never
 * logged, thrown or shown.
 */
import { Api } from "grammy";
import { fail, ok, type Result } from "../../core/result.ts";
import type { AnyCommand } from "../../define/command.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Log } from "../../ports/log.ts";
import type { Messenger, Receive } from "../../ports/messenger.ts";
import type { PaintCard } from "../../ports/painter.ts";
import { menuLines, syncMenu } from "./menu.ts";
import { answerTap, speakTelegram } from "./outgoing.ts";
import { followsWithPhotos } from "./photos.ts";
import { defaultTiming, type Poller, type PollTiming, pollTelegram } from "./polling.ts";
import { explain } from "./problems.ts";
import { storesBatches } from "./store_batch.ts";

export type TelegramSettings = {
  readonly token: string;
  /** Where the Bot API answers, e.g. "https://api.telegram.org". */
  readonly apiRoot: string;
  readonly clock: Clock;
  readonly log: Log;
  /** Absent = no pictures. */
  readonly paint?: PaintCard;
  /** Overrides for tests. */
  readonly timing?: Partial<PollTiming>;
  /** How long a post or an edit may take; default 8. */
  readonly sendTimeoutSeconds?: number;
  /** How long the answer to a tap may take; default 2, the longest a decision waits for it. */
  readonly answerTimeoutSeconds?: number;
};

export type TelegramMessenger = Messenger & {
  /**
   * Makes Telegram's menu equal to `commands`. When it can't be done now, it is tried again at each later poll, at most once a
   * minute; the problem tells why it was not done yet.
   */
  registerCommands(commands: readonly AnyCommand[]): Promise<Result<"set" | "unchanged", string>>;
};

const menuRetryMs = 60_000;
const malformedAnswersMax = 20;

export function openTelegram(settings: TelegramSettings): TelegramMessenger {
  const { token, clock, log } = settings;
  const timing = { ...defaultTiming, ...settings.timing };
  const apiRoot = settings.apiRoot.replace(/\/+$/, "");
  const client = (timeoutSeconds: number) => new Api(token, { apiRoot, timeoutSeconds });
  const sendApi = client(settings.sendTimeoutSeconds ?? 8);
  const answerApi = client(settings.answerTimeoutSeconds ?? 2);
  const paint = settings.paint ?? (() => Promise.resolve(null));
  const photos = followsWithPhotos({ sendApi, token, clock, log, paint });
  const speaking = { sendApi, answerApi, token, log, photos };
  const menu = keepsMenu({ sendApi, clock, log, token });
  const malformedAnswers = new Set<Promise<unknown>>();
  let poller: Poller | null = null;

  // In the background and bounded: a flood of forged taps must not delay the hearing of an emergency.
  const answerMalformed = (queryId: string) => {
    if (malformedAnswers.size >= malformedAnswersMax) return;
    const notice = { text: "This button is not known here any more.", isRefusal: true };
    const answer = answerTap(speaking, queryId, notice).finally(() => malformedAnswers.delete(answer));
    malformedAnswers.add(answer);
  };

  async function start(receive: Receive): Promise<void> {
    if (poller !== null) return;
    const explainOurs = (error: unknown) => explain(error, token);
    const storeBatch = storesBatches({ receive, log, answerMalformed, explain: explainOurs });
    const pollApi = client(timing.pollSeconds + 10);
    poller = pollTelegram({ pollApi, sendApi, token, clock, log, timing, storeBatch, onHearing: menu.retryIfDue });
    await poller.start();
  }

  async function stop(): Promise<void> {
    await poller?.stop();
    poller = null;
    await Promise.allSettled([...malformedAnswers, menu.settled(), photos.stop()]);
  }

  const notStarted = { isHearing: false, lastHeardAt: null, problem: "Telegram: not started" };
  return {
    platform: "telegram",
    start,
    stop,
    health: () => poller?.health() ?? notStarted,
    ...speakTelegram(speaking),
    registerCommands: menu.register,
  };
}

type MenuNeeds = { readonly sendApi: Api; readonly clock: Clock; readonly log: Log; readonly token: string };

function keepsMenu({ sendApi, clock, log, token }: MenuNeeds) {
  let wanted: ReturnType<typeof menuLines> | null = null;
  let triedAt = 0;
  let current: Promise<unknown> = Promise.resolve();

  async function attempt(lines: ReturnType<typeof menuLines>): Promise<Result<"set" | "unchanged", string>> {
    triedAt = clock.mono();
    try {
      const outcome = await syncMenu(sendApi, lines);
      if (wanted === lines) wanted = null;
      return ok(outcome);
    } catch (error) {
      const because = explain(error, token);
      log.warn("The Telegram command menu could not be set; tried again later", { because });
      return fail(because);
    }
  }

  return {
    register(commands: readonly AnyCommand[]): Promise<Result<"set" | "unchanged", string>> {
      wanted = menuLines(commands);
      const done = attempt(wanted);
      current = done;
      return done;
    },
    retryIfDue(): void {
      if (wanted !== null && clock.mono() - triedAt > menuRetryMs) current = attempt(wanted);
    },
    settled: () => current,
  };
}
