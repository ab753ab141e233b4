import type { Books } from "../core/books.ts";
import { cashText, shareText } from "../core/facts.ts";
import { isLess, minus, type Ratio, ratio, zeroRatio } from "../core/money.ts";
import { drawdownOf } from "../core/portfolio.ts";
import { defineAlert } from "../define/alert.ts";

/** Said at each of these shares below the highest equity; the breaker of the limit stands behind them. */
const steps = ["0.08", "0.05"] as const;
/** It is over when the fall is smaller than this part of the step that was told: a hair up and down is no news. */
const easedShare: Readonly<Record<string, Ratio>> = { "0.08": ratio("0.07"), "0.05": ratio("0.04") };

function fallOf({ house: { account } }: Books): Ratio {
  return account === null ? zeroRatio : drawdownOf(account.equityLast, account.equityHigh);
}

export const largeDrawdown = defineAlert({
  name: "large_drawdown",
  summary: "Equity is 5 % or 8 % below its highest value",
  severity: "critical",
  wakesOn: ["equity_marked"],
  foldKey: (_recorded, books) => steps.find((step) => !isLess(fallOf(books), ratio(step))) ?? null,
  quietMinutes: 60,
  labels: (_recorded, books) => ({ step: steps.find((step) => !isLess(fallOf(books), ratio(step))) ?? "" }),
  labelNames: ["step"],
  stands: ({ step }, books) => !isLess(fallOf(books), easedShare[step ?? ""] ?? ratio("0.04")),
  render(_recorded, books) {
    const account = books.house.account;
    const currency = account?.currency ?? "";
    return {
      title: `Drawdown of ${shareText(fallOf(books))}`,
      tone: "critical",
      lines: ["The breaker stops new positions at the limit of your settings. Stops and exits work as always."],
      fields:
        account === null
          ? []
          : [
              {
                name: "Below the highest",
                value: `${cashText(minus(account.equityHigh, account.equityLast), currency)} · ${shareText(fallOf(books))}`,
              },
              { name: "Equity", value: cashText(account.equityLast, currency) },
              { name: "Highest", value: cashText(account.equityHigh, currency) },
            ],
      footer: "/risk shows every limit; /pause stops new positions now.",
      chart: null,
    };
  },
});
