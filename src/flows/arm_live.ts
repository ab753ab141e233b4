/**
 * Whether LIVE may open positions: reads key and account, lets core/live_start.ts judge, and records the answer. What is not
 * armed guards what is held (exits and stops) and opens nothing; with nothing held it ends.
 */

import { includesRole } from "../core/authority.ts";
import type { Books } from "../core/books.ts";
import type { Fact } from "../core/events.ts";
import { judgeLiveStart, type LiveVerdict, livePhrase } from "../core/live_start.ts";
import { mark } from "../core/mark.ts";
import { isPositive, type Notional, notionalOf, plus, zeroNotional } from "../core/money.ts";
import { heldPositions } from "../core/portfolio.ts";
import { type Authenticator, noAuthenticator } from "../core/question.ts";
import { fail, ok, type Result } from "../core/result.ts";
import type { Instant } from "../core/time.ts";
import type { KeyRights } from "../ports/venue.ts";
import { codeGiven, lockFact } from "./code_tries.ts";
import { currentLimits } from "./gather_view.ts";
import type { Needs } from "./needs.ts";
import { openBreaker } from "./open_breaker.ts";
import { draft, record, recordFacts } from "./record.ts";
import { enterSafeMode, leaveSafeMode } from "./safe_mode.ts";

/** @returns a sentence when the venue did not answer what must be known; the start tries again. */
export async function armLive(needs: Needs): Promise<Result<null, string>> {
  const { live, settings } = needs;
  if (settings.mode !== "live" || live === undefined) return ok(null);
  const rights = await needs.venue.keyRights();
  if (!rights.ok) return fail(`${rights.problem.venue}: ${rights.problem.what}: ${rights.problem.because}`);
  const equity = await venueEquity(needs);
  if (!equity.ok) return equity;
  const { armed } = needs.ledger.books().house;
  const readings = {
    declaredBalance: settings.declaredBalance as Notional | null,
    isStopMandatory: currentLimits(needs, needs.ledger.books()).isStopMandatory,
    policy: settings.approvals.policy,
    venue: settings.venue,
    configHash: settings.configHash,
    keyFingerprint: live.keyFingerprint,
    key: rights.value,
    venueEquity: equity.value,
    pinnedAccountId: settings.pinnedAccountId ?? null,
    journalProblem: needs.journal.problem(),
    otherProblems: live.otherProblems,
    armed,
    phrase: null,
    codeProblem: null,
  };
  // A start that joins in several tries is armed by the first: its code counts once and is not asked for again.
  const isSame =
    judgeLiveStart(readings).kind === "armed" &&
    armed?.declaredBalance === (settings.declaredBalance as Notional | null);
  const { phrase, code = null } = live;
  const codeProblem = !isSame && phrase === livePhrase ? await proveOwner(needs, code) : null;
  const verdict = judgeLiveStart({ ...readings, phrase: isSame ? null : phrase, codeProblem });
  await settleVerdict(needs, verdict, rights.value);
  return ok(null);
}

async function settleVerdict(needs: Needs, verdict: LiveVerdict, key: KeyRights): Promise<void> {
  const { live, settings } = needs;
  if (live === undefined) return;
  if (verdict.kind === "arm") {
    const { venue, configHash } = settings;
    const declaredBalance = settings.declaredBalance as Notional;
    const { keyFingerprint } = live;
    await recordFacts(needs, "person:operator", [
      { type: "live_armed", venue, accountId: key.accountId, keyFingerprint, configHash, declaredBalance },
    ]);
  }
  if (verdict.kind === "arm" || verdict.kind === "armed")
    return leaveSafeMode(needs, "live_not_armed", "LIVE is armed for these values");
  if (verdict.kind === "refused" && key.mayWithdraw) mark("V51.key_can_withdraw");
  if (verdict.kind === "refused") mark("O07.live_start_refused");
  if (verdict.kind === "safe_mode") mark("O06.armed_for_other_values");
  const problems = verdict.kind === "refused" ? verdict.problems : [`${verdict.because}; ${howToArm}`];
  await enterSafeMode(needs, { cause: "live_not_armed", because: problems.join("; "), endsBy: "itself" });
  if (heldPositions(needs.ledger.books()).length === 0 && verdict.kind !== "safe_mode") live.refuse(problems);
}

/** Once an owner has an authenticator app, real money takes its code besides the phrase; each code counts once. */
function proveOwner(needs: Needs, code: string | null): Promise<string | null> {
  return record<string | null>(needs, (books, { wallAt }) => {
    const apps = ownersApps(books);
    const [first, ...others] = apps;
    if (first === undefined) return { drafts: [], value: null };
    if (code === null)
      return { drafts: [], value: "an owner has an authenticator app: add --live-code and its six digits" };
    const tried = tryCode(needs, [first, ...others], code, wallAt);
    mark(tried.isRight ? "O07.live_code_given" : "O07.live_code_refused");
    const value = tried.isRight
      ? null
      : "the code of --live-code is wrong, was used before, or is locked for a quarter of an hour";
    return { drafts: tried.facts.map((fact) => draft("terminal", fact)), value };
  });
}

/** The code belongs to the owner whose app shows it; a wrong one counts as a try of the first. */
function tryCode(
  needs: Needs,
  apps: readonly [OwnersApp, ...OwnersApp[]],
  code: string,
  wallAt: Instant,
): { readonly isRight: boolean; readonly facts: readonly Fact[] } {
  const given = apps.map(({ personId, app }) => ({ personId, app, tried: codeGiven(needs, app, code, wallAt) }));
  for (const { personId, tried } of given) {
    if (!("step" in tried)) continue;
    const codeStep = tried.step;
    const right: Fact = {
      type: "question_tried",
      questionId: "arm_live",
      personId,
      isRight: true,
      because: null,
      codeStep,
    };
    return { isRight: true, facts: [right] };
  }
  const [{ personId, app }] = apps;
  const [first] = given;
  const because = first !== undefined && "because" in first.tried ? first.tried.because : "code_wrong";
  const wrong: Fact = {
    type: "question_tried",
    questionId: "arm_live",
    personId,
    isRight: false,
    because,
    codeStep: null,
  };
  const locked = lockFact(app, because, { personId, wallAt });
  return { isRight: false, facts: locked === null ? [wrong] : [wrong, locked] };
}

interface OwnersApp {
  readonly personId: string;
  readonly app: Authenticator;
}

/** The authenticator apps of the owners who have enrolled one. */
function ownersApps(books: Books): readonly OwnersApp[] {
  return Object.values(books.people.persons)
    .filter((person) => person.isActive && includesRole(person.role, "owner"))
    .map(({ personId }) => ({ personId, app: books.authenticators[personId] ?? noAuthenticator }))
    .filter(({ app }) => app.sealed !== null);
}

const howToArm = `start once with --live-phrase "${livePhrase}" to arm it`;

/** Cash and what is held of the watched instruments at the best bid, in the accounting currency. */
async function venueEquity(needs: Needs): Promise<Result<Notional, string>> {
  const { venue, settings, memory } = needs;
  const balances = await venue.balances();
  if (!balances.ok) return fail(`${balances.problem.venue}: balances: ${balances.problem.because}`);
  let total = zeroNotional;
  for (const { asset, free, held } of balances.value) {
    const amount = plus(free, held);
    const symbol = `${asset}/${settings.currency}`;
    if (asset === settings.currency) total = plus(total, amount);
    else if (isPositive(amount) && settings.symbols.includes(symbol)) {
      const book = await venue.orderBook(symbol);
      if (!book.ok) return fail(`${book.problem.venue}: ${book.problem.what}: ${book.problem.because}`);
      memory.books.set(book.value.instrumentId, book.value);
      const bid = book.value.bids[0]?.price;
      if (bid !== undefined) total = plus(total, notionalOf(bid, amount as string as Parameters<typeof notionalOf>[1]));
    }
  }
  return ok(total);
}

/** Each hour: a key that has gained the right to withdraw, lost the one to trade or changed its account trades no more. */
export async function checkKey(needs: Needs): Promise<void> {
  if (needs.settings.mode !== "live") return;
  const rights = await needs.venue.keyRights();
  // Not answered is not an answer; a venue that is away has a breaker of its own.
  if (!rights.ok) return;
  const { accountId, mayTrade, mayWithdraw } = rights.value;
  const armedFor = needs.ledger.books().house.armed?.accountId ?? accountId;
  const because = [
    ...(mayWithdraw ? ["the key can withdraw"] : []),
    ...(mayTrade ? [] : ["the key has no trade right"]),
    ...(armedFor === accountId ? [] : [`the key belongs to account ${accountId}, LIVE was armed for ${armedFor}`]),
  ];
  if (because.length === 0) return;
  mark("V51.key_changed_while_running");
  await openBreaker(needs, {
    scope: `venue:${needs.venue.name}`,
    cause: "key_refused",
    class: "sticky",
    evidence: { because: because.join("; ") },
  });
}
