/** Taking alerts on: by the button under a message or by /ack. Only what still stands can be taken on, and every copy says by whom. */

import { timingOf } from "../core/alert_timing.ts";
import { type Alert, isOver } from "../core/alerting.ts";
import { includesRole } from "../core/authority.ts";
import type { Books } from "../core/books.ts";
import { alertOf, alertsOfNotice, type Notice } from "../core/books_alerts.ts";
import { chatKey, personBehind } from "../core/books_people.ts";
import { plainCard, type Severity } from "../core/card.ts";
import type { Recordation } from "../core/change_card.ts";
import { mark } from "../core/mark.ts";
import { addMs, type Instant, isoTime } from "../core/time.ts";
import type { Draft } from "../ports/ledger.ts";
import type { Incoming } from "../ports/messenger.ts";
import { whyNotHere } from "./allowed_chats.ts";
import { deliverOutbox } from "./deliver_outbox.ts";
import type { Needs } from "./needs.ts";
import { draft, record, recordFacts } from "./record.ts";
import { tellAsker } from "./tell_asker.ts";

type TapIn = Extract<Incoming, { kind: "tap" }>;

export type Acknowledged = {
  readonly taken: readonly Alert[];
  readonly notTaken: readonly Alert[];
  readonly recorded: Recordation;
};

/** A late word takes on only what fired before it was said. `saidAt` is real time. */
export async function acknowledgeAlerts(
  needs: Needs,
  wish: { readonly fingerprints: readonly string[]; readonly personId: string; readonly saidAt: Instant },
): Promise<Acknowledged> {
  const done = await record(needs, (books, { at, wallAt }) => {
    const known = wish.fingerprints.flatMap((fingerprint) => alertOf(books.chat.alerts, fingerprint) ?? []);
    const taken = known.filter((alert) => !isOver(alert, at) && alert.firedAt <= wish.saidAt);
    const notTaken = known.filter((alert) => !taken.includes(alert));
    const recorded = { since: wallAt, seq: books.seq + 1 };
    return {
      drafts: ackDrafts(needs, taken, { personId: wish.personId, wallAt }),
      value: { taken, notTaken, recorded },
    };
  });
  if (done.taken.length > 0)
    void deliverOutbox(needs).catch((error: unknown) =>
      needs.log.warn("An acknowledgement could not be shown at once", { error: String(error) }),
    );
  return done;
}

function ackDrafts(
  { settings }: Needs,
  taken: readonly Alert[],
  by: { readonly personId: string; readonly wallAt: Instant },
): readonly Draft[] {
  const { ackMs } = timingOf(settings);
  const bySeverity = (severity: Severity): readonly Draft[] => {
    const fingerprints = taken.filter((alert) => alert.severity === severity).map((alert) => alert.fingerprint);
    const holds = ackMs[severity];
    const until = holds === null ? null : addMs(by.wallAt, holds);
    return fingerprints.length === 0
      ? []
      : [draft(`person:${by.personId}`, { type: "alert_acked", fingerprints, personId: by.personId, until })];
  };
  return [...bySeverity("critical"), ...bySeverity("warning"), ...bySeverity("info")];
}

/** A tap on the button of a message about alerts. It adds no risk, so it counts however late; what is over stays over. */
export async function handleNoticeTap(needs: Needs, tap: TapIn, notice: Notice): Promise<string> {
  const books = needs.ledger.books();
  const messenger = needs.messengers.get(tap.chat.platform);
  const person = personBehind(books.people, tap.chat.platform, tap.sender.userId);
  const refusal = whyNotHere(needs.settings, tap) ?? whyRefused(books, tap, notice);
  if (refusal !== null || person === null) {
    const because = refusal ?? "You are not linked.";
    mark("M01.tap_on_alert_refused");
    await messenger?.acknowledge(tap.answerRef, { text: because, isRefusal: true });
    const { platform } = tap.chat;
    const by = { platform, userId: tap.sender.userId, personId: person?.personId ?? null };
    await recordFacts(needs, "house", [{ type: "tap_refused", approvalId: null, ...by, because }]);
    return "refused";
  }
  void messenger?.acknowledge(tap.answerRef, null);
  await adopt(needs, tap, notice);
  const fingerprints = alertsOfNotice(books.chat.alerts, notice.cardId).map((alert) => alert.fingerprint);
  const saidAt = seenUntil(notice, tap.tappedAt ?? needs.clock.wall());
  const { taken, notTaken } = await acknowledgeAlerts(needs, { fingerprints, personId: person.personId, saidAt });
  if (taken.length > 0) return "acknowledged";
  await tellAsker(needs, tap, plainCard("info", overText(notTaken)));
  return "over";
}

/** What came to a message that has not been edited since was not on the screen: nobody has taken it on. */
function seenUntil({ revShown, revWanted, shownAt }: Notice, saidAt: Instant): Instant {
  return revShown < revWanted && shownAt !== undefined && shownAt < saidAt ? shownAt : saidAt;
}

function overText(alerts: readonly Alert[]): string {
  const at = alerts.find((alert) => alert.resolvedAt !== null)?.resolvedAt ?? null;
  return at === null
    ? "Nothing of it is left to acknowledge."
    : `It was over at ${isoTime(at).slice(11, 16)} UTC already; nothing is left to acknowledge.`;
}

function whyRefused(books: Books, tap: TapIn, notice: Notice): string | null {
  if (!tap.sender.isPerson) return "Bots and anonymous admins can't acknowledge.";
  if (tap.isInline) return "Taps through other bots don't count.";
  if (chatKey(notice.chat) !== chatKey(tap.chat)) return "This button belongs to another chat.";
  const person = personBehind(books.people, tap.chat.platform, tap.sender.userId);
  if (person === null) return "You are not linked. Ask the owner for a link code.";
  return includesRole(person.role, "operator") ? null : `Your role (${person.role}) may not acknowledge.`;
}

/** A tap on a message that we don't know of means that our post succeeded and its answer was lost: it is not posted again. */
async function adopt(needs: Needs, tap: TapIn, notice: Notice): Promise<void> {
  if (notice.messageId !== null) return;
  await record(needs, (books, { wallAt }) => {
    const waiting = books.chat.outbox[notice.cardId];
    if (waiting === undefined) return { drafts: [], value: undefined };
    const lateMs = Math.max(0, wallAt - waiting.queuedAt);
    const sent = { type: "card_sent", cardId: notice.cardId, messageId: tap.messageId, lateMs, rev: 0 } as const;
    return { drafts: [draft("house", sent)], value: undefined };
  });
}
