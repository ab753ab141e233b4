/** The answer to /flatten and /emergency: what it reaches, what is done, what is left, what was not done, how to undo it. */
import type { Card } from "../core/card.ts";
import type { KillProcedure } from "../core/kill.ts";
import { heldPositions } from "../core/portfolio.ts";
import { requestFlatten } from "./flatten.ts";
import { startFlatten } from "./flatten_procedure.ts";
import { cancelEntries, type Raised, raiseLevel } from "./halt_trading.ts";
import type { Needs } from "./needs.ts";
import { showPrompts } from "./show_prompts.ts";

/** Halts at once, asks for the confirming tap, and lets the procedure go to work. Never waits for a venue or a chat. */
export async function haltAndAsk(
  needs: Needs,
  to: "flatten" | "emergency",
  by: { actor: string; reason: string },
): Promise<Card> {
  const before = needs.ledger.books().house.kill;
  const raised = await raiseLevel(needs, to, by);
  void cancelEntries(needs, to).catch((error: unknown) =>
    needs.log.error("Entries could not all be canceled; the kill procedure goes on with it", { error: String(error) }),
  );
  const kill = needs.ledger.books().house.kill;
  const isSelling = kill?.confirmedAt != null;
  const asked = isSelling ? null : await requestFlatten(needs, by.actor);
  startFlatten(needs);
  void showPrompts(needs).catch((error: unknown) =>
    needs.log.warn("The question could not be shown at once", { error: String(error) }),
  );
  return cardOf(needs, { raised, before, kill, asked, actor: by.actor });
}

type Told = {
  readonly raised: Raised;
  readonly before: KillProcedure | null;
  readonly kill: KillProcedure | null;
  readonly asked: string | null;
  readonly actor: string;
};

function cardOf(needs: Needs, { raised, before, kill, asked, actor }: Told): Card {
  const { settings } = needs;
  const held = heldPositions(needs.ledger.books()).length;
  const count = `${held} position${held === 1 ? "" : "s"}`;
  const isSelling = kill?.confirmedAt != null;
  const procedure =
    before === null ? "begun" : raised.from === raised.to ? "under way already" : `taken over from ${before.level}`;
  const leaving =
    raised.mayStillLeave.length === 0
      ? []
      : [
          `May still be leaving: ${raised.mayStillLeave.join(", ")}; they are canceled as soon as the venue shows them.`,
        ];
  const silence = kill?.level === "emergency" ? settings.kill.emergencyOnSilence : settings.kill.flattenOnSilence;
  const question =
    asked === null
      ? isSelling
        ? `${count} being sold.`
        : "No position is open; nothing to sell."
      : `The exact list of ${count} waits for one confirming tap.`;
  return {
    title: raised.to === "emergency" ? "Emergency" : "Halted",
    tone: "critical",
    lines: [question, ...leaving],
    fields: [
      { name: "Scope", value: `account ${settings.account} at ${settings.venue}, ${count}; procedure ${procedure}` },
      {
        name: "Done",
        value: `new entries are impossible, ${raised.voided} request${raised.voided === 1 ? "" : "s"} canceled, working entries being canceled`,
      },
      { name: "Left", value: leftText(asked, isSelling, silence) },
      {
        name: "Not done",
        value: "protective stops stay until each position is sold; other orders of this account are never touched",
      },
      {
        name: "Undo",
        value: isSelling ? "/resume REASON, once it is verified flat" : "/resume REASON (before you confirm)",
      },
    ],
    footer: `By ${actor} · fact ${needs.ledger.books().seq}`,
    chart: null,
  };
}

function leftText(asked: string | null, isSelling: boolean, sellsOnSilence: boolean): string {
  if (isSelling) return "selling, then two looks at the venue that prove it flat";
  if (asked === null) return "two looks at the venue that prove it flat";
  return sellsOnSilence
    ? "tap Approve on the list to sell; silence for 30 s sells too, Decline stops it"
    : "tap Approve on the list to sell; silence sells nothing";
}
