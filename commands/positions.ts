import { z } from "zod";
import { cashText, lengthText } from "../src/core/facts.ts";
import { symbolOf } from "../src/core/instrument.ts";
import { isPositive, ratioBetween, showPercent } from "../src/core/money.ts";
import { heldPositions, markOf, openPnl } from "../src/core/portfolio.ts";
import { between } from "../src/core/time.ts";
import { defineCommand } from "../src/define/command.ts";
import { marksOf } from "../src/flows/memory.ts";
import type { Needs } from "../src/flows/needs.ts";

const options = z.object({});

export const positions = defineCommand<typeof options, Needs>({
  name: "positions",
  summary: "Open positions with entry, price now, stop, target and P&L",
  options,
  access: { role: "viewer", urgency: "reads" },
  examples: ["/positions"],
  async run({ needs }) {
    const books = needs.ledger.books();
    const marks = marksOf(needs.memory);
    const currency = books.house.account?.currency ?? needs.settings.currency;
    const held = heldPositions(books);
    const fields = held.map((position) => {
      const pnl = openPnl(position, marks);
      const share = isPositive(position.entryCost) ? ` · ${showPercent(ratioBetween(pnl, position.entryCost))}` : "";
      const age =
        position.openedAt === null ? "" : `, open ${lengthText(between(position.openedAt, needs.clock.now()))}`;
      const guard =
        position.protection === "placed"
          ? "at the venue"
          : position.protection === "local_guard"
            ? "watched by us"
            : "being placed";
      return {
        name: `${symbolOf(position.instrumentId)} · ${position.strategy}`,
        value: `${position.quantity} from ${position.entryPrice ?? "?"}, now ${markOf(position, marks)}: ${cashText(pnl, currency)}${share}. Stop ${position.exitPlan.stopPrice} ${guard}, target ${position.exitPlan.targetPrice ?? "none"}${age}. Id ${position.positionId}`,
      };
    });
    return {
      title: held.length === 0 ? "No open positions" : `${held.length} open position${held.length === 1 ? "" : "s"}`,
      tone: "info",
      lines: [],
      fields,
      footer:
        held.length === 0
          ? "The next signal brings a prompt; /signals shows what was seen."
          : "/close INSTRUMENT closes one, /flatten all.",
      chart: null,
    };
  },
});
