/**
 * Telegram as a Messenger, through grammY's client.
 *
 *   polling.ts --> store_batch.ts --> incoming.ts --> receive()      hears; confirms only what was stored
 *   outgoing.ts --> render.ts, problems.ts                           speaks; names what went wrong
 *   photos.ts                                                        pictures, each behind its message
 *   menu.ts                                                          the command menus
 *
 * Not decided here: which chats are allowed, who may decide, what a command's words mean. The bot token is never
 * logged, thrown or shown.
 */
import { Api } from "grammy";
import { noFile, type WriteFile } from "../../ports/card_files.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Log } from "../../ports/log.ts";
import type { Messenger, Receive } from "../../ports/messenger.ts";
import type { PaintCard } from "../../ports/painter.ts";
import { keepsMenus } from "./menu.ts";
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
  /** Absent = no files. */
  readonly write?: WriteFile;
  /** Overrides for tests. */
  readonly timing?: Partial<PollTiming>;
  /** How long a post or an edit may take; default 8. */
  readonly sendTimeoutSeconds?: number;
  /** How long the answer to a tap may take; default 2, the longest a decision waits for it. */
  readonly answerTimeoutSeconds?: number;
};

const malformedAnswersMax = 20;

export function openTelegram(settings: TelegramSettings): Messenger {
  const { token, clock, log } = settings;
  const timing = { ...defaultTiming, ...settings.timing };
  const apiRoot = settings.apiRoot.replace(/\/+$/, "");
  const client = (timeoutSeconds: number) => new Api(token, { apiRoot, timeoutSeconds });
  const sendApi = client(settings.sendTimeoutSeconds ?? 8);
  const answerApi = client(settings.answerTimeoutSeconds ?? 2);
  const paint = settings.paint ?? (() => Promise.resolve(null));
  const write = settings.write ?? noFile;
  const photos = followsWithPhotos({ sendApi, token, clock, log, paint, write });
  const speaking = { sendApi, answerApi, token, log, photos };
  const menus = keepsMenus({ api: sendApi, clock, log, token });
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
    poller = pollTelegram({ pollApi, sendApi, token, clock, log, timing, storeBatch, onHearing: menus.retryIfDue });
    await poller.start();
  }

  async function stop(): Promise<void> {
    await poller?.stop();
    poller = null;
    await Promise.allSettled([...malformedAnswers, menus.settled(), photos.stop()]);
  }

  const notStarted = { isHearing: false, lastHeardAt: null, problem: "Telegram: not started" };
  return {
    platform: "telegram",
    start,
    stop,
    health: () => poller?.health() ?? notStarted,
    ...speakTelegram(speaking),
    setMenus: menus.set,
  };
}
