import { z } from "zod";
import { changeCard } from "../src/core/change_card.ts";
import { symbolOf } from "../src/core/instrument.ts";
import { heldPositions } from "../src/core/portfolio.ts";
import { defineCommand } from "../src/define/command.ts";
import { heldCandidates } from "../src/flows/candidates.ts";
import { closePositions } from "../src/flows/halt_trading.ts";
import type { Needs } from "../src/flows/needs.ts";

const options = z.object({ what: z.string().min(2).max(60).describe("Instrument such as SOL/USDT, or a position id") });

export const close = defineCommand<typeof options, Needs>({
  name: "close",
  summary: "Close one position now: cancel its stop, sell, verify",
  options,
  access: { role: "operator", urgency: "safe" },
  examples: ["/close SOL/USDT"],
  aliases: ["sell"],
  candidates: { what: heldCandidates },
  async run({ needs, actor, options: { what } }) {
    const wanted = what.trim().toLowerCase();
    const held = heldPositions(needs.ledger.books());
    const matching = held.filter(
      (position) =>
        position.positionId === what.trim() ||
        symbolOf(position.instrumentId).toLowerCase() === wanted ||
        symbolOf(position.instrumentId).toLowerCase().startsWith(`${wanted}/`),
    );
    if (matching.length === 0) {
      const names = held.map((position) => symbolOf(position.instrumentId)).join(", ");
      const { positions } = needs.ledger.books();
      const old = Object.hasOwn(positions, what.trim()) ? positions[what.trim()] : undefined;
      return {
        title:
          old === undefined
            ? `No open position ${what}`
            : `That position in ${symbolOf(old.instrumentId)} is closed already`,
        tone: "warning",
        lines: [held.length === 0 ? "Nothing is open." : `Open: ${names}`],
        fields: [],
        footer: null,
        chart: null,
      };
    }
    const { ids, recorded } = await closePositions(needs, {
      reason: "operator",
      actor,
      note: "/close",
      positionIds: matching.map((position) => position.positionId),
    });
    const others = held.length - matching.length;
    return changeCard(
      needs.ledger.books(),
      {
        title: `Closing ${matching.map((position) => symbolOf(position.instrumentId)).join(", ")}`,
        tone: "warning",
        lines: [
          "The stop is canceled first, then the position is sold at most 0.5 % under the bid, wider only if that does not fill.",
        ],
        now: "being sold; you are told when it is done, at what price and what it brought",
        fields: [{ name: "Positions", value: ids.join(", ") }],
        running: `${others} other position${others === 1 ? "" : "s"} with stops and targets`,
        notDone: "new entries stay allowed; /pause stops them",
        undo: "what is sold is not bought back; the next signal asks again",
        actor,
      },
      recorded,
    );
  },
});
