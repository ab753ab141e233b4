/**
 * One card as each platform gets it, as text that a person can read:
 *
 *   desk      what the page is given, one fact a line
 *   telegram  the HTML of the message and its keyboard
 *   discord   the JSON of the message: content, embed, rows of buttons
 *
 * What the platforms would refuse is no golden text: both strict servers look at it first.
 */
import { buttonRows, renderDiscord } from "../../src/adapters/discord/render.ts";
import { keyboard, renderTelegram } from "../../src/adapters/telegram/render.ts";
import { type Button, type Card, pictureOf } from "../../src/core/card.ts";
import type { Form } from "../../src/ports/messenger.ts";
import { checkMessage } from "../servers/discord/message_form.ts";
import type { Json } from "../servers/discord/refusal.ts";
import { parseText } from "../servers/telegram/entities.ts";

export type Shown = {
  /** What had happened when it was shown: "told", "acknowledged", "over". */
  readonly when: string;
  readonly card: Card;
  readonly buttons: readonly Button[];
  readonly form?: Form;
};

export function drawAll(shown: readonly Shown[]): string {
  return `${shown.map(drawOne).join("\n\n")}\n`;
}

function drawOne(one: Shown): string {
  return [
    `=== ${one.when}`,
    `--- desk\n${deskText(one)}`,
    `--- telegram\n${telegramText(one)}`,
    `--- discord\n${discordText(one)}`,
  ].join("\n");
}

/** Also what is read aloud when a text is judged: no marks of any platform. */
export function deskText({ card, buttons, form }: Shown): string {
  const picture = pictureOf(card);
  return [
    `[${card.tone}] ${card.title}`,
    ...card.lines,
    ...card.fields.map(({ name, value }) => `${name}: ${value}`),
    ...(card.footer === null ? [] : [card.footer]),
    ...(picture === null ? [] : [`(picture: ${picture.kind})`]),
    ...(buttons.length === 0 ? [] : [buttons.map(({ label }) => `[${label}]`).join(" ")]),
    ...(form === undefined ? [] : form.fields.map(({ label, hint }) => `<${label}: ${hint}>`)),
  ].join("\n");
}

function telegramText({ card, buttons }: Shown): string {
  const { html } = renderTelegram(card);
  parseText(html, "HTML");
  const rows = keyboard(withTokens(buttons)).inline_keyboard;
  return [html, ...rows.map((row) => row.map(({ text }) => `[${text}]`).join(" "))].join("\n");
}

function discordText({ card, buttons }: Shown): string {
  const drawn = renderDiscord(card);
  const rows = buttonRows(withTokens(buttons));
  checkMessage({ ...drawn, components: rows } as unknown as Json, { mayBeEmpty: false });
  const components = rows.map((row) => row.components.map(({ label, style }) => `${label} (style ${style})`));
  return JSON.stringify({ ...drawn, ...(rows.length === 0 ? {} : { components }) }, null, 2);
}

/** A token is chance; what stands on the button is not. */
const withTokens = (buttons: readonly Button[]): readonly Button[] =>
  buttons.map((button, index) => ({ ...button, token: String(index).padStart(16, "0") }));
