/** Keeps the money of the account on record: a new day, a new high, and the limits whose crossing halts entries until a person looks. */
import type { Books } from "../core/books.ts";
import type { Fact } from "../core/events.ts";
import {
  isAtLeast,
  isMore,
  isPositive,
  minus,
  type Notional,
  ratio,
  ratioBetween,
  scale,
  showPercent,
  zeroRatio,
} from "../core/money.ts";
import { drawdownOf, equityOf } from "../core/portfolio.ts";
import type { Limits } from "../core/risk_view.ts";
import { utcDay } from "../core/time.ts";
import { currentLimits } from "./gather_view.ts";
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
    if (account.dayStart !== utcDay(at)) facts.push({ type: "equity_marked", equity, because: "day" });
    else if (isMore(equity, scale(account.equityHigh, highStep)))
      facts.push({ type: "equity_marked", equity, because: "high" });
    facts.push(...crossed(books, equity, currentLimits(needs, books)));
    return { drafts: facts.map((fact) => draft("house", fact)), value: undefined };
  });
}

/** Drawdown, daily and session loss are sticky breakers: only a person closes them, with a reason. */
function crossed(books: Books, equity: Notional, limits: Limits): readonly Fact[] {
  const account = books.house.account;
  if (account === null) return [];
  const drawdown = drawdownOf(equity, account.equityHigh);
  const facts: Fact[] = [];
  const open = (scope: string, cause: string, evidence: Record<string, string>) => {
    if (books.house.breakers[scope] === undefined)
      facts.push({ type: "breaker_opened", scope, cause, class: "sticky", evidence });
  };
  if (isAtLeast(drawdown, limits.drawdownMax))
    open("account:drawdown", "drawdown_reached", {
      drawdown: showPercent(drawdown),
      limit: showPercent(limits.drawdownMax),
    });
  const day = lossProblem(account.dayStartEquity, equity, {
    share: limits.dailyLossShare,
    money: limits.dailyLossNotional,
  });
  if (day !== null) open("account:daily_loss", "daily_loss_reached", day);
  const session = lossProblem(account.sessionStartEquity, equity, {
    share: limits.sessionLossShare,
    money: limits.sessionLossNotional,
  });
  if (session !== null) open("account:session_loss", "session_loss_reached", session);
  return facts;
}

function lossProblem(
  start: Notional,
  now: Notional,
  limit: { share: Limits["dailyLossShare"]; money: Notional | null },
): Record<string, string> | null {
  const loss = minus(start, now);
  if (!isPositive(loss)) return null;
  const share = isPositive(start) ? ratioBetween(loss, start) : zeroRatio;
  if (limit.money !== null && isAtLeast(loss, limit.money)) return { loss, limit: limit.money };
  return limit.share !== null && isAtLeast(share, limit.share)
    ? { loss: showPercent(share), limit: showPercent(limit.share) }
    : null;
}
