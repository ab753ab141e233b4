/**
 * What somebody had before them when they wrote a word about alerts: the list that /ack showed them last, and the messages about
 * alerts in their chat. A number means what it meant in that list, and "all" no more than what was shown. A restart forgets the
 * lists: a number is then answered by a new one.
 */
import type { Alert } from "../core/alerting.ts";
import { isShownIn } from "../core/books_alerts.ts";
import type { Instant } from "../core/time.ts";
import type { Needs } from "./needs.ts";

export type ShownList = { readonly shownAt: Instant; readonly fingerprints: readonly string[] };

export type Place = { readonly platform: string; readonly chatId: string; readonly userId: string };

type Asked = { readonly place: Place; readonly saidAt: Instant };

const listsMax = 500;
const chatKeyOf = ({ platform, chatId }: Place): string => `${platform}:${chatId}`;
const ownKeyOf = (place: Place): string => `${chatKeyOf(place)}|${place.userId}`;

export function noteList({ memory, clock }: Needs, place: Place, listed: readonly Alert[]): void {
  const list = { shownAt: clock.wall(), fingerprints: listed.map((alert) => alert.fingerprint) };
  const { lists } = memory.telling;
  if (lists.size >= listsMax) lists.clear();
  lists.set(chatKeyOf(place), list);
  lists.set(ownKeyOf(place), list);
}

/** The list of this person, shown before the word was said; null = none, or a word older than it. */
function ownList({ memory }: Needs, { place, saidAt }: Asked): ShownList | null {
  const own = memory.telling.lists.get(ownKeyOf(place));
  return own === undefined || own.shownAt > saidAt ? null : own;
}

/** What this number, from 1, meant to this person; null where that is not certain. */
export function numbered(
  needs: Needs,
  number: number,
  asked: Asked,
): { readonly fingerprint: string; readonly shownAt: Instant } | null {
  const own = ownList(needs, asked);
  const fingerprint = own?.fingerprints[number - 1];
  // Somebody else has asked in the same chat since: which of the two lists is meant nobody knows.
  const newest = needs.memory.telling.lists.get(chatKeyOf(asked.place))?.fingerprints[number - 1];
  return own === null || fingerprint === undefined || fingerprint !== newest
    ? null
    : { fingerprint, shownAt: own.shownAt };
}

/** Whether this alert was in the list of this person, or stands in a message in this chat. */
export function wasShown(needs: Needs, alert: Alert, asked: Asked): boolean {
  const own = ownList(needs, asked);
  if (own?.fingerprints.includes(alert.fingerprint) === true && alert.firedAt <= own.shownAt) return true;
  const { notices } = needs.ledger.books().chat.alerts;
  const { platform, chatId } = asked.place;
  return alert.noticeIds.some((cardId) => {
    const notice = notices[cardId];
    if (notice?.chat.platform !== platform || notice.chat.chatId !== chatId) return false;
    return notice.queuedAt <= asked.saidAt && isShownIn(alert, notice);
  });
}
