/**
 * How much one chat may be told: a bucket of tokens with three lanes. Approvals and critical cards come first, then warnings,
 * then the rest; the last tokens are kept for the lanes before. No lane starves: one that has waited for longer than its
 * patience goes next, whatever else waits.
 */
import type { Severity } from "./card.ts";
import type { Chat } from "./events.ts";

export const lanes = ["critical", "warning", "info"] as const satisfies readonly Severity[];
export type Lane = Severity;

export type LaneBudget = {
  readonly capacity: number;
  /** Real ms after which one more message may leave. */
  readonly refillMs: number;
  /** Tokens that a lane leaves for those before it. */
  readonly reserve: Readonly<Record<Lane, number>>;
  /** Real ms that a lane lets others go first. */
  readonly patienceMs: Readonly<Record<Lane, number>>;
};

/** Telegram takes about 20 messages a minute in a group; a burst of a dozen passes. */
export const groupBudget: LaneBudget = {
  capacity: 12,
  refillMs: 3_000,
  reserve: { critical: 0, warning: 3, info: 6 },
  patienceMs: { critical: 0, warning: 10_000, info: 30_000 },
};

/** A private chat on Telegram takes one a second, a channel on Discord five in five seconds. */
export const chatBudget: LaneBudget = { ...groupBudget, capacity: 20, refillMs: 1_200 };

/** The page on this machine counts nothing. */
export const deskBudget: LaneBudget = { ...groupBudget, capacity: 1_000, refillMs: 1 };

export function budgetOf({ platform, chatId }: Pick<Chat, "platform" | "chatId">): LaneBudget {
  if (platform === "desk") return deskBudget;
  return platform === "telegram" && chatId.startsWith("-") ? groupBudget : chatBudget;
}

export type Bucket = {
  readonly tokens: number;
  readonly filledAt: number;
  /** When each lane that waits began to wait or was last served; a lane without anything has none. */
  readonly since: Readonly<Partial<Record<Lane, number>>>;
};

export function fullBucket(budget: LaneBudget, now: number): Bucket {
  return { tokens: budget.capacity, filledAt: now, since: {} };
}

export function refill(bucket: Bucket, budget: LaneBudget, now: number): Bucket {
  const gained = Math.max(0, now - bucket.filledAt) / budget.refillMs;
  return { ...bucket, tokens: Math.min(budget.capacity, bucket.tokens + gained), filledAt: now };
}

export type Turn = { readonly lane: Lane | null; readonly bucket: Bucket };

/** Whose turn it is. The token is taken with it. */
export function nextTurn(
  before: Bucket,
  waiting: Readonly<Record<Lane, boolean>>,
  budget: LaneBudget,
  now: number,
): Turn {
  const filled = refill(before, budget, now);
  const since: Partial<Record<Lane, number>> = {};
  for (const lane of lanes) if (waiting[lane]) since[lane] = filled.since[lane] ?? now;
  const bucket = { ...filled, since };
  if (bucket.tokens < 1) return { lane: null, bucket };
  const starving = lanes.filter((lane) => lane !== "critical" && now - (since[lane] ?? now) >= budget.patienceMs[lane]);
  const longest = starving.sort((left, right) => (since[left] ?? 0) - (since[right] ?? 0))[0];
  const lane = longest ?? lanes.find((one) => waiting[one] && bucket.tokens >= 1 + budget.reserve[one]) ?? null;
  if (lane === null) return { lane, bucket };
  return { lane, bucket: { ...bucket, tokens: bucket.tokens - 1, since: { ...since, [lane]: now } } };
}

/** Something left for this chat outside of the lanes (an answer, a prompt): the lanes pay for it. */
export function charged(bucket: Bucket): Bucket {
  return { ...bucket, tokens: Math.max(0, bucket.tokens - 1) };
}
