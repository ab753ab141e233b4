/** What a card is to the reader, told from the card alone. Pure. */
import type { CardMessage, MessageView } from "../../src/adapters/desk/contract.ts";

export type CardKind = "prompt" | "alert" | "reply" | "note";

/** Something to be signed, open or closed: it offers a yes, counts down, or shows the order's chart. */
export function kindOf({ card, buttons, isPrivate }: CardMessage): CardKind {
  if (isPrivate) return "reply";
  if (buttons.some(({ style }) => style === "yes") || card.expiresAt !== undefined || card.chart !== null)
    return "prompt";
  return card.tone === "warning" || card.tone === "critical" ? "alert" : "note";
}

export function isOpenPrompt(message: MessageView): message is CardMessage {
  return message.kind === "card" && message.buttons.some(({ style }) => style === "yes");
}
