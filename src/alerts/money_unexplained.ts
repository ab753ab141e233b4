import { moneyText, shareText } from "../core/facts.ts";
import { absolute, minus } from "../core/money.ts";
import { defineAlert } from "../define/alert.ts";

export const moneyUnexplained = defineAlert({
  name: "money_unexplained",
  summary: "The account has more or less cash than our books explain, for more than a moment",
  severity: "critical",
  wakesOn: ["balance_compared"],
  foldKey: ({ fact }) => (fact.isStanding === true ? fact.asset : null),
  quietMinutes: 60,
  labels: ({ fact }) => ({ asset: fact.asset }),
  labelNames: ["asset"],
  stands: ({ asset }, { house }) => house.cashGap?.asset === asset && house.cashGap?.isStanding === true,
  isVital: () => true,
  render: ({ fact }) => ({
    title: "Money that nobody has explained",
    tone: "critical",
    lines: [
      "No entry leaves meanwhile. If you moved it, the venue's record will explain it.",
      "If not, look at the venue's own list of trades: coins that I do not know of have no stop.",
    ],
    fields: [
      {
        name: "Difference",
        value: `${moneyText(absolute(minus(fact.theirs, fact.ours)), fact.asset)} · ${shareText(fact.gap)}`,
      },
      { name: "At the venue", value: moneyText(fact.theirs, fact.asset) },
      { name: "In our books", value: moneyText(fact.ours, fact.asset) },
    ],
    footer: null,
    chart: null,
  }),
});
