/**
 * One path for every mode: the same tape and the same taps through PAPER, DRY_RUN and LIVE (both against practice exchanges)
 * give the same decisions, fact by fact, and the same words on the wire up to where a mode may differ.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { systemClock } from "../../src/adapters/system/clock.ts";
import type { Fact } from "../../src/core/events.ts";
import type { Mode } from "../../src/core/intent.ts";
import { type PracticeHandle, startPractice } from "../../src/practice/exchange.ts";
import type { MarketSource } from "../../src/practice/market/source.ts";
import { syntheticMarket } from "../../src/practice/market/synthetic.ts";
import { dryRunVenue } from "../../src/venues/_dry_run/dry_run_venue.ts";
import { kucoin } from "../../src/venues/kucoin/venue.ts";
import { keptLog } from "../fixtures/kept_log.ts";
import { buy } from "./conversation.ts";
import { factsOf, sentOrders, storyMs, untilClosed } from "./play.ts";
import { openStage, type Stage } from "./stage.ts";

type Told = {
  readonly decisions: readonly string[];
  readonly wire: readonly string[];
  readonly rehearsed: readonly { readonly url: string; readonly body: string; readonly bids: readonly string[] }[];
  readonly postsAtLive: number;
};

const key = { key: "read-only-key-000000000", secret: "read-only-secret-00000", passphrase: "read-only" };

/** A market without prints of its own: every print redraws the book a little, and how many come is a matter of real time. */
const tape = (market: MarketSource): MarketSource => ({ ...market, ticks: () => [] });

/** The exchange that stands for the live one in DRY_RUN. Whatever reaches it is in its wire log. */
function startLive(): Promise<PracticeHandle> {
  const clock = systemClock();
  return startPractice({
    venue: "kucoin",
    port: 0,
    market: tape(syntheticMarket({ seed: "stage", volatility: 0 })),
    accounts: [{ ...key, balances: { USDT: "10000" }, permissions: ["General"] }],
    seed: "stage",
    clock: { wireNow: () => clock.wall(), marketNow: () => clock.now(), every: (ms, work) => clock.every(ms, work) },
  });
}

async function tell(mode: Mode): Promise<Told> {
  const live = mode === "dry_run" ? await startLive() : null;
  const reading =
    live === null
      ? null
      : await kucoin.open({ credentials: key, baseUrl: live.url, clock: systemClock(), log: keptLog() });
  const stage = await openStage({
    settings: (settings) => ({ ...settings, mode }),
    market: tape,
    ...(reading === null ? {} : { venue: (shadow) => dryRunVenue(reading, shadow) }),
  });
  try {
    await story(stage, (symbol, to) => {
      stage.exchange.faults.jump(symbol, to);
      live?.faults.jump(symbol, to);
    });
    await stage.judge();
    return {
      decisions: await decisionsOf(stage),
      wire: sentOrders(stage).map((order) => wireWords(order)),
      rehearsed: await factsOf(stage, "order_rehearsed"),
      postsAtLive: live?.wireLog.all().filter((entry) => entry.method !== "GET").length ?? 0,
    };
  } finally {
    await stage.close();
    await reading?.stop();
    await live?.stop();
  }
}

/** A trade that reaches its target, one that a person declines, one that is stopped out. */
async function story(stage: Stage, jump: (symbol: string, to: string) => void): Promise<void> {
  // Near where the market stands: a minute may end meanwhile, and its candle must not say that the day moved far.
  for (const [symbol, at] of Object.entries({ "SOL-USDT": "87.36", "BTC-USDT": "95000", "ETH-USDT": "3300" }))
    jump(symbol, at);
  await buy(stage, "SOL/USDT", { stop: "0.02", target: "0.03" });
  jump("SOL-USDT", stage.position("SOL/USDT")?.exitPlan.targetPrice ?? "");
  await untilClosed(stage, "SOL/USDT");
  await stage.ask("BTC/USDT");
  await stage.until(() => stage.discord.openPrompts().length > 0, "the prompt");
  await stage.discord.tap("Decline");
  await stage.until(() => stage.discord.openPrompts().length === 0, "the end of the prompt");
  jump("ETH-USDT", "3301");
  await buy(stage, "ETH/USDT", { stop: "0.02", target: null });
  // Well through the stop: at the stop itself it is a matter of milliseconds which print fills it.
  jump("ETH-USDT", "3220");
  await untilClosed(stage, "ETH/USDT");
}

/** What was decided, without what differs by nature: ids, digests, times, latencies. */
function decision(fact: Fact): string | null {
  switch (fact.type) {
    case "order_intended": {
      const { leg, side, quantity, shape, attempt, instrumentId, exitPlan } = fact.intent;
      return JSON.stringify([fact.type, leg, side, quantity, shape, attempt, instrumentId, exitPlan, fact.exitReason]);
    }
    case "vote_cast":
      return JSON.stringify([fact.type, fact.verdict, fact.version]);
    case "approval_settled":
      return JSON.stringify([fact.type, fact.from, fact.to, fact.reason]);
    case "fill_received":
      return JSON.stringify([fact.type, fact.price, fact.quantity, fact.fee, fact.feeAsset]);
    case "exit_triggered":
      return JSON.stringify([fact.type, fact.reason]);
    case "position_protected":
      return JSON.stringify([fact.type, fact.protection]);
    case "position_closed":
      return JSON.stringify([fact.type, fact.reason, fact.pnl, fact.fees, fact.entryPrice, fact.exitPrice, fact.dust]);
    case "intent_denied":
      return JSON.stringify([fact.type, fact.denials.map((denial) => denial.code)]);
    default:
      return null;
  }
}

/** Trade by trade. Within one they are sorted: whether its fill or its trigger is seen first is a matter of milliseconds. */
async function decisionsOf(stage: Stage): Promise<readonly string[]> {
  const rows = await stage.database.pool.query<{ trade_id: string | null; body: Fact }>(
    "select trade_id, body from events order by seq",
  );
  const trades = new Map<string, string[]>();
  for (const { trade_id, body } of rows.rows) {
    const line = decision(body);
    if (line !== null) trades.set(trade_id ?? "", [...(trades.get(trade_id ?? "") ?? []), line]);
  }
  return [...trades.values()].flatMap((lines) => lines.sort((one, other) => (one < other ? -1 : 1)));
}

const wireWords = ({
  path,
  side,
  symbol,
  size,
  price,
  stopPrice,
  limitPrice,
  type,
}: Readonly<Record<string, string>>) => JSON.stringify([path, side, symbol, size, price, stopPrice, limitPrice, type]);

describe("the modes differ in their doors only", () => {
  const told = new Map<Mode, Told>();
  beforeAll(async () => {
    for (const mode of ["paper", "dry_run", "live"] as const) told.set(mode, await tell(mode));
  }, storyMs);
  afterAll(() => told.clear());

  test("the decisions of DRY_RUN and LIVE are those of PAPER, one by one", () => {
    const paper = told.get("paper")?.decisions ?? [];
    expect(paper.length).toBeGreaterThan(15);
    expect(told.get("dry_run")?.decisions).toEqual(paper);
    expect(told.get("live")?.decisions).toEqual(paper);
  });

  test("the orders say the same to the venue in every mode", () => {
    const paper = told.get("paper")?.wire ?? [];
    expect(paper.length).toBeGreaterThanOrEqual(4);
    expect(told.get("live")?.wire).toEqual(paper);
    expect(told.get("dry_run")?.wire).toEqual(paper);
  });

  test("DRY_RUN writes nothing to the live host, and keeps the exact request and the book of each order", () => {
    const dry = told.get("dry_run");
    expect(dry?.postsAtLive).toBe(0);
    expect(dry?.rehearsed).toHaveLength(dry?.wire.length ?? -1);
    for (const [index, { url, body, bids }] of (dry?.rehearsed ?? []).entries()) {
      const order = JSON.parse(body) as Record<string, string>;
      expect(wireWords({ ...order, path: new URL(url).pathname })).toBe(dry?.wire[index]);
      expect(bids.length).toBeGreaterThan(0);
    }
    expect(told.get("paper")?.rehearsed).toEqual([]);
    expect(told.get("live")?.rehearsed).toEqual([]);
  });
});
