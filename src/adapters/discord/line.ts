/**
 * One life of discord.js' gateway client: from login until it can't go on. Reports what it hears; repairs what the library lacks.
 *
 *   discord.js                                            here
 *   a malformed dispatch rejects unheard: process dies    caught, told, the line goes on
 *   reconnects every 0.5 s for ever                       paced (pacing.ts)
 *   a destroyed client may still reconnect                never after close()
 *   does not say which dispatches a RESUME replayed       told with each dispatch
 */
import { Client, GatewayCloseCodes, GatewayIntentBits, SimpleShardingStrategy } from "discord.js";
import type { Clock } from "../../ports/clock.ts";
import type { Dispatch } from "./incoming.ts";
import type { Pacing } from "./pacing.ts";
import { restOptions } from "./wire.ts";
import { within } from "./within.ts";

export type LineEvents = {
  /** Our session is new, or continues after a gap. */
  stands(kind: "ready" | "resumed"): void;
  /** The session is cut; discord.js tries again by itself unless `ended` resolves. */
  fell(closeCode: number): void;
  /** A sign of life from Discord: an acknowledged heartbeat or any dispatch. */
  heard(): void;
  dispatch(dispatch: Dispatch): void;
  /** Something in the library threw; the line goes on. */
  trouble(error: unknown): void;
};

export type LineEnd =
  | { readonly kind: "token_refused" }
  | { readonly kind: "closed_for_good"; readonly code: number }
  | { readonly kind: "failed"; readonly error: unknown };

export type Line = { readonly ended: Promise<LineEnd>; close(): Promise<void> };

/** Neither is privileged: interactions need none at all, direct messages to the bot carry their words without one. */
const intents = [GatewayIntentBits.Guilds, GatewayIntentBits.DirectMessages];

const closedForGood: ReadonlySet<number> = new Set([
  GatewayCloseCodes.AuthenticationFailed,
  GatewayCloseCodes.InvalidShard,
  GatewayCloseCodes.ShardingRequired,
  GatewayCloseCodes.InvalidAPIVersion,
  GatewayCloseCodes.InvalidIntents,
  GatewayCloseCodes.DisallowedIntents,
]);
const closeTimeoutMs = 3_000;
const restTimeoutMs = 15_000;

export type LineSettings = {
  readonly token: string;
  readonly apiRoot: string;
  readonly clock: Clock;
  readonly pacing: Pacing;
  readonly events: LineEvents;
};

export function openLine(settings: LineSettings): Line {
  const { token, clock, events } = settings;
  const closed = new AbortController();
  let finish: (end: LineEnd) => void = () => undefined;
  const ended = new Promise<LineEnd>((resolve) => {
    finish = resolve;
  });
  const guard: Guard = {
    pacing: settings.pacing,
    closed: closed.signal,
    trouble: events.trouble,
    broken: (error) => finish({ kind: "failed", error }),
  };
  const client = new Client({
    intents,
    rest: restOptions(settings.apiRoot, restTimeoutMs),
    allowedMentions: { parse: [] },
    ws: {
      buildStrategy: (manager) => {
        listen(manager as unknown as Listening, events, finish);
        return guarded(new SimpleShardingStrategy(manager), manager.options, guard);
      },
      // All waiting is done before the connection is opened, by our own pacing.
      buildIdentifyThrottler: async () => ({ waitForIdentify: async () => undefined }),
    },
  });
  client.on("error", events.trouble);
  client.on("shardError", events.trouble);
  client.login(token).catch((error: unknown) => finish(loginEnd(error)));
  return {
    ended,
    async close() {
      closed.abort();
      finish({ kind: "failed", error: new Error("closed") });
      await within(clock, closeTimeoutMs, client.destroy().catch(events.trouble));
    },
  };
}

function loginEnd(error: unknown): LineEnd {
  const code = typeof error === "object" && error !== null && "code" in error ? error.code : null;
  return code === "TokenInvalid" ? { kind: "token_refused" } : { kind: "failed", error };
}

type Listening = { on(event: string, listener: (event: never) => void): unknown };
type Packet = { readonly t?: unknown; readonly d?: unknown; readonly s?: unknown };

/**
 * Listens before discord.js does, so that a dispatch on which its own handling throws was heard first.
 * Everything between a cut and RESUMED is a replay. The library awaits a varying number of steps for each payload, so an event may
 * reach us after RESUMED though it was sent before: its lower sequence number tells.
 */
function listen(manager: Listening, events: LineEvents, finish: (end: LineEnd) => void): void {
  let isReplaying = false;
  let replayedUpTo = -1;
  manager.on("ready", () => {
    isReplaying = false;
    replayedUpTo = -1;
    events.stands("ready");
  });
  manager.on("dispatch", ({ data }: { data: Packet }) => {
    events.heard();
    if (typeof data.t !== "string") return;
    const sequence = typeof data.s === "number" ? data.s : 0;
    if (data.t === "RESUMED") {
      isReplaying = false;
      replayedUpTo = sequence;
      events.stands("resumed");
      return;
    }
    events.dispatch({ type: data.t, data: data.d, isReplayed: isReplaying || sequence <= replayedUpTo });
  });
  manager.on("heartbeat", () => events.heard());
  manager.on("closed", ({ code }: { code: number }) => {
    isReplaying = true;
    events.fell(code);
    if (code === GatewayCloseCodes.AuthenticationFailed) finish({ kind: "token_refused" });
    else if (closedForGood.has(code)) finish({ kind: "closed_for_good", code });
  });
}

type Guard = {
  readonly pacing: Pacing;
  readonly closed: AbortSignal;
  trouble(error: unknown): void;
  /** The line can't repair itself any more. */
  broken(error: unknown): void;
};

type Work = (...given: unknown[]) => Promise<unknown>;
type ShardInside = Record<"onMessage" | "onClose" | "heartbeat" | "internalConnect", Work>;
type SessionReader = { retrieveSessionInfo(shardId: number): unknown };

/** discord.js calls these four without awaiting them, so what they throw would end the process. They are private: the tests watch over them. */
function guarded(strategy: SimpleShardingStrategy, sessions: SessionReader, guard: Guard): SimpleShardingStrategy {
  const inside = strategy as unknown as { spawn(ids: number[]): Promise<void>; shards: Map<number, ShardInside> };
  const spawn = inside.spawn.bind(strategy);
  inside.spawn = async (ids) => {
    await spawn(ids);
    for (const [id, shard] of inside.shards) guardShard(shard, () => sessions.retrieveSessionInfo(id), guard);
  };
  return strategy;
}

function guardShard(shard: ShardInside, session: () => unknown, guard: Guard): void {
  for (const name of ["onMessage", "onClose", "heartbeat"] as const) {
    const work = shard[name].bind(shard);
    shard[name] = async (...given) => {
      try {
        await work(...given);
      } catch (error) {
        guard.trouble(error);
      }
    };
  }
  const connect = shard.internalConnect.bind(shard);
  const isClosed = () => guard.closed.aborted;
  let isConnecting = false;
  shard.internalConnect = async () => {
    if (isConnecting || isClosed()) return;
    isConnecting = true;
    try {
      const willIdentify = !(await session());
      await guard.pacing.beforeConnect(willIdentify, guard.closed);
      isConnecting = false;
      if (!isClosed()) await connect();
    } catch (error) {
      guard.broken(error);
    } finally {
      isConnecting = false;
    }
  };
}
