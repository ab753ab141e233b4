/** What the process says to the person at the terminal: where the desk is, when it is ready, what stays open, what a replay brought. */
import { cashText, lengthText } from "../core/facts.ts";
import { isPositive, minus, ratioBetween, showPercent } from "../core/money.ts";
import { equityOf } from "../core/portfolio.ts";
import type { HouseSettings } from "../core/settings.ts";
import { marksOf } from "../flows/memory.ts";
import type { Needs } from "../flows/needs.ts";
import type { PracticeHandle } from "../practice/exchange.ts";

const say = (lines: readonly string[]): void => {
  process.stdout.write(`${lines.join("\n")}\n`);
};

export function greet(about: {
  address: string;
  code: string;
  settings: HouseSettings;
  practice: PracticeHandle | null;
  home: string;
}): void {
  const { settings, practice } = about;
  say([
    "",
    `  Countersign ${settings.version} · ${modeText(settings, practice !== null)}`,
    "",
    `  Desk     ${about.address}/#code=${about.code}`,
    `  Code     ${about.code}   (one time, 15 minutes; opens the desk for the owner)`,
    `  Trades   ${settings.symbols.join(", ")} on ${settings.timeframe} candles with ${settings.strategies.map((strategy) => strategy.name).join(", ")}`,
    `  Asks     ${settings.approvals.policy === "ask" ? `before every entry, for ${lengthText(settings.approvals.expiresMs)}` : "nobody: approvals are automatic (policy in the settings)"}`,
    `  Records  ${about.home}`,
    "",
    "  Open the address in a browser on this machine. Ctrl-C stops; positions keep their stops at the venue.",
    "",
  ]);
}

/** What may happen to real money in this mode, in one line. */
function modeText({ mode, venue }: HouseSettings, bringsPractice: boolean): string {
  if (mode === "live") return `LIVE at ${venue}: real money`;
  if (mode === "dry_run")
    return `DRY_RUN on the market of ${venue}: orders stop before the last request; no real money moves`;
  return `${mode.toUpperCase()}${bringsPractice ? " at the practice exchange" : ""}: no real money moves`;
}

export function sayReady(about: { readyMs: number; openPositions: number }): void {
  say([
    `  Ready after ${(about.readyMs / 1_000).toFixed(1)} s, ${about.openPositions} open position${about.openPositions === 1 ? "" : "s"} guarded.`,
  ]);
}

export function sayStop(because: string, open: readonly string[]): void {
  say([
    `Stopped: ${because}.`,
    ...(open.length === 0
      ? ["No position is open."]
      : ["Open positions stay as they are:", ...open.map((line) => `  ${line}`)]),
  ]);
}

/** The summary of a replay, from the same books that the ledger folds into. */
export function sayEnd(needs: Needs, home: string): void {
  const books = needs.ledger.books();
  const account = books.house.account;
  const currency = account?.currency ?? needs.settings.currency;
  const equity = equityOf(books, marksOf(needs.memory));
  const opening = account?.openingEquity ?? equity;
  const change = minus(equity, opening);
  const share = isPositive(opening) ? ` · ${showPercent(ratioBetween(change, opening))}` : "";
  const lines = Object.values(books.strategies).map(
    (one) =>
      `  ${one.name}: ${one.signals} signals, ${one.denied} denied, ${one.entries} entries, ${one.trades} trades (${one.winners} won), ${cashText(one.pnl, currency)}`,
  );
  say([
    "",
    "Replay over.",
    `  Cycles ${needs.memory.cycles}, facts ${books.seq}`,
    ...lines,
    `  Equity ${cashText(opening, currency)} to ${cashText(equity, currency)}: ${cashText(change, currency)}${share}, fees ${account === null ? "0" : cashText(account.fees, currency)}`,
    `  Audit head ${books.hash.slice(0, 8)}; npm run audit -- verify --home ${home} confirms it.`,
  ]);
}
