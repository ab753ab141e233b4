/** The scripted house's picture of itself: two positions whose prices wander, money, health, people. */
import type { CandleView, DeskState, PositionView } from "../../src/adapters/desk/contract.ts";
import type { Instant } from "../../src/core/time.ts";
import type { Clock } from "../../src/ports/clock.ts";
import { scriptedCandles } from "./scripted_market.ts";

const btc: PositionView = {
  positionId: "pos_1",
  instrumentId: "kucoin:BTC-USDT",
  symbol: "BTC/USDT",
  venue: "kucoin",
  direction: "long",
  state: "monitoring",
  strategy: "ema_trend",
  quantity: "0.0032",
  notional: "310.94",
  entryPrice: "96410.2",
  lastPrice: "97170.4",
  stopPrice: "94480",
  targetPrice: "100260",
  pnl: "2.43",
  pnlRatio: "0.0079",
  openedAt: 0,
};
const eth: PositionView = {
  ...btc,
  positionId: "pos_2",
  instrumentId: "kucoin:ETH-USDT",
  symbol: "ETH/USDT",
  strategy: "breakout",
  quantity: "0.084",
  notional: "301.46",
  entryPrice: "3618.4",
  lastPrice: "3588.8",
  stopPrice: "3524",
  targetPrice: "3812",
  pnl: "-2.49",
  pnlRatio: "-0.0082",
};

function firstState(clock: Clock): DeskState {
  return {
    at: clock.wall(),
    mode: "PAPER",
    phase: 1,
    level: "none",
    levelBecause: null,
    health: {
      house: { name: "house", light: "good", note: "34 promises hold" },
      venues: [{ name: "kucoin practice", light: "good", note: "12 ms" }],
      chats: [
        { name: "desk", light: "good", note: null },
        { name: "telegram", light: "unsure", note: "not linked yet: /link" },
      ],
    },
    money: {
      currency: "USDT",
      equity: "10184.2",
      dayPnl: "42.18",
      dayPnlRatio: "0.0042",
      drawdown: "0.011",
      drawdownMax: "0.1",
    },
    positions: [
      { ...btc, openedAt: clock.wall() - 5_400_000 },
      { ...eth, openedAt: clock.wall() - 1_260_000 },
    ],
    approvals: { openCount: 0, nextExpiresAt: null },
    market: { now: clock.now(), speed: 1 },
    people: [{ displayName: "Ana", role: "owner", platforms: ["desk"] }],
    epoch: 3,
    version: "0.1.0",
  };
}

export function scriptedState(clock: Clock) {
  let state = firstState(clock);
  let isBroken = false;
  return {
    read(): DeskState {
      if (isBroken) throw new Error("the books can't be read");
      return { ...state, at: clock.wall(), market: { ...state.market, now: clock.now() } };
    },
    break() {
      isBroken = true;
    },
    mend() {
      isBroken = false;
    },
    change(part: Partial<DeskState>) {
      state = { ...state, ...part };
    },
    setLevel(level: DeskState["level"], levelBecause: string | null) {
      state = { ...state, level, levelBecause };
    },
    setApprovals(openCount: number, nextExpiresAt: Instant | null) {
      state = { ...state, approvals: { openCount, nextExpiresAt } };
    },
    candles(instrumentId: string): readonly CandleView[] {
      if (instrumentId.includes("BTC")) {
        return scriptedCandles({ seed: 7, last: 97_170.4, places: 1, count: 120, until: clock.wall() });
      }
      if (instrumentId.includes("ETH")) {
        return scriptedCandles({ seed: 11, last: 3588.8, places: 2, count: 120, until: clock.wall() });
      }
      return [];
    },
  };
}
