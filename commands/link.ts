import { z } from "zod";
import { personBehind } from "../src/core/books_people.ts";
import { plainCard } from "../src/core/card.ts";
import { changeCard } from "../src/core/change_card.ts";
import type { Chat } from "../src/core/events.ts";
import { defineCommand } from "../src/define/command.ts";
import { answerStranger } from "../src/flows/answer_stranger.ts";
import { issueCode, linkProblemTexts, useCode } from "../src/flows/link_people.ts";
import type { Needs } from "../src/flows/needs.ts";
import { showPrompts } from "../src/flows/show_prompts.ts";

const options = z.object({
  code: z.string().max(40).default("").describe("The one-time code; empty on a linked chat makes a new one"),
});

export const link = defineCommand<typeof options, Needs>({
  name: "link",
  summary: "Link this chat with a one-time code, or make one; without a code it asks the owner",
  options,
  access: { role: "anyone", urgency: "reads" },
  isSecret: true,
  examples: ["/link", "/link 3fQ0yV8kTz1LwPpA"],
  async run({ needs, origin, options: { code } }) {
    const person = personBehind(needs.ledger.books().people, origin.platform, origin.userId);
    if (code === "") {
      if (person === null) return answerStranger(needs, origin);
      if (!origin.isPrivate && origin.platform !== "desk")
        return plainCard("warning", "Codes are made in private only.", [
          "Ask for one on the desk or in a direct message.",
        ]);
      const made = await issueCode(needs, person.personId, `person:${person.personId}`);
      return {
        title: "One-time link code",
        tone: "info",
        lines: [`Send this in the chat that you want to link: /link ${made}`],
        fields: [{ name: "Links", value: `${person.name}, role ${person.role}` }],
        footer: "Valid for 15 minutes, once.",
        chart: null,
        isSecret: true,
      };
    }
    const linked = await useCode(needs, code, {
      platform: origin.platform,
      userId: origin.userId,
      chat: { platform: origin.platform, chatId: origin.chatId, threadId: origin.threadId ?? null },
    });
    if (!linked.ok)
      return plainCard("warning", linkProblemTexts[linked.problem], ["Type /link on the desk for a new one."]);
    void showPrompts(needs).catch((error: unknown) =>
      needs.log.warn("Open prompts could not be shown at once", { error: String(error) }),
    );
    const { name, role, personId, before } = linked.value;
    return changeCard(
      needs.ledger.books(),
      {
        title: `Linked: ${name}`,
        lines: [
          "Prompts, alerts and the daily summary come here from now on. /help shows what you can say.",
          ...(before === null ? [] : [movedText(before)]),
        ],
        now: "this chat speaks for you",
        fields: [{ name: "Role", value: role }],
        running: before === null ? "your other chats, as before" : "your other accounts, as before",
        notDone: "the code counts no more; no other account is linked by it",
        undo: `/unlink ${origin.platform} ${origin.userId}, by an owner`,
        actor: `person:${personId}`,
      },
      { since: needs.clock.wall(), seq: linked.value.seq },
    );
  },
});

/** An account is reached in one chat: the newer one takes the place of the older. */
function movedText({ platform, chatId, threadId }: Chat): string {
  const isDirect = chatId.startsWith("user:") || (platform === "telegram" && !chatId.startsWith("-"));
  const where = isDirect ? "our private chat" : `the chat ${chatId}${threadId === null ? "" : `, topic ${threadId}`}`;
  return `They came to ${where} until now and do so no more: an account is reached in one chat. A code from /link, sent there, takes them back.`;
}
