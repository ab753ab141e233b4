/**
 * The present state of the house: a fold over everything that happened, and nothing else. Plain data, so that it can be
 * stored as a snapshot and compared. `evolve` never refuses: the facts are already true. Whether they should have been is
 * asked by src/assertions. Things that ended more than two house days ago leave the books; their rows stay in the tables.
 */
import type { Approval } from "./approval.ts";
import { emptyAlerts } from "./books_alerts.ts";
import type { ApprovalBooks } from "./books_approvals.ts";
import { evolveApprovals } from "./books_approvals.ts";
import { type ChatBooks, evolveChat } from "./books_chat.ts";
import { type DayBooks, emptyDay, evolveDays } from "./books_days.ts";
import { emptyHouse, evolveHouse, type HouseBooks } from "./books_house.ts";
import { type BookedOrder, evolveOrders } from "./books_orders.ts";
import { evolvePeople, type PeopleBooks } from "./books_people.ts";
import { evolvePositions } from "./books_positions.ts";
import { prune } from "./books_prune.ts";
import { evolveQuestions, type QuestionBooks } from "./books_questions.ts";
import { evolveReports, noReports, type ReportBooks } from "./books_reports.ts";
import { evolveSignals, type SignalBooks } from "./books_signals.ts";
import { evolveStrategies, type StrategyBooks } from "./books_strategies.ts";
import { evolveViews, type Views } from "./books_views.ts";
import { type DrillBooks, evolveDrills, noDrills } from "./drill.ts";
import type { Fact, Recorded } from "./events.ts";
import { withKill } from "./kill.ts";
import type { Position } from "./position.ts";
import { type Instant, instant } from "./time.ts";

export type Books = {
  readonly seq: number;
  readonly hash: string;
  readonly at: Instant;
  readonly wallAt: Instant;
  readonly house: HouseBooks;
  readonly people: PeopleBooks;
  readonly chat: ChatBooks;
  readonly signals: SignalBooks;
  readonly approvals: Readonly<Record<string, Approval>>;
  readonly prompts: ApprovalBooks["prompts"];
  readonly consents: ApprovalBooks["consents"];
  readonly questions: QuestionBooks["questions"];
  readonly authenticators: QuestionBooks["authenticators"];
  /** Answers with buttons, by id. */
  readonly views: Views;
  readonly orders: Readonly<Record<string, BookedOrder>>;
  readonly positions: Readonly<Record<string, Position>>;
  readonly days: DayBooks;
  readonly strategies: StrategyBooks;
  readonly drills: DrillBooks;
  readonly reports: ReportBooks;
};

export const emptyBooks: Books = {
  seq: 0,
  hash: "0".repeat(64),
  at: instant(0),
  wallAt: instant(0),
  house: emptyHouse,
  people: { persons: {}, links: {}, codes: {}, sessions: {}, access: {}, refusals: {} },
  chat: { inbox: {}, seen: {}, outbox: {}, lastAlerts: {}, alerts: emptyAlerts },
  signals: { recent: [], denied: [] },
  approvals: {},
  prompts: {},
  consents: {},
  questions: {},
  authenticators: {},
  views: {},
  orders: {},
  positions: {},
  days: { today: emptyDay(""), previous: null, isPreviousSummarized: true },
  strategies: {},
  drills: noDrills,
  reports: noReports,
};

export function evolve(books: Books, recorded: Recorded): Books {
  const next: Books = {
    seq: recorded.seq,
    hash: recorded.hash,
    at: recorded.at,
    wallAt: recorded.wallAt,
    house: withKill(evolveHouse(books, recorded), books, recorded),
    people: evolvePeople(books.people, recorded),
    chat: evolveChat(books.chat, recorded),
    signals: evolveSignals(books.signals, recorded),
    ...evolveApprovals(books, recorded),
    ...evolveQuestions(books, recorded),
    views: evolveViews(books.views, recorded),
    orders: evolveOrders(books.orders, recorded),
    positions: evolvePositions(books, recorded),
    days: evolveDays(books, recorded),
    strategies: evolveStrategies(books, recorded),
    drills: evolveDrills(books.drills, recorded),
    reports: evolveReports(books.reports, recorded),
  };
  return recorded.seq % 128 === 0 ? prune(next) : next;
}

/** Folds drafts that are not committed yet, to see the books that they would lead to. */
export function evolveTentatively(
  books: Books,
  drafts: readonly {
    readonly tradeId: string | null;
    readonly actor: string;
    readonly causedBy: number | null;
    readonly fact: Fact;
  }[],
  times: { readonly at: Instant; readonly wallAt: Instant },
): Books {
  return drafts.reduce(
    (state, draft) => evolve(state, { ...draft, ...times, seq: state.seq + 1, prevHash: state.hash, hash: state.hash }),
    books,
  );
}
