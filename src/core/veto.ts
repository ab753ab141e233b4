/**
 * The veto window: where trades go by themselves, a larger one is shown first, and executes unless somebody says no. Silence
 * counts as consent only when somebody could really have spoken: the prompt of this very version stood on a screen for a
 * minute, of a person who may stop it and is awake, in a chat that was heard from the first to the last second.
 *
 *   asked --a no--> declined     --its end, seen and heard--> approved by policy:veto_window
 *                                --its end, a doubt--> expired          --a restart--> expired
 */
import { type Approval, isWait } from "./approval.ts";
import { mayTap } from "./authority.ts";
import type { Books } from "./books.ts";
import type { Prompt } from "./books_approvals.ts";
import { chatKey } from "./books_people.ts";
import type { Peace } from "./ladder.ts";
import { isAtLeast, type Notional } from "./money.ts";
import { isWithin, minuteOfDay } from "./quiet_hours.ts";
import { between, type Instant, minute } from "./time.ts";

/** Absent = with automatic approvals every order goes by itself. */
export type VetoRules = {
  /** Orders worth this much or more wait; in the accounting currency. */
  readonly from: Notional;
  readonly windowMs: number;
  /** How long a prompt must have stood; absent = a minute. Stories are shorter. */
  readonly seenMs?: number;
};

export const seenMsDefault = minute;

export function opensWindow(notional: Notional, rules: VetoRules | undefined): rules is VetoRules {
  return rules !== undefined && isAtLeast(notional, rules.from);
}

/** By whom the window ends in a yes. */
export const vetoPolicy = "policy:veto_window";

export type Watching = {
  readonly peace: Peace;
  readonly wallAt: Instant;
  readonly seenMs: number;
  /** Platforms that were not heard at some moment of the window; null = nobody watched this window from its beginning. */
  readonly deaf: ReadonlySet<string> | null;
  /** Whether this version has been before the eyes of this person there for that long; absent = every chat waits on a phone. */
  readonly hasSeen?: (platform: string, personId: string) => boolean;
};

/** Why silence is no consent here; null = somebody who could have stopped it was shown it in time, and did not. */
export function whyNotSilence(approval: Approval, books: Books, watching: Watching): string | null {
  if (watching.deaf === null) return "the window was not watched from its beginning";
  const shown = Object.values(books.prompts).filter((prompt) => stood(prompt, approval, watching));
  if (shown.length === 0) return "nobody was shown this version in time";
  const heard = shown.filter(({ chat }) => watching.deaf?.has(chat.platform) !== true);
  if (heard.length === 0) return "the chats were not heard for the whole window";
  const reached = heard.flatMap((prompt) =>
    ableReaders(prompt, approval, books).filter(
      ({ personId }) => watching.hasSeen?.(prompt.chat.platform, personId) !== false,
    ),
  );
  if (reached.length === 0) return "nobody who may stop it was shown it";
  const { peace, wallAt } = watching;
  const isAwake = ({ personId, timeZone }: (typeof reached)[number]): boolean => {
    const hours = peace[personId] ?? null;
    return hours === null || !isWithin(hours, minuteOfDay(wallAt, timeZone));
  };
  return reached.some(isAwake) ? null : "everybody who may stop it has quiet hours";
}

function stood(prompt: Prompt, { approvalId, version }: Approval, { wallAt, seenMs }: Watching): boolean {
  if (prompt.approvalId !== approvalId || !prompt.isLive || prompt.messageId === null) return false;
  return prompt.shown?.version === version && between(prompt.shown.since, wallAt) >= seenMs;
}

function ableReaders({ chat }: Prompt, { tier }: Approval, { people }: Books) {
  const here = Object.values(people.links).filter((link) => chatKey(link.chat) === chatKey(chat));
  return here.flatMap(({ personId }) => {
    const person = people.persons[personId];
    return person?.isActive === true && mayTap(person.role, "decline", tier) ? [person] : [];
  });
}

/** What silence does to a request, in the words of its prompt. */
export function silenceText(approval: Pick<Approval, "subject" | "isVeto">): string {
  return isWait(approval) ? "silence lets it happen" : "silence means no";
}
