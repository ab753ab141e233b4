import { z } from "zod";
import { linkKey, lockedOutWithout } from "../src/core/books_people.ts";
import { plainCard } from "../src/core/card.ts";
import { defineCommand } from "../src/define/command.ts";
import type { Needs } from "../src/flows/needs.ts";
import { recordFacts } from "../src/flows/record.ts";

const options = z.object({
  platform: z.enum(["telegram", "discord", "desk"]).describe("Where the account is"),
  user: z.string().min(1).max(40).describe("Its numeric id; on the desk the person"),
});

export const unlink = defineCommand<typeof options, Needs>({
  name: "unlink",
  summary: "Take all power from one chat account, at once",
  options,
  access: { role: "owner", urgency: "safe" },
  examples: ["/unlink telegram 123456789"],
  async run({ needs, actor, options: { platform, user } }) {
    const link = needs.ledger.books().people.links[linkKey(platform, user)];
    if (link === undefined) {
      const known = Object.values(needs.ledger.books().people.links).map((one) => `${one.platform} ${one.userId}`);
      return plainCard("warning", `No account ${user} is linked on ${platform}.`, [`Linked: ${known.join(", ")}`]);
    }
    if (lockedOutWithout(needs.ledger.books().people, { links: [linkKey(platform, user)] }))
      return plainCard("warning", "That would leave no owner with a linked account.", [
        "Link another one first: /link",
      ]);
    await recordFacts(needs, actor, [{ type: "chat_unlinked", platform, userId: user, reason: "/unlink" }]);
    return {
      title: `Unlinked: ${platform} ${user}`,
      tone: "ok",
      lines: ["Its buttons and commands count for nothing from this moment."],
      fields: [{ name: "Was", value: link.personId }],
      footer: `By ${actor} · a one-time code from /link brings it back`,
      chart: null,
    };
  },
});
