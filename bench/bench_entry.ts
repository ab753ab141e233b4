/** A purchase for benchmarks: approved at the instant it is asked, through the one path of every order. */
import type { Approval } from "../src/core/approval.ts";
import { instrumentIdOf } from "../src/core/instrument.ts";
import type { OrderIntent } from "../src/core/intent.ts";
import { floorToTick, movePrice, price, quantity, ratio } from "../src/core/money.ts";
import { followOrder } from "../src/flows/follow_order.ts";
import { tendPosition } from "../src/flows/manage_exit.ts";
import { draft, record } from "../src/flows/record.ts";
import { settle } from "../src/flows/request_approval.ts";
import { submitOrder } from "../src/flows/submit_order.ts";
import { type BenchHouse, realClock } from "./bench_house.ts";

/** A real entry of two units at about 100, filled by the exchange; then the visit that follows every fill. @returns its trade. */
export async function buy({ house, exchange }: BenchHouse, symbol: string): Promise<string> {
  const { needs } = house;
  const instrument = needs.memory.instruments.get(instrumentIdOf("kucoin", symbol));
  if (instrument === undefined) throw new Error(`${symbol} is not known`);
  const last = price(exchange.market.lastPrice(symbol.replace("/", "-")) ?? "0");
  const at = (share: string) => floorToTick(movePrice(last, ratio(share)), instrument.tickSize);
  const tradeId = needs.ids.next("trade");
  const intent = {
    intentId: needs.ids.next("int"),
    tradeId,
    mode: "paper" as const,
    venue: "kucoin",
    account: "main",
    instrumentId: instrument.instrumentId,
    leg: "entry" as const,
    side: "buy" as const,
    quantity: quantity("2"),
    reduceOnly: false,
    shape: { orderType: "limit" as const, limitPrice: at("0.01"), timeInForce: "ioc" as const },
    exitPlan: { stopPrice: at("-0.05"), targetPrice: at("0.1"), trail: null, timeLimitMs: null },
    strategy: "bench",
    signalId: null,
    attempt: 1,
  };
  const digest = `digest-${tradeId}`;
  const approvalId = await approved(needs, intent, digest);
  // A dozen at once would only be refused by the exchange's limit, and what is refused is never bare.
  await needs.venue.whenFree?.();
  const sent = await submitOrder(needs, {
    intent,
    digest,
    approvalId,
    referencePrice: last,
    priceValidUntil: null,
    exitReason: null,
    actor: "bench",
    judgeNow: () => ({ denials: [], evidence: {} }),
  });
  if (!("clientOrderId" in sent)) throw new Error(`the entry was denied: ${JSON.stringify(sent)}`);
  await followOrder(needs, sent.clientOrderId);
  await tendPosition(needs, tradeId);
  return tradeId;
}

/** Visits it as the watcher does until its stop rests, or until it turns out that nothing was bought. */
export async function untilProtected({ house: { needs } }: BenchHouse, tradeId: string): Promise<void> {
  const position = () => needs.ledger.books().positions[tradeId];
  for (let tries = 0; position()?.protection !== "placed" && position()?.state !== "closed"; tries += 1) {
    if (tries === 100) throw new Error(`no stop came: ${JSON.stringify(position())}`);
    await realClock.sleep(100);
    await tendPosition(needs, tradeId);
  }
}

/** Asked and approved at the same instant. */
function approved(needs: BenchHouse["house"]["needs"], intent: OrderIntent, digest: string): Promise<string> {
  const { tradeId } = intent;
  return record(needs, (_books, { wallAt }) => {
    const asked = {
      approvalId: `apr_${tradeId}`,
      tier: "T1" as const,
      requester: "strategy:bench",
      mode: "paper" as const,
      subject: { kind: "order" as const, intent, terms: {} as never },
      digest,
      softBps: 25,
      hardBps: 75,
      quorum: 1,
      createdAt: wallAt,
      expiresAt: (wallAt + 60_000) as typeof wallAt,
      execDeadlineMs: 30_000,
      dedupeKey: tradeId,
    };
    const pending = { ...asked, version: 1, state: "pending" } as unknown as Approval;
    const drafts = [
      draft("bench", { type: "approval_requested", ...asked }, tradeId),
      draft("bench", settle(pending, { to: "approved", by: ["bench"], reason: null, at: wallAt }), tradeId),
    ];
    return { drafts, value: asked.approvalId };
  });
}
