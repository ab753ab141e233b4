/** Keeps the money of the account on record: a new day, a new high. What a loss leads to is decided by the assertions. */
import type { Fact } from "../core/events.ts";
import { isMore, ratio, scale } from "../core/money.ts";
import { equityOf } from "../core/portfolio.ts";
import { beginsDay } from "../core/time.ts";
import { marksOf } from "./memory.ts";
import type { Needs } from "./needs.ts";
import { draft, record } from "./record.ts";

/** A high is put on record when it passes the last one by this share, so that a rising market does not fill the ledger. */
const highStep = ratio("1.0005");

export function markEquity(needs: Needs): Promise<void> {
  return record(needs, (books, { at }) => {
    const account = books.house.account;
    if (account === null) return { drafts: [], value: undefined };
    const equity = equityOf(books, marksOf(needs.memory));
    const facts: Fact[] = [];
    // The loss of a day is measured from here: a clock that is set back must not forgive it.
    if (beginsDay(account.dayStart, at)) facts.push({ type: "equity_marked", equity, because: "day" });
    else if (isMore(equity, scale(account.equityHigh, highStep)))
      facts.push({ type: "equity_marked", equity, because: "high" });
    return { drafts: facts.map((fact) => draft("house", fact)), value: undefined };
  });
}
