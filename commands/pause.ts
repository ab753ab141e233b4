import { z } from "zod";
import { changeCard } from "../src/core/change_card.ts";
import { heldPositions } from "../src/core/portfolio.ts";
import { defineCommand } from "../src/define/command.ts";
import { cancelEntries, raiseLevel } from "../src/flows/halt_trading.ts";
import type { Needs } from "../src/flows/needs.ts";

const options = z.object({
  reason: z.string().max(200).default("no reason given").describe("Why, in one sentence; goes to the audit trail"),
});

export const pause = defineCommand<typeof options, Needs>({
  name: "pause",
  summary: "Stop opening positions at once; stops and exits keep working",
  options,
  access: { role: "operator", urgency: "safe" },
  examples: ["/pause", "/pause going on holiday"],
  aliases: ["halt"],
  async run({ needs, actor, inboxId, options: { reason } }) {
    const raised = await raiseLevel(needs, "pause", { actor, reason, inboxId });
    void cancelEntries(needs, "paused").catch((error: unknown) =>
      needs.log.error("Entries could not all be canceled; reconciling goes on with it", { error: String(error) }),
    );
    const held = heldPositions(needs.ledger.books()).length;
    const leaving =
      raised.mayStillLeave.length === 0
        ? "No entry can leave any more."
        : `May still be leaving: ${raised.mayStillLeave.join(", ")}; they are canceled as soon as the venue shows them.`;
    const isSame = raised.from === raised.to;
    const books = needs.ledger.books();
    return changeCard(
      books,
      {
        title: isSame ? `Already at ${raised.to}` : "Paused",
        tone: "warning",
        lines: [leaving],
        now: raised.to === "pause" ? "paused: nothing new is opened" : `at level ${raised.to}: nothing new is opened`,
        fields: [
          { name: "Scope", value: `everything of account ${needs.settings.account} at ${needs.settings.venue}` },
          { name: "Done", value: `${countText(raised.voided, "open request")} canceled, entries stopped` },
        ],
        running: `${countText(held, "position")} with stops and targets, monitoring, summaries`,
        notDone: "no position was closed; /flatten does that",
        undo: "/resume REASON",
        actor: isSame ? books.house.levelBy : actor,
      },
      raised.recorded,
    );
  },
});

const countText = (count: number, what: string): string => `${count} ${what}${count === 1 ? "" : "s"}`;
