import { z } from "zod";
import { heldPositions } from "../src/core/portfolio.ts";
import { defineCommand } from "../src/define/command.ts";
import { requestFlatten } from "../src/flows/flatten.ts";
import { cancelEntries, raiseLevel } from "../src/flows/halt_trading.ts";
import type { Needs } from "../src/flows/needs.ts";
import { showPrompts } from "../src/flows/show_prompts.ts";

const options = z.object({
  reason: z.string().max(200).default("no reason given").describe("Why, in one sentence; goes to the audit trail"),
});

export const flatten = defineCommand<typeof options, Needs>({
  name: "flatten",
  summary: "Halt new positions at once, then close everything after one confirming tap",
  options,
  access: { role: "operator", urgency: "safe" },
  examples: ["/flatten", "/flatten exchange acts strangely"],
  async run({ needs, actor, options: { reason } }) {
    const raised = await raiseLevel(needs, "flatten", { actor, reason });
    void cancelEntries(needs, "flatten").catch((error: unknown) =>
      needs.log.error("Entries could not all be canceled; reconciling goes on with it", { error: String(error) }),
    );
    const held = heldPositions(needs.ledger.books()).length;
    const asked = await requestFlatten(needs, actor);
    void showPrompts(needs).catch((error: unknown) =>
      needs.log.warn("The question could not be shown at once", { error: String(error) }),
    );
    return {
      title: "Halted",
      tone: "critical",
      lines: [
        asked === null
          ? "No position is open; nothing to sell."
          : `The exact list of ${held} position${held === 1 ? "" : "s"} waits for one confirming tap.`,
      ],
      fields: [
        {
          name: "Done",
          value: `new entries are impossible, ${raised.voided} request${raised.voided === 1 ? "" : "s"} canceled, working entries being canceled`,
        },
        { name: "Left", value: asked === null ? "nothing" : "tap Approve on the list to sell" },
        {
          name: "Not done",
          value: "protective stops stay until each position is sold; other orders of this account are never touched",
        },
        { name: "Undo", value: "/resume REASON (before you confirm)" },
      ],
      footer: `By ${actor} · fact ${needs.ledger.books().seq}`,
      chart: null,
    };
  },
});
