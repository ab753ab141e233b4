import { z } from "zod";
import { type Card, plainCard } from "../src/core/card.ts";
import { noAuthenticator } from "../src/core/question.ts";
import { defineCommand } from "../src/define/command.ts";
import { checkCode, confirmAuthenticator, offerAuthenticator } from "../src/flows/enrol_authenticator.ts";
import type { Needs } from "../src/flows/needs.ts";

const options = z.object({
  code: z
    .string()
    .max(20)
    .default("")
    .describe("The first code of a new app; replace CODE puts a new app in place of the old"),
});

export const code = defineCommand<typeof options, Needs>({
  name: "code",
  summary: "Set up your authenticator app at the desk, for what takes more than a tap",
  options,
  // Whoever may reset a breaker may be asked for a code.
  access: { role: "operator", urgency: "reads" },
  isSecret: true,
  examples: ["/code", "/code 123456", "/code replace 123456"],
  async run({ needs, personId, origin, options: { code: typed } }) {
    if (!origin.isPrivate && origin.platform !== "desk")
      return plainCard("warning", "Codes are never given in a group.", ["Do this at the desk."]);
    if (personId === null) return plainCard("warning", "Only a linked person has an app.");
    const digits = typed.replace(/\D/g, "");
    const isReplacing = /^replace\b/i.test(typed.trim());
    if (digits !== "" && !isReplacing) return confirmAuthenticator(needs, personId, digits);
    if (origin.platform !== "desk")
      return plainCard("warning", "A new app is set up at the desk only.", [
        "Its secret must not travel through a chat.",
      ]);
    const app = needs.ledger.books().authenticators[personId] ?? noAuthenticator;
    if (app.sealed === null) return offered(needs, personId);
    if (!isReplacing || digits === "")
      return plainCard("info", "Your authenticator app is set up.", [
        "For a new one type /code replace and a code of the old one.",
        `Lost it? Start the bot once with --authenticator ${personId}.`,
      ]);
    const checked = await checkCode(needs, personId, digits);
    if (checked === "right") return offered(needs, personId);
    return plainCard(
      "warning",
      checked === "locked" ? "Too many wrong codes; wait a quarter of an hour." : "That code is wrong.",
    );
  },
});

async function offered(needs: Needs, personId: string): Promise<Card> {
  const made = await offerAuthenticator(needs, { personId, actor: `person:${personId}` });
  if (made === null) return plainCard("warning", "This house has no way to keep the secret of an app.");
  return {
    ...plainCard("waiting", "Scan this with your authenticator app", [
      "Then type /code and the six digits that it shows. The old app, if any, counts until then.",
    ]),
    fields: [{ name: "Can't scan", value: made.secret }],
    footer: "Shown once, valid for 10 minutes.",
    qr: made.picture,
    isSecret: true,
  };
}
