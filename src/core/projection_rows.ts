/** One function a table: the row of an entity, every column named. Times are ISO 8601 in UTC, money is exact text. */
import type { Approval } from "./approval.ts";
import type { Books } from "./books.ts";
import type { Prompt } from "./books_approvals.ts";
import type { WaitingCard } from "./books_chat.ts";
import type { Day } from "./books_days.ts";
import { postingsOf } from "./books_money.ts";
import type { BookedOrder } from "./books_orders.ts";
import type { Link, Person } from "./books_people.ts";
import type { StrategyRecord } from "./books_strategies.ts";
import type { Fact, FactOf, Recorded } from "./events.ts";
import type { Position } from "./position.ts";
import type { ProjectedRow } from "./projections.ts";
import { type Instant, isoTime } from "./time.ts";
import { trailOf } from "./trail.ts";

const time = (at: Instant | null): string | null => (at === null ? null : isoTime(at));

export function orderRow(order: BookedOrder): ProjectedRow {
  const { intent } = order;
  return {
    table: "orders",
    row: {
      client_order_id: order.clientOrderId,
      venue_order_id: order.venueOrderId,
      trade_id: order.tradeId,
      intent_id: intent.intentId,
      approval_id: order.approvalId,
      approval_version: order.approvalVersion,
      mode: intent.mode,
      venue: intent.venue,
      account: intent.account,
      instrument_id: intent.instrumentId,
      leg: intent.leg,
      side: intent.side,
      attempt: intent.attempt,
      order_type: intent.shape.orderType,
      quantity: intent.quantity,
      limit_price: intent.shape.limitPrice,
      trigger_price: "triggerPrice" in intent.shape ? intent.shape.triggerPrice : null,
      target_price: "targetPrice" in intent.shape ? intent.shape.targetPrice : null,
      state: order.state,
      ...trailOf(order),
      filled_quantity: order.filledQuantity,
      filled_notional: order.filledNotional,
      digest: order.digest,
      exit_reason: order.exitReason,
      decided_at: isoTime(order.decidedAt),
      sent_at: time(order.sentAt),
      changed_at: isoTime(order.changedAt),
      ended_at: time(order.endedAt),
      problem: order.problem,
    },
  };
}

export function fillRow(fill: FactOf<"fill_received">, order: BookedOrder, { seq, at }: Recorded): ProjectedRow {
  return {
    table: "fills",
    row: {
      client_order_id: fill.clientOrderId,
      venue_fill_id: fill.venueFillId,
      seq,
      at: isoTime(at),
      filled_at: isoTime(fill.filledAt),
      trade_id: order.tradeId,
      venue: order.intent.venue,
      account: order.intent.account,
      instrument_id: order.intent.instrumentId,
      side: order.intent.side,
      price: fill.price,
      quantity: fill.quantity,
      fee: fill.fee,
      fee_asset: fill.feeAsset,
      fee_in_quote: fill.feeInQuote,
      liquidity: fill.liquidity,
      share: order.origin === "external" ? "part" : "whole",
    },
  };
}

export function positionRow(position: Position): ProjectedRow {
  return {
    table: "positions",
    row: {
      position_id: position.positionId,
      mode: position.mode,
      account: position.account,
      instrument_id: position.instrumentId,
      strategy: position.strategy,
      direction: position.direction,
      state: position.state,
      ...trailOf(position),
      protection: position.protection,
      quantity: position.quantity,
      bought_quantity: position.boughtQuantity,
      sold_quantity: position.soldQuantity,
      entry_price: position.entryPrice,
      entry_cost: position.entryCost,
      exit_proceeds: position.exitProceeds,
      stop_price: position.exitPlan.stopPrice,
      target_price: position.exitPlan.targetPrice,
      intended_entry_price: position.intendedEntryPrice,
      intended_exit_price: position.intendedExitPrice,
      fees: position.fees,
      realized_pnl: position.realizedPnl,
      exit_reason: position.exitReason,
      opened_at: time(position.openedAt),
      closed_at: time(position.closedAt),
      has_dust: position.hasDust,
    },
  };
}

export function postingRows(before: Books, recorded: Recorded): readonly ProjectedRow[] {
  return postingsOf(before, recorded).map(({ account, asset, amount, worth, tradeId }, index) => ({
    table: "postings",
    row: {
      seq: recorded.seq,
      leg: index + 1,
      at: isoTime(recorded.at),
      account,
      trade_id: tradeId,
      asset,
      amount,
      worth,
    },
  }));
}

export function approvalRow(approval: Approval): ProjectedRow {
  return {
    table: "approvals",
    row: {
      approval_id: approval.approvalId,
      trade_id: approval.tradeId,
      kind: approval.subject.kind,
      tier: approval.tier,
      requester: approval.requester,
      mode: approval.mode,
      version: approval.version,
      state: approval.state,
      digest: approval.digest,
      quorum: approval.quorum,
      dedupe_key: approval.dedupeKey,
      created_at: isoTime(approval.createdAt),
      expires_at: isoTime(approval.expiresAt),
      decided_at: time(approval.decidedAt),
      decided_by: approval.decidedBy,
      reason: approval.reason,
      superseded_by: approval.supersededBy,
      subject: approval.subject,
    },
  };
}

export function voteRow(vote: FactOf<"vote_cast">, { seq, at, wallAt }: Recorded): ProjectedRow {
  return {
    table: "votes",
    row: {
      approval_id: vote.approvalId,
      version: vote.version,
      person_id: vote.personId,
      verdict: vote.verdict,
      seq,
      at: isoTime(at),
      wall_at: isoTime(wallAt),
      digest: vote.digest,
      platform: vote.platform,
      user_id: vote.userId,
      chat_id: vote.chatId,
      message_id: vote.messageId,
      event_id: vote.eventId,
      tap_age_ms: vote.tapAgeMs,
      reason: vote.reason,
    },
  };
}

export function promptRows(prompt: Prompt, fact: Fact): readonly ProjectedRow[] {
  const row = {
    prompt_id: prompt.promptId,
    approval_id: prompt.approvalId,
    platform: prompt.chat.platform,
    chat_id: prompt.chat.chatId,
    thread_id: prompt.chat.threadId,
    message_id: prompt.messageId,
    rev_shown: prompt.revShown,
    rev_prepared: prompt.revPrepared,
    is_live: prompt.isLive,
  };
  const tokens = fact.type === "prompt_prepared" ? fact.tokens : [];
  return [
    { table: "prompts", row },
    ...tokens.map((token) => ({
      table: "button_tokens",
      row: {
        token_hash: token.hash,
        prompt_id: prompt.promptId,
        verb: token.verb,
        version: fact.type === "prompt_prepared" ? fact.version : 0,
      },
    })),
  ];
}

export function personRow(person: Person): ProjectedRow {
  const { personId, name, role, timeZone, isActive } = person;
  return { table: "people", row: { person_id: personId, name, role, time_zone: timeZone, is_active: isActive } };
}

export function linkRow(before: Books, { fact, wallAt }: Recorded): readonly ProjectedRow[] {
  if (fact.type === "chat_linked") return [rowOfLink({ ...fact, linkedAt: wallAt }, null)];
  if (fact.type !== "chat_unlinked") return [];
  const link = before.people.links[`${fact.platform}:${fact.userId}`];
  return link === undefined ? [] : [rowOfLink(link, wallAt)];
}

function rowOfLink(link: Omit<Link, "origin">, unlinkedAt: Instant | null): ProjectedRow {
  const { platform, userId, personId, chat, linkedAt } = link;
  return {
    table: "links",
    row: {
      platform,
      user_id: userId,
      person_id: personId,
      chat_id: chat.chatId,
      thread_id: chat.threadId,
      linked_at: isoTime(linkedAt),
      unlinked_at: time(unlinkedAt),
    },
  };
}

export function inboxRows(before: Books, { fact, wallAt }: Recorded): readonly ProjectedRow[] {
  if (fact.type === "message_received") {
    const keys = fact.eventKeys.map((key) => ({
      table: "inbox_keys",
      row: { event_key: key, inbox_id: fact.inboxId },
    }));
    return [
      {
        table: "inbox",
        row: {
          inbox_id: fact.inboxId,
          received_at: isoTime(wallAt),
          handled_at: null,
          outcome: null,
          payload: fact.payload,
        },
      },
      ...keys,
    ];
  }
  if (fact.type !== "message_handled") return [];
  const waiting = before.chat.inbox[fact.inboxId];
  if (waiting === undefined) return [];
  return [
    {
      table: "inbox",
      row: {
        inbox_id: fact.inboxId,
        received_at: isoTime(waiting.receivedAt),
        handled_at: isoTime(wallAt),
        outcome: fact.outcome,
        payload: waiting.payload,
      },
    },
  ];
}

export function outboxRow(before: Books, { fact, wallAt }: Recorded): readonly ProjectedRow[] {
  if (fact.type === "card_queued") {
    return [rowOfCard({ ...fact, queuedAt: wallAt }, { state: "queued", message_id: null, settled_at: null })];
  }
  if (fact.type !== "card_sent" && fact.type !== "card_dropped") return [];
  const waiting = before.chat.outbox[fact.cardId];
  if (waiting === undefined) return [];
  const settled_at = isoTime(wallAt);
  return fact.type === "card_sent"
    ? [rowOfCard(waiting, { state: "sent", message_id: fact.messageId, settled_at })]
    : [rowOfCard(waiting, { state: "dropped", message_id: null, settled_at })];
}

type CardEnd = {
  readonly state: "queued" | "sent" | "dropped";
  readonly message_id: string | null;
  readonly settled_at: string | null;
};

function rowOfCard(waiting: WaitingCard, end: CardEnd): ProjectedRow {
  const { cardId, chat, severity, alert, foldKey, card, queuedAt } = waiting;
  return {
    table: "outbox",
    row: {
      card_id: cardId,
      platform: chat.platform,
      chat_id: chat.chatId,
      thread_id: chat.threadId,
      severity,
      alert,
      fold_key: foldKey,
      card,
      queued_at: isoTime(queuedAt),
      ...end,
    },
  };
}

export function strategyRow(strategy: StrategyRecord): ProjectedRow {
  const { name, signals, denied, entries, trades, winners, pnl, fees, lastSignalAt } = strategy;
  return {
    table: "strategies",
    row: { name, signals, denied, entries, trades, winners, pnl, fees, last_signal_at: time(lastSignalAt) },
  };
}

export function dayRow(day: Day): ProjectedRow {
  const {
    date,
    startEquity,
    endEquity,
    signals,
    denied,
    entries,
    trades,
    winners,
    pnl,
    fees,
    asked,
    approved,
    declined,
    expired,
    unknownOrders,
    starts,
  } = day;
  return {
    table: "days",
    row: {
      date,
      start_equity: startEquity,
      end_equity: endEquity,
      signals,
      denied,
      entries,
      trades,
      winners,
      pnl,
      fees,
      asked,
      approved,
      declined,
      expired,
      unknown_orders: unknownOrders,
      starts,
    },
  };
}
