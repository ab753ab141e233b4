import { z } from "zod";
import { type Card, plainCard } from "../src/core/card.ts";
import { changeCard } from "../src/core/change_card.ts";
import { lengthText } from "../src/core/facts.ts";
import { defineCommand } from "../src/define/command.ts";
import { type Lowered, resumeTrading } from "../src/flows/lower_level.ts";
import type { Needs } from "../src/flows/needs.ts";
import { showPrompts } from "../src/flows/show_prompts.ts";

const options = z.object({
  reason: z
    .string()
    .min(5, "say why in at least five letters")
    .max(200)
    .describe("Why it is safe to trade again; begin with override: to leave a flatten that is not verified"),
});

export const resume = defineCommand<typeof options, Needs>({
  name: "resume",
  summary: "Allow new positions again; needs a reason. Breakers are closed by /reset",
  options,
  access: { role: "approver", urgency: "adds_risk" },
  aliases: ["unpause"],
  examples: ["/resume back at my desk, venue looks fine", "/resume override: sold it all by hand"],
  // After a pause one person's phrase; after everything was sold a code too.
  proof: ({ needs }) => {
    const { level } = needs.ledger.books().house;
    return level === "flatten" || level === "emergency" ? "phrase_and_code" : "phrase";
  },
  async run({ needs, actor, options: { reason } }) {
    const isOverride = /^override\s*:/i.test(reason);
    const resumed = await resumeTrading(needs, { actor, reason, isOverride });
    if (resumed.kind === "asked")
      void showPrompts(needs).catch((error: unknown) =>
        needs.log.warn("The question could not be shown at once", { error: String(error) }),
      );
    return resumedCard(needs, resumed, { actor, reason });
  },
});

/** Also the answer of /resolve where it overrides. */
export function resumedCard(needs: Needs, resumed: Lowered, by: { actor: string; reason: string }): Card {
  const books = needs.ledger.books();
  switch (resumed.kind) {
    case "nothing":
      return plainCard("info", "Nothing was halted", breakerLines(resumed.breakers));
    case "refused":
      return plainCard("warning", "Not resumed", [`${capital(resumed.because)}.`]);
    case "asked":
      return changeCard(
        books,
        {
          title: resumed.isAlone ? "Waiting" : "A second person is asked",
          tone: "waiting",
          lines: [
            resumed.isAlone
              ? `Trading goes on in ${lengthText(resumed.waitMs)} unless somebody declines; every chat shows it.`
              : `Somebody else must approve within ${lengthText(resumed.waitMs)}; until then nothing changes.`,
          ],
          now: `still at level ${books.house.level}`,
          running: "monitoring, stops, summaries",
          notDone: "nothing new is opened yet",
          undo: "Decline under the question",
          actor: by.actor,
        },
        resumed.recorded,
      );
    case "lowered":
      return changeCard(
        books,
        {
          title: "Trading again",
          tone: resumed.breakers.length === 0 ? "ok" : "warning",
          lines:
            resumed.breakers.length === 0
              ? ["The next cycle may ask for new positions."]
              : breakerLines(resumed.breakers),
          now: resumed.breakers.length === 0 ? "trading" : "no level in force; breakers stand",
          fields: [
            { name: "Was at", value: resumed.from },
            { name: "Reason", value: by.reason },
          ],
          running: "monitoring, stops, summaries, as before",
          notDone: "nothing that was sold or canceled comes back; breakers are closed by /reset",
          undo: "/pause",
          actor: by.actor,
        },
        resumed.recorded,
      );
    default:
      return resumed satisfies never;
  }
}

const breakerLines = (keys: readonly string[]): string[] =>
  keys.map((key) => `The breaker ${key} stands; /reset ${key} REASON closes it once its cause is gone.`);

const capital = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
