/**
 * From ports to a house that trades: what the last process left unfinished is settled first, positions are protected before
 * anything else, entries come last. Start-up and crash recovery are the same path.
 *
 *   house_started --> people --> leftovers (intent dropped, sending unknown, approvals invalidated, requests re-quoted)
 *      --> instruments, account --> reconcile --> protect --> house_ready
 */
import { type Approval, isWait } from "../core/approval.ts";
import type { Books } from "../core/books.ts";
import type { BookedOrder } from "../core/books_orders.ts";
import { consistencyOf } from "../core/consistency.ts";
import type { Fact } from "../core/events.ts";
import { unsuitable } from "../core/instrument.ts";
import { mark } from "../core/mark.ts";
import { type Notional, plus, zeroNotional } from "../core/money.ts";
import { equityOf, heldPositions } from "../core/portfolio.ts";
import { fail, ok, type Result } from "../core/result.ts";
import type { Takeover } from "../core/takeover.ts";
import type { Instant } from "../core/time.ts";
import { unfinishedOf } from "../core/unfinished.ts";
import { armLive } from "./arm_live.ts";
import { dropFacts } from "./drop_order.ts";
import { currentLimits, readOutside } from "./gather_view.ts";
import { heedEmergency } from "./lifeline.ts";
import { enrolPeople } from "./link_people.ts";
import { tendPositions } from "./manage_exit.ts";
import { measureOffset } from "./measure_offset.ts";
import { marksOf } from "./memory.ts";
import type { Needs } from "./needs.ts";
import { waitForQuarantine } from "./quarantine.ts";
import { readTransfers } from "./read_transfers.ts";
import { reconcile } from "./reconcile.ts";
import { draft, record, recordFacts } from "./record.ts";
import { replayAnswers } from "./replay_answers.ts";
import { settle } from "./request_approval.ts";
import { lostFacts, resolveUnknowns } from "./resolve_unknown.ts";
import { enterSafeMode, guardCrashLoop, leaveSafeMode } from "./safe_mode.ts";
import { revise } from "./settle_approval.ts";
import { summarizeDay } from "./summarize_day.ts";
import { noteReturn } from "./tell_return.ts";

/** The first part: our own records. Chats may start after it; it needs no venue. */
export async function openHouse(needs: Needs, opening: { epoch: number; takeover: Takeover }): Promise<void> {
  const { settings } = needs;
  const { epoch, takeover } = opening;
  needs.memory.quarantineUntilMono = takeover.quarantineMs > 0 ? needs.clock.mono() + takeover.quarantineMs : null;
  noteReturn(needs);
  // Before the first fact of this start: with it a new day may begin, and a day that was never told would be forgotten.
  await summarizeDay(needs);
  const { mode, configHash, version, account, venue, currency } = settings;
  await recordFacts(needs, "house", [
    {
      type: "house_started",
      mode,
      epoch,
      configHash,
      version,
      account,
      venue,
      currency,
      takeover,
      holder: needs.lease.heldBy(),
    },
  ]);
  await guardCrashLoop(needs);
  await enrolPeople(needs);
  await replayAnswers(needs);
  tellUnfinished(needs);
  await settleLeftovers(needs);
}

function tellUnfinished({ ledger, log }: Needs): void {
  const { kill } = ledger.books().house;
  // Whoever starts goes on with a sale that an earlier leader began; that one's epoch is over and nothing of it leaves any more.
  if (kill !== null && kill.step !== "halted") mark("K03.flatten_taken_over");
  for (const { line, marks } of unfinishedOf(ledger.books())) {
    for (const one of marks) mark(one);
    log.warn("Left by the last process", { what: line });
  }
}

/** What a dead process left: an intent was certainly not sent; a sending order is unknown; a decision that waited is void. */
function settleLeftovers(needs: Needs): Promise<void> {
  return record(needs, (books, { wallAt }) => {
    const ofOrders = Object.values(books.orders).flatMap((order) =>
      leftoversOfOrder(books, order, wallAt).map((fact) => draft("house", fact, order.tradeId)),
    );
    const ofApprovals = Object.values(books.approvals).flatMap((approval) =>
      leftoversOfApproval(approval, wallAt).map((fact) => draft("house", fact, approval.tradeId)),
    );
    return { drafts: [...ofOrders, ...ofApprovals], value: undefined };
  });
}

function leftoversOfOrder(books: Books, order: BookedOrder, at: Instant): readonly Fact[] {
  if (order.state === "intent") return dropFacts(books, order, "the process ended before it was sent", at);
  return order.state === "sending" ? lostFacts(books.approvals[order.approvalId ?? ""], order, at) : [];
}

function leftoversOfApproval(approval: Approval, at: Instant): readonly Fact[] {
  // Selling what people told us to sell is never too late; the sweep carries a confirmed flatten out.
  if (approval.state === "approved" && approval.subject.kind === "order")
    return [settle(approval, { to: "invalidated", by: ["house"], reason: "restarted before execution", at })];
  // Somebody may have said no while nobody listened.
  if (approval.state === "pending" && approval.isVeto === true)
    return [
      settle(approval, {
        to: "expired",
        by: ["house"],
        reason: "not done by itself: restarted during the veto window",
        at,
      }),
    ];
  // A wait is no question that silence ends: what becomes of it is decided when the chats have told what they kept.
  const isOverdue = approval.state === "pending" && at >= approval.expiresAt && !isWait(approval);
  return isOverdue ? [settle(approval, { to: "expired", by: ["house"], reason: "nobody answered", at })] : [];
}

/** Joins the venue, or says in SAFE_MODE what does not answer; that ends with the first joining that works. */
export async function tryToJoin(needs: Needs): Promise<Result<{ readonly openPositions: number }, string>> {
  const joined = await joinVenue(needs).catch((error: unknown) =>
    fail(error instanceof Error ? error.message : String(error)),
  );
  // A ledger that is away can't take this fact either; the next try comes.
  const noted = joined.ok
    ? leaveSafeMode(needs, "venue_unreachable", "the venue answers and the books agree with it")
    : enterSafeMode(needs, { cause: "venue_unreachable", because: joined.problem, endsBy: "itself" });
  await noted.catch((error: unknown) => needs.log.warn("SAFE_MODE could not be recorded", { error: String(error) }));
  return joined;
}

/** The second part: the venue. @returns a sentence when something did not answer; the caller tries again, exits stay guarded meanwhile. */
export async function joinVenue(needs: Needs): Promise<Result<{ readonly openPositions: number }, string>> {
  const [loaded, isTimed] = await Promise.all([loadInstruments(needs), measureOffset(needs)]);
  if (!loaded.ok) return loaded;
  if ((await heedEmergency(needs)) === "standing_back") return fail("the emergency process is closing everything");
  // Protection waits for no quarantine, no balance and no report: what is held gets its stop as soon as the instruments are known.
  tendPositions(needs);
  if (!isTimed && needs.memory.venueClock.anchor === null) return fail("the venue's clock gave no answer");
  await waitForQuarantine(needs);
  const opened = await openAccount(needs);
  if (!opened.ok) return opened;
  const armed = await armLive(needs);
  if (!armed.ok) return armed;
  const sound = limitsAreSound(needs);
  if (!sound.ok) return sound;
  await resolveUnknowns(needs);
  const reconciled = await reconcile(needs);
  if (!reconciled.isClean) return fail("the venue did not answer every question of the first reconcile");
  await recordFacts(needs, "house", [
    {
      type: "reconciled",
      openOrders: openOrderCount(needs),
      openPositions: heldPositions(needs.ledger.books()).length,
      findings: reconciled.findings,
    },
  ]);
  tendPositions(needs);
  await requote(needs);
  const held = heldPositions(needs.ledger.books()).length;
  const equity = equityOf(needs.ledger.books(), marksOf(needs.memory));
  await recordFacts(needs, "house", [
    { type: "equity_marked", equity, because: "session" },
    { type: "house_ready", openPositions: held },
  ]);
  return ok({ openPositions: held });
}

const openOrderCount = (needs: Needs): number =>
  Object.values(needs.ledger.books().orders).filter((order) => order.endedAt === null).length;

async function loadInstruments(needs: Needs): Promise<Result<null, string>> {
  const read = await needs.venue.instruments(needs.settings.symbols);
  if (!read.ok) return fail(`${read.problem.venue}: ${read.problem.what}: ${read.problem.because}`);
  const problem = read.value.map((one) => unsuitable(one, needs.settings.currency)).find((text) => text !== null);
  if (problem !== undefined) return fail(`${problem}; take it off the watch list`);
  for (const instrument of read.value) needs.memory.instruments.set(instrument.instrumentId, instrument);
  return ok(null);
}

/** Limits beside the account and the venue's minima. What is held is guarded meanwhile; nothing is opened before they agree. */
function limitsAreSound(needs: Needs): Result<null, string> {
  const { settings, memory, ledger } = needs;
  const { fatal, untradable } = consistencyOf({
    limits: currentLimits(needs, { ...ledger.books(), house: { ...ledger.books().house, controls: {} } }),
    told: Object.keys(settings.overrides) as never,
    equity: ledger.books().house.account?.equityLast ?? zeroNotional,
    instruments: [...memory.instruments.values()],
    currency: settings.currency,
  });
  const [problem] = fatal;
  if (problem !== undefined) return fail(problem);
  if (untradable.length > 0)
    needs.log.warn(
      "The venue's smallest order is larger than the largest position here; nothing will be opened there",
      {
        instruments: untradable.join(", "),
      },
    );
  return ok(null);
}

/** The first start at an account records what is there; later starts keep that opening. */
async function openAccount(needs: Needs): Promise<Result<null, string>> {
  if (needs.ledger.books().house.account !== null) return ok(null);
  const before = await knownTransfers(needs);
  const read = await needs.venue.balances();
  if (!read.ok) return fail(`${read.problem.venue}: balances: ${read.problem.because}`);
  const transferIds = await knownTransfers(needs);
  if (before === null || transferIds === null) return fail(`${needs.venue.name}: deposits and withdrawals: not read`);
  // One that was completed between the looks may or may not be part of the balance: asked again.
  if (before.join() !== transferIds.join())
    return fail(`${needs.venue.name}: money came or went while the account was read`);
  const { currency } = needs.settings;
  const total = (row: { free: Notional; held: Notional } | undefined) =>
    row === undefined ? zeroNotional : plus(row.free, row.held);
  const holdings = Object.fromEntries(
    read.value.filter((row) => row.asset !== currency).map((row) => [row.asset, total(row)]),
  );
  const equity = total(read.value.find((row) => row.asset === currency));
  const listed = needs.venue.transfers === undefined ? {} : { transferIds };
  await recordFacts(needs, "house", [{ type: "account_opened", currency, equity, holdings, ...listed }]);
  return ok(null);
}

/** What the first balance holds already must not be booked a second time when its record is read. null = not read. */
async function knownTransfers(needs: Needs): Promise<readonly string[] | null> {
  const read = await readTransfers(needs);
  if (read === undefined) return [];
  return read.ok ? read.value.map((one) => one.recordId) : null;
}

/** Requests that survived the restart become a new version at a fresh quote: nobody approves an old price by an old button. */
async function requote(needs: Needs): Promise<void> {
  const open = Object.values(needs.ledger.books().approvals).filter(
    (approval) => approval.state === "pending" && approval.subject.kind === "order",
  );
  for (const approval of open) {
    const instrumentId = approval.subject.kind === "order" ? approval.subject.intent.instrumentId : "";
    const instrument = needs.memory.instruments.get(instrumentId);
    if (instrument === undefined) continue;
    const outside = await readOutside(needs, instrument);
    await record(needs, (books, { wallAt }) => {
      const now = books.approvals[approval.approvalId];
      if (now?.state !== "pending") return { drafts: [], value: undefined };
      // The house is not ready at this moment by definition; that alone must not void a request of before.
      const revision = revise(
        { ...needs, checks: needs.checks.filter((check) => check.denies !== "starting_up") },
        books,
        now,
        outside,
      );
      const fact =
        revision.kind === "revised"
          ? { ...revision.fact, reason: "restarted; priced anew" }
          : settle(now, { to: "invalidated", by: ["house"], reason: revision.text, at: wallAt });
      return { drafts: [draft("house", fact, now.tradeId)], value: undefined };
    });
  }
}
