/** How well a chat takes what is sent: 100 after a while of success, less with each failure. Orders the ways out, and is shown. */
import type { Instant } from "./time.ts";

export type ChatHealth = {
  readonly score: number;
  readonly sent: number;
  readonly failed: number;
  readonly lastSentAt: Instant | null;
  readonly lastProblem: string | null;
};

export const newChat: ChatHealth = { score: 100, sent: 0, failed: 0, lastSentAt: null, lastProblem: null };

/** A failure weighs half of what is left, a success mends a third of what is missing. */
export function afterSent(health: ChatHealth, at: Instant): ChatHealth {
  const score = Math.round(health.score + (100 - health.score) / 3);
  return { ...health, score: score >= 99 ? 100 : score, sent: health.sent + 1, lastSentAt: at };
}

export function afterFailed(health: ChatHealth, because: string): ChatHealth {
  return { ...health, score: Math.floor(health.score / 2), failed: health.failed + 1, lastProblem: because };
}

export function healthText({ score, sent, failed, lastProblem }: ChatHealth): string {
  const trouble = failed === 0 || lastProblem === null ? "" : `, ${failed} tries failed, the last: ${lastProblem}`;
  return `health ${score} of 100, ${sent} sent${trouble}`;
}
