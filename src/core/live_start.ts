/**
 * Whether this start may trade real money. Pure: the shell reads key, account and ledger, this page judges.
 *
 *   refused        something must be mended first; the process ends and says everything at once
 *   ask            all is well, but a person has not typed the phrase for these values yet
 *   armed          they are the values that were armed: goes on without asking
 *   safe_mode      armed before, for other values: stops and exits only, until the phrase is typed again
 */
import type { Arming } from "./books_house.ts";
import { absolute, isMore, isPositive, minus, type Notional, ratio, ratioBetween } from "./money.ts";

export const livePhrase = "YES I AM SURE";
/** A declared balance further than this from what the venue shows means that one of the two is another account. */
const balanceGapMax = ratio("0.1");

export type LiveReadings = {
  readonly declaredBalance: Notional | null;
  /** The limits in force ask every entry for a protective stop. */
  readonly isStopMandatory: boolean;
  readonly policy: "ask" | "automatic";
  readonly venue: string;
  readonly configHash: string;
  readonly keyFingerprint: string;
  readonly key: { readonly accountId: string; readonly mayTrade: boolean; readonly mayWithdraw: boolean };
  /** Cash and holdings at mark, in the accounting currency, as the venue shows them. */
  readonly venueEquity: Notional;
  /** The account id that the settings pin; null = not pinned (then the arming pins it). */
  readonly pinnedAccountId: string | null;
  /** Why the local journal can't be written; null = it can. */
  readonly journalProblem: string | null;
  /** What else the start found that LIVE does not allow (secrets readable by others, TLS checks off, a proxy, unsafe database settings). */
  readonly otherProblems: readonly string[];
  readonly armed: Arming | null;
  /** What was typed at this start; null = nothing. */
  readonly phrase: string | null;
  /** Why nobody is proven to be an owner by a code; null = one is, or no owner has an authenticator app yet. */
  readonly codeProblem: string | null;
};

export type LiveVerdict =
  | { readonly kind: "refused"; readonly problems: readonly string[] }
  | { readonly kind: "ask"; readonly because: string }
  | { readonly kind: "arm" }
  | { readonly kind: "armed" }
  | { readonly kind: "safe_mode"; readonly because: string };

export function judgeLiveStart(readings: LiveReadings): LiveVerdict {
  const problems = problemsOf(readings);
  if (problems.length > 0) return { kind: "refused", problems };
  if (readings.phrase === livePhrase)
    return readings.codeProblem === null ? { kind: "arm" } : { kind: "ask", because: readings.codeProblem };
  const changed = readings.armed === null ? [] : differences(readings.armed, readings);
  if (readings.phrase !== null) return { kind: "ask", because: `the phrase must be typed exactly so: ${livePhrase}` };
  if (readings.armed === null) return { kind: "ask", because: "LIVE was never armed for this account" };
  if (changed.length === 0) return { kind: "armed" };
  return { kind: "safe_mode", because: `LIVE was armed for another ${changed.join(" and ")}` };
}

/** Everything that is wrong, so that a person mends it in one go. */
function problemsOf(readings: LiveReadings): readonly string[] {
  const { declaredBalance, key, venueEquity, pinnedAccountId } = readings;
  const problems: string[] = [];
  if (declaredBalance === null || !isPositive(declaredBalance))
    problems.push(
      "ACCOUNT_BALANCE (or ACCOUNT_BALANCE_USD) is not set; live trading needs to know what the account holds",
    );
  else if (isBalanceCompared(readings) && isFar(declaredBalance, venueEquity))
    problems.push(
      `ACCOUNT_BALANCE says ${declaredBalance}, the venue shows ${venueEquity}; correct it, or check the account`,
    );
  if (!readings.isStopMandatory)
    problems.push("the risk profile allows entries without a protective stop; live trading does not");
  if (readings.policy === "automatic")
    problems.push("approvals.policy is automatic; in live trading a person signs every entry, so set it to ask");
  if (key.mayWithdraw)
    problems.push("the API key can withdraw or transfer; make one with the trade right only, and delete this one");
  if (!key.mayTrade) problems.push("the API key has no trade right; give it that right, and no other");
  if (pinnedAccountId !== null && pinnedAccountId !== key.accountId)
    problems.push(`the key belongs to account ${key.accountId}, the settings name ${pinnedAccountId}`);
  if (readings.journalProblem !== null) problems.push(`the local journal can't be written: ${readings.journalProblem}`);
  return [...problems, ...readings.otherProblems];
}

/** At the first live start, and whenever another balance is declared; afterwards trading has moved it. */
function isBalanceCompared({ armed, declaredBalance, key }: LiveReadings): boolean {
  return armed === null || armed.declaredBalance !== declaredBalance || armed.accountId !== key.accountId;
}

function isFar(declared: Notional, shown: Notional): boolean {
  return !isPositive(shown) || isMore(ratioBetween(absolute(minus(declared, shown)), shown), balanceGapMax);
}

function differences(armed: Arming, readings: LiveReadings): readonly string[] {
  const pairs = [
    ["venue", armed.venue, readings.venue],
    ["account", armed.accountId, readings.key.accountId],
    ["API key", armed.keyFingerprint, readings.keyFingerprint],
    ["configuration", armed.configHash, readings.configHash],
  ] as const;
  return pairs.flatMap(([what, before, now]) => (before === now ? [] : [what]));
}
