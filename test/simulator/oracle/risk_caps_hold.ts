/**
 * I10: at the moment when an entry is armed, everything that is or may become exposure stays within the limits of the
 * profile. Orders of unknown fate count as filled at their worst price. Shares of equity move with the market between the
 * judgement and the wire, so amounts get a little room; numbers of things get none. What the decision stood on must be numbers
 * at all. Losses and drawdown depend on the marks that the house saw, and are left to the tests of their checks.
 */
import type { FactOf } from "../../../src/core/events.ts";
import { limitsOf } from "../../../src/core/profiles.ts";
import type { Limits } from "../../../src/core/risk_view.ts";
import type { Invariant, Violation, WorldView } from "../contract.ts";
import { exact, smaller, text, times } from "./exact.ts";
import { type OrderTrail, type Told, type Trail, trailOf } from "./trail.ts";
import type { Scene } from "./trail_shapes.ts";
import { instrumentOf } from "./truth.ts";
import { openCursor, violated } from "./verdict.ts";

const room = exact("1.05");
const minuteMs = 60_000;

export const riskCapsHold: Invariant = {
  id: "I10",
  name: "RiskCapsHold",
  statement:
    "With every armed entry, worst-case exposure (filled, open, sending, unknown), its own size and risk, and the number of positions and orders stay within the caps; one instrument holds one trade",
  open() {
    const told = openCursor();
    const entries: { readonly order: OrderTrail; readonly at: number }[] = [];
    let limits: Limits | null = null;
    return {
      check(view) {
        const { profile, mode, usdRate, overrides } = view.settings;
        limits ??= limitsOf(profile, { mode, usdRate, overrides });
        const found: Violation[] = [];
        const trail = trailOf(view);
        for (const one of told(trail.told)) {
          if (one.fact.type === "intent_cleared" && one.fact.approvalId !== null) found.push(...unfit(one.fact));
          if (one.order?.intent.leg !== "entry") continue;
          if (one.fact.type === "order_intended") {
            found.push(...tooMany(view, limits, entries, { order: one.order, at: one.recorded.at }));
            entries.push({ order: one.order, at: one.recorded.at });
          }
          if (one.fact.type === "order_sending") found.push(...beyondCaps(view, trail, limits, one));
        }
        return found;
      },
    };
  },
};

const amounts = ["equity", "freeQuote", "notional", "quotedPrice"] as const;

/** What the decision stood on, as it was written down with it: plain positive numbers all of them. "unknown" is none. */
function unfit({ intentId, evidence }: FactOf<"intent_cleared">): readonly Violation[] {
  const odd = amounts.filter((name) => !/^(?=.*[1-9])\d+(\.\d+)?$/.test(evidence[name] ?? ""));
  if (odd.length === 0) return [];
  const told = odd.map((name) => `${name} ${evidence[name] ?? "missing"}`).join(", ");
  return [violated("I10", "an entry was decided on a number that is none", { intentId, odd: told })];
}

type Entry = { readonly order: OrderTrail; readonly at: number };

function tooMany(view: WorldView, limits: Limits, entries: readonly Entry[], one: Entry): readonly Violation[] {
  const { timeframeMs } = view.settings;
  const others = entries.filter((entry) => entry.order.state !== "abandoned");
  const lastMinute = others.filter((entry) => one.at - entry.at < minuteMs && one.at >= entry.at).length + 1;
  const window = (at: number) => Math.floor(at / timeframeMs);
  const inWindow =
    others.filter((entry) => entry.order.symbol === one.order.symbol && window(entry.at) === window(one.at)).length + 1;
  const about = { clientOrderId: one.order.id, lastMinute, inWindow };
  if (lastMinute >= limits.tradesPerMinute) return [violated("I10", "too many entries within a minute", about)];
  return inWindow > limits.ordersPerWindow ? [violated("I10", "too many entries within one window", about)] : [];
}

function beyondCaps(view: WorldView, trail: Trail, limits: Limits, { order, scene }: Told): readonly Violation[] {
  if (order === null || scene === null) return [];
  const found: Violation[] = [];
  const { instrumentId } = order.intent;
  const about = { clientOrderId: order.id, instrumentId };
  const inSlot = scene.open.filter((one) => one.instrumentId === instrumentId);
  if (inSlot.length > 0)
    found.push(
      violated("I10", "a second trade was armed in an instrument that is taken", {
        ...about,
        by: inSlot.map((one) => `${one.tradeId} ${one.state}`).join(", "),
      }),
    );
  const open = new Set([...scene.open.map((one) => one.instrumentId), instrumentId]).size;
  if (open > limits.openPositionsMax)
    found.push(violated("I10", "more positions than the limit", { ...about, open, limit: limits.openPositionsMax }));
  return [...found, ...amountsBeyond(view, trail, limits, { order, scene })];
}

function amountsBeyond(
  view: WorldView,
  trail: Trail,
  limits: Limits,
  { order, scene }: { order: OrderTrail; scene: Scene },
): readonly Violation[] {
  const equity = times(equityOf(view, trail), room);
  const worst = exact(order.intent.shape.limitPrice);
  const notional = times(order.wanted, worst);
  const stop = exact(order.intent.exitPlan?.stopPrice ?? "0");
  const fee = exact(instrumentOf(view, order.symbol)?.takerFee ?? "0");
  const risk = times(order.wanted, worst - stop + times(worst + stop, fee));
  const exposure = scene.open.reduce((sum, one) => {
    const symbol = one.instrumentId.slice(one.instrumentId.indexOf(":") + 1);
    const mark = smaller(exact(view.venue.price(symbol)), exact(one.worst));
    // What is held counts at the lower of two prices and with a tenth off: the house may have seen a lower one.
    return sum + (times(one.held, mark) * 9n) / 10n + times(one.left, exact(one.worst));
  }, notional);
  const rows = [
    ["exposure", exposure, limits.exposureShare],
    ["size", notional, limits.positionShare],
    ["risk", risk, limits.riskPerTrade],
  ] as const;
  return rows.flatMap(([what, amount, share]) =>
    share === null || amount <= times(equity, exact(share))
      ? []
      : [
          violated("I10", `the ${what} of an armed entry is beyond its cap`, {
            clientOrderId: order.id,
            amount: text(amount),
            cap: text(times(equity, exact(share))),
          }),
        ],
  );
}

/** Opening money and what fills moved since, at the venue's prices of now. */
function equityOf(view: WorldView, trail: Trail): bigint {
  const currency = trail.opening?.currency ?? "";
  let equity = trail.opening?.equity ?? 0n;
  for (const [asset, amount] of trail.deltas) {
    if (asset === currency) equity += amount;
    else if (instrumentOf(view, `${asset}/${currency}`) !== undefined)
      equity += times(amount, exact(view.venue.price(`${asset}/${currency}`)));
  }
  return equity;
}
