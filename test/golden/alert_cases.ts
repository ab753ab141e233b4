/** What wakes each alert in the golden texts, with the numbers of a day that could have been. */
import type { Fact } from "../../src/core/events.ts";
import { notional, price, ratio } from "../../src/core/money.ts";
import { addMs } from "../../src/core/time.ts";
import { everyFact } from "../fixtures/every_fact.ts";
import { closed, fillOf, intended, requested, sending, settledAs, terms, working } from "../fixtures/facts.ts";
import { makeEntry, makeExit, makeProtection } from "../fixtures/intent.ts";
import { storyStart } from "../fixtures/story.ts";

export type AlertCase = {
  readonly when: string;
  /** What stood already, told by nothing of this alert. */
  readonly before?: readonly Fact[];
  readonly begins: readonly Fact[];
  readonly by?: string;
  /** Absent = it only happened. */
  readonly ends?: readonly Fact[];
};

/** 4.5 SOL bought at 87.50, with a stop at 85.62 that rests at the venue. */
export const held: readonly Fact[] = [
  ...working("e1", makeEntry()),
  fillOf("e1", { price: "87.5", quantity: "4.5", fee: "0.39" }),
  ...working("p1", makeProtection()),
  {
    type: "position_protected",
    positionId: "trade-1",
    protection: "placed",
    clientOrderId: "p1",
    because: "acknowledged",
  },
];
const refused = (clientOrderId: string, message: string): Fact => ({
  type: "order_rejected",
  clientOrderId,
  code: "200004",
  message,
  reason: "balance",
});
const exitOf = (clientOrderId: string): readonly Fact[] =>
  working(clientOrderId, makeExit({ intentId: clientOrderId }));
export const denied = (code: string, facts: Readonly<Record<string, string>>): Fact =>
  ({ ...everyFact.intent_denied, denials: [{ code, check: code, facts }] }) as Fact;
const marked = (equity: string): Fact => ({ type: "equity_marked", equity: notional(equity), because: "close" });
const opened = (scope: string, cause: string, evidence: Record<string, string>): Fact => ({
  type: "breaker_opened",
  scope,
  cause,
  class: "sticky",
  evidence,
});
export const gone = (source: string, because: string): Fact => ({ type: "source_gone", source, because });
export const back = (source: string): Fact => ({ type: "source_back", source, goneMs: 95_000 });
const large = requested({ tier: "T2", subject: { kind: "order", intent: makeEntry(), terms } });

export const alertCases: Readonly<Record<string, readonly AlertCase[]>> = {
  alarm_drill: [
    {
      when: "asked for",
      begins: [everyFact.drill_started],
      ends: [everyFact.drill_ended],
    },
  ],
  drill_failed: [
    {
      when: "nobody answered",
      before: [everyFact.drill_started],
      begins: [{ ...everyFact.drill_ended, how: "missed", personId: null, afterMs: null }],
    },
    {
      when: "one chat never took it",
      before: [everyFact.drill_started],
      begins: [{ ...everyFact.drill_ended, how: "unreached", unreached: ["discord:900:"] }],
    },
  ],
  approval_waiting: [
    { when: "nobody answered", before: [requested()], begins: [settledAs("expired", { by: [] })] },
    {
      when: "a veto window that nobody saw",
      before: [requested({ isVeto: true })],
      begins: [
        settledAs("expired", { by: ["house"], reason: "not done by itself: nobody was shown this version in time" }),
      ],
    },
  ],
  approver_cooled: [{ when: "told", begins: [everyFact.approver_cooled] }],
  assertion_failed: [
    {
      when: "seen once",
      begins: [
        {
          type: "breaker_degraded",
          scope: "global",
          cause: "clocks_agree",
          class: "transient",
          evidence: { "the venue's clock is known to": "640 ms, limit 500 ms" },
        },
      ],
      ends: [
        {
          type: "breaker_closed",
          scope: "global",
          cause: "clocks_agree",
          reason: "seen right again",
          how: "recovered",
        } as Fact,
      ],
    },
  ],
  authenticator_changed: [
    { when: "told", begins: [{ type: "authenticator_confirmed", personId: "ana", codeStep: 59_000_000 }] },
  ],
  authenticator_locked: [{ when: "told", begins: [everyFact.authenticator_locked] }],
  breaker_open: [
    {
      when: "a limit",
      begins: [opened("account:main", "drawdown_reached", { drawdown: "10.20 % (1,020.00 USDT)", limit: "10 %" })],
      ends: [
        {
          type: "breaker_closed",
          scope: "account:main",
          cause: "drawdown_reached",
          reason: "looked through the trades",
          how: "reset",
        } as Fact,
      ],
    },
    {
      when: "the venue",
      begins: [opened("venue:kucoin", "key_refused", { "the venue says": "400003: KC-API-KEY not exists" })],
    },
  ],
  card_undeliverable: [
    {
      when: "told in the others",
      begins: [
        {
          type: "card_dropped",
          cardId: "card-9",
          because: "400: can't parse entities",
          refused: {
            alert: "stop_missing",
            title: "Stop missing",
            chat: { platform: "discord", chatId: "900", threadId: null },
          },
        },
      ],
    },
  ],
  doubt_aged: [
    {
      when: "a person is called",
      before: [
        intended("e1", makeEntry()),
        sending("e1"),
        { type: "order_answer_lost", clientOrderId: "e1", because: "no answer within 5 s" },
        {
          type: "order_probed",
          clientOrderId: "e1",
          verdict: "error",
          endpoints: ["order_by_client_id", "open_orders"],
          because: "the list of open orders did not answer",
          looks: [
            { endpoint: "order_by_client_id", verdict: "absent", at: addMs(storyStart, 90_000), because: "not found" },
            { endpoint: "open_orders", verdict: "error", at: addMs(storyStart, 91_000), because: "timeout" },
          ] as never,
        },
      ],
      begins: [{ type: "order_doubt_aged", clientOrderId: "e1", stage: "page", ageMs: 120_000 }],
      ends: [{ type: "order_found", clientOrderId: "e1", venueOrderId: "v1", venueState: "open", childOrderIds: [] }],
    },
  ],
  entry_denied: [
    {
      when: "a loss limit",
      begins: [
        denied("daily_loss_reached", { loss: "2.10 % of equity (210.00 USDT)", limit: "2 % of equity (200.00 USDT)" }),
      ],
    },
  ],
  entry_refused: [
    { when: "told", before: working("e1", makeEntry()), begins: [refused("e1", "Balance insufficient!")] },
  ],
  exit_fired: [
    {
      when: "a stop",
      before: held,
      begins: [closed("trade-1", { reason: "stop", pnl: notional("-9.33"), fees: notional("0.78") })],
    },
    {
      when: "a target",
      before: held,
      begins: [
        closed("trade-1", {
          reason: "target",
          pnl: notional("22.16"),
          fees: notional("0.81"),
          exitPrice: price("92.6"),
          intendedExitPrice: price("92.6"),
        }),
      ],
    },
    {
      when: "an emergency",
      before: held,
      begins: [
        closed("trade-1", {
          reason: "emergency",
          pnl: notional("-3.02"),
          fees: notional("0.78"),
          exitPrice: price("87"),
          intendedExitPrice: null,
        }),
      ],
    },
  ],
  exit_refused: [
    {
      when: "twice",
      before: [...held, ...exitOf("x1"), refused("x1", "Balance insufficient!"), ...exitOf("x2")],
      begins: [refused("x2", "Balance insufficient!")],
    },
  ],
  extreme_volatility: [
    {
      when: "told",
      begins: [everyFact.market_judged],
      ends: [{ ...everyFact.market_judged, isWild: false, move: ratio("0.17") } as Fact],
    },
  ],
  feed_gap: [
    {
      when: "told",
      begins: [gone("data:kucoin:SOL/USDT", "the newest candle is 190 s old")],
      ends: [back("data:kucoin:SOL/USDT")],
    },
  ],
  health_failure: [
    { when: "told", begins: [{ type: "house_died", because: "x is not a function", openPositions: ["SOL/USDT 4.5"] }] },
  ],
  kill_switch: [
    {
      when: "an emergency begins",
      by: "person:ana",
      begins: [{ type: "flatten_started", procedureId: "kill_1", level: "emergency", reason: "the market is mad" }],
    },
    {
      when: "it waits for the venue",
      begins: [
        {
          type: "flatten_step",
          procedureId: "kill_1",
          step: "waiting_venue",
          because: "The venue does not answer; it is asked again every 5 s.",
          left: ["SOL/USDT 4.5, stop at 85.62"],
        },
      ],
    },
    {
      when: "verified flat",
      before: held,
      begins: [
        {
          type: "flatten_verified",
          procedureId: "kill_1",
          looks: 2,
          spanMs: 2_100,
          report: [{ positionId: "trade-1", flatMs: 3_400, slippage: ratio("0.0012"), dust: "0" }] as never,
        },
      ],
    },
  ],
  large_drawdown: [{ when: "5 %", begins: [marked("9470")], ends: [marked("9700")] }],
  money_unexplained: [
    {
      when: "told",
      begins: [
        {
          type: "balance_compared",
          asset: "USDT",
          ours: notional("9605.54"),
          theirs: notional("9505.54"),
          gap: ratio("0.0104"),
          isStanding: true,
        } as Fact,
      ],
    },
  ],
  order_unknown: [
    {
      when: "told",
      before: [intended("e1", makeEntry()), sending("e1")],
      begins: [{ type: "order_answer_lost", clientOrderId: "e1", because: "no answer within 5 s" }],
      ends: [{ type: "order_found", clientOrderId: "e1", venueOrderId: "v1", venueState: "open", childOrderIds: [] }],
    },
  ],
  refused_repeatedly: [
    { when: "a stranger", begins: Array.from({ length: 5 }, () => everyFact.tap_refused) },
    {
      when: "somebody known",
      begins: Array.from({ length: 5 }, () => ({
        ...everyFact.tap_refused,
        personId: "cleo",
        userId: "333",
        because: "a viewer may not decide",
      })),
    },
  ],
  request_decided: [
    { when: "signed", before: [large], begins: [settledAs("approved", { by: ["Ana (telegram)", "Bo (discord)"] })] },
    {
      when: "refused",
      before: [large],
      begins: [settledAs("declined", { by: ["Bo (discord)"], reason: "too close to the news" })],
    },
    {
      when: "nobody stopped it",
      before: [requested({ isVeto: true })],
      begins: [settledAs("approved", { by: ["policy:veto_window"] })],
    },
  ],
  safe_mode: [
    {
      when: "a person ends it",
      begins: [everyFact.safe_mode_entered],
      ends: [{ type: "safe_mode_left", cause: "crash_loop", because: "looked at" }],
    },
  ],
  source_gone: [
    { when: "the venue", begins: [gone("venue:kucoin", "no answer for 15 s")], ends: [back("venue:kucoin")] },
    { when: "a chat", begins: [gone("chat:discord", "403: Missing Access")], ends: [back("chat:discord")] },
    { when: "the queue", begins: [gone("queue", "the connection was refused")], ends: [back("queue")] },
  ],
  stale_price: [{ when: "told", begins: [denied("data_stale", { age: "190 s", limit: "120 s" })] }],
  stop_missing: [
    {
      when: "the venue refused it",
      before: [
        ...working("e1", makeEntry()),
        fillOf("e1", { price: "87.5", quantity: "4.5" }),
        intended("p1", makeProtection()),
        sending("p1"),
      ],
      begins: [refused("p1", "The stop price is too close")],
      ends: [
        ...working("p2", makeProtection({ intentId: "intent-4" })),
        {
          type: "position_protected",
          positionId: "trade-1",
          protection: "placed",
          clientOrderId: "p2",
          because: "acknowledged",
        },
      ],
    },
  ],
  venue_differs: [
    { when: "coins are missing", begins: [everyFact.holdings_compared] },
    { when: "somebody sold", before: held, begins: [everyFact.order_adopted] },
    { when: "orders of somebody else", begins: [everyFact.foreign_orders_seen] },
    {
      when: "a stop was taken away",
      before: held,
      begins: [{ ...everyFact.stop_lost, because: "somebody canceled it at the venue" }],
    },
    {
      when: "coins left",
      before: held,
      begins: [{ ...everyFact.position_reduced, because: "a withdrawal of 1 SOL is on record at the venue" }],
    },
    { when: "numbers contradict", begins: [everyFact.order_suspected] },
    { when: "a fill was taken back", before: held, begins: [{ ...everyFact.fill_reversed, supersededBy: null }] },
  ],
  weekly_review: [{ when: "the week", begins: [everyFact.report_made] }],
};
