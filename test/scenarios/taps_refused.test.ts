/** Taps that must not count: of strangers, bots and other chats, and of people who tapped what is no longer true. */
import { expect, test } from "vitest";
import { approvalState, factsOf, play, storyMs, untilProtected } from "./play.ts";
import type { TapChange } from "./scripted_chat.ts";
import type { Stage } from "./stage.ts";

const person = (userId: string, isPerson = true) => ({ userId, displayName: userId, isPerson });

const refused: readonly {
  readonly who: string;
  readonly change: TapChange & { readonly token?: string };
  readonly says: RegExp;
}[] = [
  { who: "[M01] a stranger in the chat", change: { sender: person("999") }, says: /not linked/ },
  { who: "a bot or an anonymous admin", change: { sender: person("111", false) }, says: /Bots/ },
  { who: "a tap through another bot", change: { isInline: true }, says: /other bots/ },
  {
    who: "[M11] a button in another chat",
    change: { chat: { platform: "telegram", chatId: "333", threadId: null } },
    says: /another chat/,
  },
  { who: "[M11] a button that nobody made", change: { token: "AAAAAAAAAAAAAAAA" }, says: /not known any more/ },
];

test.concurrent.each(refused)(
  "$who is refused, and the prompt stays as it is",
  ({ change, says }) =>
    play({}, async (stage) => {
      const id = await stage.ask("SOL/USDT");
      const { seq } = stage.books();
      await stage.telegram.tap("Approve", change);
      await stage.until(() => stage.telegram.toasts.length > 0, "the refusal");
      expect(stage.telegram.toasts[0]).toMatch(says);
      await stage.until(() => stage.books().seq > seq + 1, "the refusal on record");
      expect(await factsOf(stage, "tap_refused")).toHaveLength(1);
      expect(approvalState(stage, id)).toBe("pending");
      expect(stage.telegram.openPrompts()).toHaveLength(1);
    }),
  storyMs,
);

test.concurrent(
  "a viewer may look but not sign",
  () =>
    play(
      {
        settings: (same) => ({
          ...same,
          people: [
            ...same.people,
            {
              personId: "vera",
              name: "vera",
              role: "viewer",
              timeZone: "UTC",
              telegramUserId: "777",
              discordUserId: null,
            },
          ],
        }),
      },
      async (stage) => {
        const id = await stage.ask("SOL/USDT");
        const message = stage.telegram.openPrompts().find((one) => one.chat.chatId === "111");
        await stage.telegram.tap("Approve", { sender: person("777"), ...(message === undefined ? {} : { message }) });
        await stage.until(() => stage.telegram.toasts.length > 0, "the refusal");
        expect(stage.telegram.toasts[0]).toMatch(/viewer/);
        expect(approvalState(stage, id)).toBe("pending");
      },
    ),
  storyMs,
);

const stale: readonly {
  readonly what: string;
  readonly chat: "telegram" | "discord";
  readonly change: TapChange;
  readonly acknowledge?: "stale" | "failed";
}[] = [
  { what: "made while the bot was away", chat: "telegram", change: { arrivedLate: true } },
  { what: "that Discord replays 20 s later", chat: "discord", change: { tappedAt: (Date.now() - 20_000) as never } },
  { what: "that Telegram calls too old", chat: "telegram", change: {}, acknowledge: "stale" },
  { what: "[H07] that Telegram does not confirm", chat: "telegram", change: {}, acknowledge: "failed" },
];

async function tapStale(stage: Stage, label: string, one: (typeof stale)[number]): Promise<void> {
  if (one.acknowledge !== undefined) stage[one.chat].failures.acknowledge.push(one.acknowledge);
  await stage[one.chat].tap(label, one.change);
}

test.concurrent.each(stale)(
  "a yes $what is not counted, and a fresh one is",
  (one) =>
    play({}, async (stage) => {
      const id = await stage.ask("SOL/USDT");
      await tapStale(stage, "Approve", one);
      await stage.until(() => stage[one.chat].messages.some((message) => message.isReply), "the answer");
      expect(stage[one.chat].messages.findLast((message) => message.isReply)?.card.title).toMatch(/^Not counted/);
      expect(approvalState(stage, id)).toBe("pending");
      await stage[one.chat].tap("Approve");
      await untilProtected(stage, "SOL/USDT");
    }),
  storyMs,
);

test.concurrent.each(stale)(
  "a no $what counts",
  (one) =>
    play({}, async (stage) => {
      const id = await stage.ask("SOL/USDT");
      await tapStale(stage, "Decline", one);
      await stage.until(() => approvalState(stage, id) === "declined", "the decline");
    }),
  storyMs,
);
