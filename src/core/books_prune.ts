/** Lets things that ended long ago leave the books, so that a fold stays fast for years; the tables keep their rows. */
import { staysAsked } from "./access.ts";
import { type Approval, isClosed } from "./approval.ts";
import type { Books } from "./books.ts";
import { pruneAlerts } from "./books_alerts.ts";
import { keptViews } from "./books_views.ts";
import { mayStillTrade } from "./order.ts";
import { isOpenPosition } from "./position.ts";
import { between, day, hour, type Instant } from "./time.ts";

/** House time that an ended trade, and real time that a chat event id, stays at hand. */
const keptMs = 2 * day;
const seenKeptMs = 25 * hour;

export function prune(books: Books): Books {
  const { at, wallAt } = books;
  const isOld = (ended: Instant | null) => ended !== null && between(ended, at) > keptMs;
  const positions = keep(books.positions, (position) => isOpenPosition(position) || !isOld(position.closedAt));
  const orders = keep(
    books.orders,
    (order) => positions[order.tradeId] !== undefined || mayStillTrade(order.state) || !isOld(order.endedAt),
  );
  // Approvals are dated in real time, which runs slower than house time in a fast file market: an hour there is enough to tell a late tapper.
  const approvals = keep(
    books.approvals,
    (approval) =>
      !isClosed(approval.state) ||
      between(approval.createdAt, wallAt) < hour ||
      isStillFollowed(approval, wallAt) ||
      (approval.tradeId !== null && positions[approval.tradeId] !== undefined),
  );
  const prompts = keep(books.prompts, (prompt) => approvals[prompt.approvalId] !== undefined);
  const seen = keep(books.chat.seen, (firstSeenAt) => between(firstSeenAt, wallAt) < seenKeptMs);
  const lastAlerts = keep(books.chat.lastAlerts, (spokenAt) => between(spokenAt, at) < keptMs);
  const codes = keep(books.people.codes, (code) => code.expiresAt > wallAt);
  const sessions = keep(books.people.sessions, (session) => session.expiresAt > wallAt);
  const access = keep(books.people.access, (request) => staysAsked(request, wallAt));
  const refusals = keep(books.people.refusals, ({ at }) => between(at.at(-1) ?? wallAt, wallAt) < day);
  const questions = keep(books.questions, (question) => between(question.expiresAt, wallAt) < hour);
  return {
    ...books,
    questions,
    views: keptViews(books.views, wallAt),
    positions,
    orders,
    approvals,
    prompts,
    chat: { ...books.chat, seen, lastAlerts, alerts: pruneAlerts(books.chat.alerts, books) },
    people: { ...books.people, codes, sessions, access, refusals },
  };
}

/** What silence cost is measured for an hour after it was asked; a house that slept through it has an hour more. */
function isStillFollowed({ state, subject, isValued, createdAt }: Approval, wallAt: Instant): boolean {
  const isOpen = state === "expired" && subject.kind === "order" && isValued !== true;
  return isOpen && between(createdAt, wallAt) < 2 * hour;
}

function keep<Item>(
  record: Readonly<Record<string, Item>>,
  stays: (item: Item) => boolean,
): Readonly<Record<string, Item>> {
  const entries = Object.entries(record);
  const kept = entries.filter(([, item]) => stays(item));
  return kept.length === entries.length ? record : Object.fromEntries(kept);
}
