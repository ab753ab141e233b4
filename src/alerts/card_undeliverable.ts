import { capital } from "../core/alert_words.ts";
import { chatKey } from "../core/books_people.ts";
import type { Chat, FactOf } from "../core/events.ts";
import { defineAlert } from "../define/alert.ts";

/** Told in every chat but the one that refused; a refusal of this very card wakes nobody, or it would go on for ever. */
export const cardUndeliverable = defineAlert({
  name: "card_undeliverable",
  summary: "A chat refused a message even as plain text, or a request; it is told in the others",
  severity: "critical",
  wakesOn: ["card_dropped", "prompt_refused"],
  foldKey({ fact }) {
    if (fact.type === "prompt_refused") return fact.promptId;
    return fact.refused === undefined || fact.refused.alert === "card_undeliverable" ? null : fact.cardId;
  },
  quietMinutes: 10,
  labels({ fact }) {
    const chat = chatOf(fact);
    return chat === undefined ? {} : { chat: chatKey(chat) };
  },
  labelNames: ["chat"],
  isVital: () => true,
  render({ fact }) {
    const platform = capital(chatOf(fact)?.platform ?? "a chat");
    const isRequest = fact.type === "prompt_refused";
    return {
      title: isRequest ? "A request can't be shown" : "A message could not be delivered",
      tone: "critical",
      lines: isRequest
        ? [`${platform} refuses its text: ${fact.because.replace(/\.+$/, "")}.`, `It asks: ${fact.title}`]
        : [
            `${platform} refused it twice: ${fact.because}.`,
            `It said: ${fact.refused?.title ?? "nothing that is known"}`,
          ],
      fields: [],
      footer: isRequest
        ? "It can be answered in every other chat and at the desk; that one is tried again."
        : "The whole message is on record.",
      chart: null,
    };
  },
});

function chatOf(fact: FactOf<"card_dropped" | "prompt_refused">): Chat | undefined {
  return fact.type === "prompt_refused" ? fact.chat : fact.refused?.chat;
}
