/**
 * Makes our books equal to the venue's truth: at start, every 10 s, and again 2 s after something was seen that needs a
 * second look. It reads, plans and records; what needs the wire goes through the loop of the position. Own orders only:
 * foreign ones are counted and reported, never touched.
 */
import type { BookedOrder } from "../core/books_orders.ts";
import { isSelling } from "../core/kill.ts";
import {
  absolute,
  isMore,
  isPositive,
  minus,
  type Notional,
  plus,
  ratio,
  ratioBetween,
  zeroNotional,
  zeroRatio,
} from "../core/money.ts";
import { isUncertain } from "../core/order.ts";
import { equityOf } from "../core/portfolio.ts";
import { planReconcile } from "../core/reconcile_plan.ts";
import { confirmGapMs } from "../core/reconcile_rows.ts";
import type { SeenBalance, Snapshot } from "../core/snapshot.ts";
import { between } from "../core/time.ts";
import { applyPlan, startWishes } from "./apply_plan.ts";
import { currentLimits } from "./gather_view.ts";
import { measureOffsetWhenDue } from "./measure_offset.ts";
import { marksOf } from "./memory.ts";
import type { Needs } from "./needs.ts";
import { recordFacts } from "./record.ts";
import { absentSpanOf, steadyBooks, steadyOrder } from "./steady.ts";
import { takeSnapshot } from "./take_snapshot.ts";

const quietMs = 5_000;
const everyMs = 10_000;
/** Young enough for the promise that books and venue were compared within 30 s. */
const whileSellingMs = 20_000;
const gapWorthSaying = ratio("0.001");

export type Reconciled = { readonly isClean: boolean; readonly findings: readonly string[] };

/** Called every second: compares when its time has come, or when the last look found something to confirm. */
export async function reconcileWhenDue(needs: Needs): Promise<void> {
  const { lastReconcileMono, doubts } = needs.memory;
  const isUrgent = Object.keys(doubts).length > 0 || wasRefusedLately(needs);
  // While everything is sold the procedure looks at every list itself, and a look of ours would only take its turns.
  const routineMs = isSelling(needs.ledger.books().house.kill) ? whileSellingMs : everyMs;
  const waitMs = isUrgent ? confirmGapMs : routineMs;
  if (lastReconcileMono !== null && needs.clock.mono() - lastReconcileMono < waitMs) return;
  await reconcile(needs);
}

/** A stop or an exit that the venue has just refused may mean that somebody else moved what it should sell. */
function wasRefusedLately(needs: Needs): boolean {
  return Object.values(needs.ledger.books().orders).some(
    (order) => order.state === "rejected" && order.intent.leg !== "entry" && sinceMs(needs, order) < everyMs,
  );
}

export function reconcile(needs: Needs): Promise<Reconciled> {
  return needs.locks.run("reconcile", async () => {
    // What another process sells in our name would look as if somebody else had sold it; its note says better.
    if (needs.memory.isStandingBack) return { isClean: false, findings: ["the emergency process is at work"] };
    await measureOffsetWhenDue(needs);
    needs.memory.lastReconcileMono = needs.clock.mono();
    const at = needs.clock.now();
    const snapshot = await takeSnapshot(needs);
    const plan = planReconcile({
      books: steadyBooks(needs, needs.ledger.books()),
      snapshot,
      doubts: needs.memory.doubts,
      rules: needs.venueDefinition.capabilities,
      context: {
        marks: marksOf(needs.memory),
        instruments: needs.memory.instruments,
        absentSpanMs: (order) => absentSpanOf(needs, needs.ledger.books().orders[order.clientOrderId] ?? order),
      },
      times: { at: needs.clock.now(), wallAt: needs.clock.wall() },
      comparedAt: needs.memory.comparedAt,
    });
    const refused = await applyPlan(needs, plan.items);
    // Remembered only after the plan was applied: a process that fails in between counts again.
    needs.memory.doubts = plan.doubts;
    startWishes(needs, plan.items);
    const findings = [...plan.findings, ...refused, ...(await compareBalance(needs, snapshot.balances))];
    const isClean = wasRead(snapshot);
    if (isClean) needs.memory.lastCleanReconcileMono = needs.clock.mono();
    if (isClean && refused.length === 0 && isSettled(needs)) needs.memory.comparedAt = at;
    return { isClean, findings };
  });
}

/** Nothing waits for a second look, nothing is missing, and nothing was under way that kept it from being asked. */
function isSettled(needs: Needs): boolean {
  const isShort = Object.keys(needs.ledger.books().house.shortOf ?? {}).length > 0;
  return Object.keys(needs.memory.doubts).length === 0 && !isShort && !hasLocalActivity(needs);
}

function wasRead({ open, fills, balances, byName }: Snapshot): boolean {
  const lists = [...Object.values(open), ...Object.values(fills)];
  return balances !== null && lists.every((list) => list !== null) && !Object.values(byName).includes("failed");
}

/**
 * Our cash against the venue's, as a share of equity. An unexplained gap above the limit stops entries by a check, and at
 * the second comparison in a row somebody is called: it may be a trade of ours that no list has shown.
 */
async function compareBalance(needs: Needs, balances: readonly SeenBalance[] | null): Promise<readonly string[]> {
  const account = needs.ledger.books().house.account;
  if (balances === null || account === null || hasLocalActivity(needs)) return [];
  const { currency } = account;
  const theirs = totalOf(balances, currency);
  const ours = plus(account.openingEquity, account.deltas[currency] ?? zeroNotional);
  const equity = equityOf(needs.ledger.books(), marksOf(needs.memory));
  const gap = isPositive(equity) ? ratioBetween(absolute(minus(theirs, ours)), equity) : zeroRatio;
  const { balanceGap, cashGap } = needs.ledger.books().house;
  const { balanceGapMax } = currentLimits(needs, needs.ledger.books());
  const isStanding = isMore(gap, balanceGapMax) && balanceGap !== null && isMore(balanceGap, balanceGapMax);
  if (gap !== balanceGap || isStanding !== (cashGap?.isStanding === true)) {
    const compared = { type: "balance_compared", asset: currency, ours, theirs, gap } as const;
    await recordFacts(needs, "house", [isStanding ? { ...compared, isStanding } : compared]);
  }
  const isLarge = isMore(gap, gapWorthSaying);
  return isLarge ? [`${currency}: our books say ${ours}, the venue says ${theirs}`] : [];
}

function totalOf(balances: readonly SeenBalance[], asset: string): Notional {
  const row = balances.find((balance) => balance.asset === asset);
  return row === undefined ? zeroNotional : plus(row.free, row.held);
}

function hasLocalActivity(needs: Needs): boolean {
  return Object.values(needs.ledger.books().orders).some(
    (order) => isUncertain(order.state) || order.state === "cancel_pending" || sinceMs(needs, order) < quietMs,
  );
}

/** Real ms since it changed, whatever was done to the wall clock. */
function sinceMs(needs: Needs, order: BookedOrder): number {
  return between(steadyOrder(needs, order).changedAt, needs.clock.wall());
}
