/** The part of the books about messages: what arrived and is not handled, what waits to leave, what was said lately. */

import type { NoticeLink } from "./alert_facts.ts";
import { type AlertBooks, evolveAlerts } from "./books_alerts.ts";
import { without } from "./books_house.ts";
import type { Card, Severity } from "./card.ts";
import type { Chat, Recorded } from "./events.ts";
import type { Level } from "./house_facts.ts";
import type { Instant } from "./time.ts";

export type WaitingCard = {
  readonly cardId: string;
  readonly chat: Chat;
  readonly severity: Severity;
  readonly alert: string;
  readonly foldKey: string;
  readonly card: Card;
  readonly queuedAt: Instant;
  readonly notice?: NoticeLink;
  /** A post of it was begun: it may stand there already. Absent = it certainly does not. */
  readonly hasLeft?: true;
};

export type WaitingMessage = {
  readonly payload: string;
  readonly receivedAt: Instant;
  /** The level that it has raised trading to already; absent = none. */
  readonly raisedTo?: Level;
};

export type ChatBooks = {
  /** Messages that arrived and are not handled yet, by inbox id. */
  readonly inbox: Readonly<Record<string, WaitingMessage>>;
  /** Event ids of the platforms and when they were first seen (real time): a repetition is dropped. Kept 25 h; Telegram keeps updates 24 h. */
  readonly seen: Readonly<Record<string, Instant>>;
  readonly outbox: Readonly<Record<string, WaitingCard>>;
  /** When an alert last spoke, by `alert|foldKey`, in house time. */
  readonly lastAlerts: Readonly<Record<string, Instant>>;
  readonly alerts: AlertBooks;
};

export function evolveChat(chat: ChatBooks, recorded: Recorded): ChatBooks {
  const alerts = evolveAlerts(chat.alerts, recorded);
  return evolveTalk(alerts === chat.alerts ? chat : { ...chat, alerts }, recorded);
}

function evolveTalk(chat: ChatBooks, { fact, at, wallAt }: Recorded): ChatBooks {
  switch (fact.type) {
    case "message_received": {
      const seen = { ...chat.seen };
      for (const key of fact.eventKeys) seen[key] ??= wallAt;
      return { ...chat, seen, inbox: { ...chat.inbox, [fact.inboxId]: { payload: fact.payload, receivedAt: wallAt } } };
    }
    case "level_changed": {
      const row = fact.inboxId === undefined ? undefined : chat.inbox[fact.inboxId];
      if (fact.inboxId === undefined || row === undefined) return chat;
      return { ...chat, inbox: { ...chat.inbox, [fact.inboxId]: { ...row, raisedTo: fact.to } } };
    }
    case "message_handled":
      return { ...chat, inbox: without(chat.inbox, fact.inboxId) };
    case "card_queued": {
      const { cardId, severity, alert, card, notice } = fact;
      const link = notice === undefined ? {} : { notice };
      return {
        ...chat,
        outbox: {
          ...chat.outbox,
          [cardId]: {
            cardId,
            chat: fact.chat,
            severity,
            alert,
            foldKey: fact.foldKey,
            card,
            queuedAt: wallAt,
            ...link,
          },
        },
        lastAlerts: { ...chat.lastAlerts, [`${alert}|${fact.foldKey}`]: at },
      };
    }
    case "card_leaving": {
      const waiting = chat.outbox[fact.cardId];
      if (waiting === undefined) return chat;
      return { ...chat, outbox: { ...chat.outbox, [fact.cardId]: { ...waiting, hasLeft: true } } };
    }
    case "card_sent":
    case "card_dropped":
      return { ...chat, outbox: without(chat.outbox, fact.cardId) };
    default:
      return chat;
  }
}
