/**
 * Draws a card as Telegram HTML, and as plain text for the day Telegram refuses our HTML. Pure; people approve what this prints.
 *
 *   title     bold, with a mark for the tone
 *   lines     free sentences: the first to be shortened when the card is too long
 *   fields    bold name, plain value: the facts of an order, kept whole before any line is
 *   footer    italic: status, who, when; always kept
 */
import { assert } from "../../core/assert.ts";
import { type Button, buttonPrefix, type Card, type CardField, type Tone } from "../../core/card.ts";
import { cutText, oneLine } from "../../core/clean_text.ts";

/** Telegram counts 4,096 after parsing; we count the markup too, which is never too little. UTF-16 units. */
export const textMax = 4_096;
const titleMax = 400;
const footerMax = 600;
const nameMax = 200;
const valueMax = 1_200;
const labelMax = 64;
const leftOut = "… shortened: the desk shows all of it";

const toneMarks: Readonly<Record<Tone, string>> = {
  ok: "✅",
  info: "ℹ️",
  waiting: "⏳",
  warning: "⚠️",
  critical: "🚨",
  closed: "⚪",
};

type Markup = {
  encode(text: string): string;
  bold(text: string): string;
  italic(text: string): string;
};

function escapeHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}

const asHtml: Markup = { encode: escapeHtml, bold: (text) => `<b>${text}</b>`, italic: (text) => `<i>${text}</i>` };
const asPlain: Markup = { encode: (text) => text, bold: (text) => text, italic: (text) => text };

export type TelegramText = {
  /** For parse_mode HTML; 1 to 4,096 UTF-16 units including markup. */
  readonly html: string;
  /** The same words without markup; 1 to 4,096 UTF-16 units. */
  readonly plain: string;
};

export function renderTelegram(card: Card): TelegramText {
  return { html: draw(card, asHtml), plain: draw(card, asPlain) };
}

function draw(card: Card, markup: Markup): string {
  const piece = (text: string, max: number) => cutText(oneLine(text), max, markup.encode);
  const title = markup.bold(`${toneMarks[card.tone]} ${piece(card.title, titleMax)}`);
  const footer = card.footer === null ? "" : markup.italic(piece(card.footer, footerMax));
  // Three blank lines between the four parts, and room for the sentence that owns up to a cut.
  let room = textMax - title.length - footer.length - leftOut.length - 8;
  const keep = (text: string): boolean => {
    if (text.length + 1 > room) return false;
    room -= text.length + 1;
    return true;
  };
  const fields = card.fields.map((field) => drawField(field, markup)).filter(keep);
  let isCut = fields.length < card.fields.length;
  const lines: string[] = [];
  for (const line of card.lines) {
    const text = cutText(oneLine(line), room - 1, markup.encode);
    isCut ||= text !== markup.encode(oneLine(line));
    if (text === "" || !keep(text)) continue;
    lines.push(text);
  }
  if (isCut) fields.push(leftOut);
  return [title, lines.join("\n"), fields.join("\n"), footer].filter((part) => part !== "").join("\n\n");
}

function drawField(field: CardField, markup: Markup): string {
  const name = cutText(oneLine(field.name), nameMax, markup.encode);
  const value = cutText(oneLine(field.value), valueMax, markup.encode);
  return `${markup.bold(name)}: ${value === "" ? "–" : value}`;
}

type KeyboardButton = { text: string; callback_data: string; style?: "success" | "danger" };

/** Yes and no share the first row; all others follow two in a row, wide enough for a thumb. */
export function keyboard(buttons: readonly Button[]): { inline_keyboard: KeyboardButton[][] } {
  const decisive = buttons.filter((button) => button.style !== "plain").map(keyboardButton);
  const others = buttons.filter((button) => button.style === "plain").map(keyboardButton);
  const rows = [];
  for (const group of [decisive, others]) {
    for (let at = 0; at < group.length; at += 2) rows.push(group.slice(at, at + 2));
  }
  return { inline_keyboard: rows };
}

function keyboardButton(button: Button): KeyboardButton {
  assert(/^[A-Za-z0-9_-]{16}$/.test(button.token), "A button's token must be 16 base64url characters.");
  const base = {
    text: cutText(oneLine(button.label), labelMax) || "…",
    callback_data: `${buttonPrefix}${button.token}`,
  };
  if (button.style === "plain") return base;
  return { ...base, style: button.style === "yes" ? "success" : "danger" };
}
