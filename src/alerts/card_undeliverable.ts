import { capital } from "../core/alert_words.ts";
import { chatKey } from "../core/books_people.ts";
import { defineAlert } from "../define/alert.ts";

/** Told in every chat but the one that refused; a refusal of this very card wakes nobody, or it would go on for ever. */
export const cardUndeliverable = defineAlert({
  name: "card_undeliverable",
  summary: "A chat refused a message even as plain text; it is told in the others",
  severity: "critical",
  wakesOn: ["card_dropped"],
  foldKey: ({ fact }) =>
    fact.refused === undefined || fact.refused.alert === "card_undeliverable" ? null : fact.cardId,
  quietMinutes: 10,
  labels: ({ fact }) => (fact.refused === undefined ? {} : { chat: chatKey(fact.refused.chat) }),
  isVital: () => true,
  render: ({ fact }) => ({
    title: "A message could not be delivered",
    tone: "critical",
    lines: [
      `${capital(fact.refused?.chat.platform ?? "a chat")} refused it twice: ${fact.because}.`,
      `It said: ${fact.refused?.title ?? "nothing that is known"}`,
    ],
    fields: [],
    footer: "The whole message is on record.",
    chart: null,
  }),
});
