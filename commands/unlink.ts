import { z } from "zod";
import { linkKey, lockedOutWithout } from "../src/core/books_people.ts";
import { type Card, plainCard } from "../src/core/card.ts";
import { changeCard } from "../src/core/change_card.ts";
import { defineCommand } from "../src/define/command.ts";
import { accountCandidates } from "../src/flows/candidates.ts";
import type { Needs } from "../src/flows/needs.ts";
import { draft, record } from "../src/flows/record.ts";

const options = z.object({
  platform: z.enum(["telegram", "discord", "desk"]).describe("Where the account is"),
  user: z.string().min(1).max(40).describe("Its numeric id; on the desk the person"),
});

export const unlink = defineCommand<typeof options, Needs>({
  name: "unlink",
  summary: "Take all power from one chat account, at once",
  options,
  access: { role: "owner", urgency: "safe" },
  candidates: { user: accountCandidates },
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
    return record<Card>(needs, (books, { wallAt }) => {
      const fact = { type: "chat_unlinked", platform, userId: user, reason: "/unlink" } as const;
      const name = books.people.persons[link.personId]?.name ?? link.personId;
      const left = Object.values(books.people.links).filter((one) => one.personId === link.personId).length - 1;
      const card = changeCard(
        books,
        {
          title: `Unlinked: ${platform} ${user}`,
          lines: [
            "Its buttons and commands count for nothing from this moment.",
            ...(link.origin === "settings" ? ["The settings file names it; it stays out after a restart too."] : []),
          ],
          now: `${name}: ${left === 0 ? "no account linked" : `${left} more linked`}`,
          fields: [{ name: "Was", value: `an account of ${name}` }],
          running: "open requests, other accounts and everybody else",
          notDone: "no order that was signed before is taken back",
          undo: "a one-time code from /link brings it back",
          actor,
        },
        { since: wallAt, seq: books.seq + 1 },
      );
      return { drafts: [draft(actor, fact)], value: card };
    });
  },
});
