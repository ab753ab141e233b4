/** What a chat was told outside of its lanes is paid for, and a picture on Telegram like a message. */
import { expect, test } from "vitest";
import { chatKey } from "../../src/core/books_people.ts";
import { plainCard } from "../../src/core/card.ts";
import type { Chat } from "../../src/core/events.ts";
import { chargeChat, chargePicture } from "../../src/flows/charge_chat.ts";
import { makeMemory } from "../../src/flows/memory.ts";
import type { Needs } from "../../src/flows/needs.ts";
import { pictured, summary } from "../fixtures/pictured_cards.ts";

const chatOn = (platform: Chat["platform"]): Chat => ({ platform, chatId: "1", threadId: null });
const words = plainCard("info", "Words");

test.each([
  ["words on Telegram", "telegram", words, 1],
  ["a prompt with a picture on Telegram", "telegram", pictured, 2],
  ["a summary with a picture on Telegram", "telegram", summary, 2],
  ["an edit on Telegram", "telegram", null, 1],
  ["a picture inside its message on Discord", "discord", pictured, 1],
] as const)("%s", (_, platform, card, messages) => {
  const needs = { memory: makeMemory(), clock: { mono: () => 0 } } as unknown as Needs;
  const chat = chatOn(platform);
  const left = () => needs.memory.telling.buckets.get(chatKey(chat))?.tokens ?? 0;
  chargePicture(needs, chat, words);
  expect(left()).toBe(0);
  chargeChat(needs, chat, null);
  const before = left();
  chargeChat(needs, chat, card);
  expect(before - left()).toBe(messages);
});
