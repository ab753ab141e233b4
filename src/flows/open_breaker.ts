/** Opens a circuit breaker, once per scope: entries stop, exits and stops go on. */
import type { Needs } from "./needs.ts";
import { draft, record } from "./record.ts";

export type BreakerWish = {
  readonly scope: string;
  readonly cause: string;
  readonly class: "transient" | "sticky";
  readonly evidence: Readonly<Record<string, string>>;
};

export async function openBreaker(needs: Needs, breaker: BreakerWish): Promise<void> {
  await record(needs, (books) => {
    if (books.house.breakers[breaker.scope] !== undefined) return { drafts: [], value: undefined };
    return { drafts: [draft("house", { type: "breaker_opened", ...breaker })], value: undefined };
  });
}
