/**
 * getUpdates: the offset confirms, the rest is delivered again; a long poll waits; a second poller ends the first with 409.
 */
import { integerParam, jsonParam, type Params } from "./params.ts";
import { badRequest, refuse } from "./refusal.ts";
import type { Update, World } from "./world.ts";

export type UpdateQueue = {
  /** `onGone` is called with a function that forgets this poll, for the day its connection closes. */
  fetch(params: Params, onGone: (forget: () => void) => void): Promise<readonly Update[]>;
  /** Polls that wait at this moment: 0 or 1. */
  waiting(): number;
  close(): void;
};

type Waiting = { finish(): void; conflict(words: string): void };

const otherPoller = "terminated by other getUpdates request; make sure that only one bot instance is running";
const webhookActive =
  "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first";

export function updateQueue(world: World): UpdateQueue {
  let waiting: Waiting | null = null;

  world.wake = () => {
    if (world.webhookUrl !== "") waiting?.conflict("terminated by setWebhook request");
    else waiting?.finish();
  };

  return {
    async fetch(params, onGone) {
      if (world.webhookUrl !== "") refuse(409, `Conflict: ${webhookActive}`);
      waiting?.conflict(otherPoller);
      rememberAllowed(world, params);
      const offset = integerParam(params, "offset") ?? 0;
      const limit = Math.min(100, Math.max(1, integerParam(params, "limit") ?? 100));
      const timeoutMs = Math.min(50, Math.max(0, integerParam(params, "timeout") ?? 0)) * 1_000;
      confirm(world, offset);
      const present = take(world, limit);
      if (present.length > 0 || timeoutMs === 0) return present;
      await new Promise<void>((resolve, reject) => {
        const timer = setTimeout(() => poll.finish(), timeoutMs);
        const end = (act: () => void) => {
          clearTimeout(timer);
          if (waiting === poll) waiting = null;
          act();
        };
        const poll: Waiting = {
          finish: () => end(resolve),
          conflict: (words) => end(() => rejectWith(reject, words)),
        };
        waiting = poll;
        onGone(poll.finish);
      });
      return take(world, limit);
    },
    waiting: () => (waiting === null ? 0 : 1),
    close: () => waiting?.finish(),
  };
}

function rejectWith(reject: (error: unknown) => void, words: string): void {
  try {
    refuse(409, `Conflict: ${words}`);
  } catch (error) {
    reject(error);
  }
}

/** A negative offset counts from the end; a positive one forgets all before it. */
function confirm(world: World, offset: number): void {
  const { queue } = world;
  if (offset < 0) queue.splice(0, Math.max(0, queue.length + offset));
  else if (offset > 0) queue.splice(0, queue.length, ...queue.filter((update) => update.update_id >= offset));
}

function take(world: World, limit: number): readonly Update[] {
  const replays = world.replays.splice(0, limit);
  return [...replays, ...world.queue.slice(0, limit - replays.length)];
}

function rememberAllowed(world: World, params: Params): void {
  const list = jsonParam(params, "allowed_updates", "can't parse allowed_updates JSON object");
  if (list === undefined || list === null) return;
  if (!Array.isArray(list) || list.some((name) => typeof name !== "string")) badRequest("expected an Array of String");
  const names = list as readonly string[];
  world.allowedUpdates = names.length === 0 ? null : names;
}
