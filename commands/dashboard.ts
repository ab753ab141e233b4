import { z } from "zod";
import { plainCard } from "../src/core/card.ts";
import { defineCommand } from "../src/define/command.ts";
import { issueCode } from "../src/flows/link_people.ts";
import type { Needs } from "../src/flows/needs.ts";

const options = z.object({});

export const dashboard = defineCommand<typeof options, Needs>({
  name: "dashboard",
  aliases: ["desk", "web"],
  summary: "A link that opens the desk in your browser, once, within 15 minutes",
  options,
  access: { role: "viewer", urgency: "reads" },
  isSecret: true,
  examples: ["/dashboard"],
  async run({ needs, personId, origin }) {
    const person = needs.ledger.books().people.persons[personId ?? ""];
    if (person === undefined) return plainCard("warning", "Only a linked person can open the desk.");
    if (!origin.isPrivate) return plainCard("warning", "The link is yours alone: ask for it in our private chat.");
    const address = needs.deskAddress?.() ?? null;
    if (address === null) return plainCard("warning", "This house has no desk that listens at present.");
    const code = await issueCode(needs, person.personId, `person:${person.personId}`);
    const link = `${address}/#code=${code}`;
    const isHere = /^http:\/\/(127\.0\.0\.1|localhost|\[::1\])(:|$)/.test(address);
    return {
      title: "Your link to the desk",
      tone: "info",
      lines: [link],
      link,
      fields: [
        { name: "Opens", value: `the desk as ${person.name}, role ${person.role}` },
        { name: "Counts", value: "once, for 15 minutes; whoever has it signs in as you" },
        ...(isHere
          ? [{ name: "Where", value: "in a browser on the machine of the bot; set DESK_URL to reach it from a phone" }]
          : []),
      ],
      footer: "End a session at the desk, under your name.",
      chart: null,
      isSecret: true,
    };
  },
});
