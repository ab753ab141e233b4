/**
 * Draws a card as a Discord message: the title as content, so that a phone's notification says what it is about (embeds are
 * not shown there), and all the rest as one embed. Pure; people approve what this prints.
 *
 *   content      mark of the tone, title
 *   description  free sentences: the first to be shortened; then how long the prompt counts, counted down by Discord itself
 *   fields       at most 25; what doesn't fit is owned up to in the last one
 *   footer       status, who, when: always kept
 */
import { assert } from "../../core/assert.ts";
import { type Button, buttonPrefix, type Card, type CardField, type Tone } from "../../core/card.ts";
import { cutText, oneLine } from "../../core/clean_text.ts";
import { escapeMarkdown } from "./markdown.ts";

/** Discord's limits, in characters; we count UTF-16 units, which is never too little. */
export const contentMax = 2_000;
export const embedMax = 6_000;
export const descriptionMax = 4_096;
export const fieldsMax = 25;
const nameMax = 256;
const valueMax = 1_024;
const titleMax = 400;
const footerMax = 600;
const labelMax = 80;
const rowLength = 5;
const buttonsMax = 25;
const leftOut = "… shortened: the desk shows all of it";

const tones: Readonly<Record<Tone, { mark: string; color: number }>> = {
  ok: { mark: "✅", color: 0x2e9e5b },
  info: { mark: "ℹ️", color: 0x3b82c4 },
  waiting: { mark: "⏳", color: 0xe0a526 },
  warning: { mark: "⚠️", color: 0xe07b26 },
  critical: { mark: "🚨", color: 0xd03a3a },
  closed: { mark: "⚪", color: 0x8a8f98 },
};

type EmbedField = { name: string; value: string; inline: boolean };

export type DiscordEmbed = {
  readonly color: number;
  readonly description?: string;
  readonly fields?: readonly EmbedField[];
  readonly footer?: { readonly text: string };
  readonly image?: { readonly url: string };
};

export type DiscordText = { readonly content: string; readonly embeds: readonly DiscordEmbed[] };

export function renderDiscord(card: Card): DiscordText {
  // A footer knows no markdown: a backslash there would be seen.
  const footer = card.footer === null ? "" : cutText(oneLine(card.footer), footerMax);
  const { fields, size } = drawFields(card.fields, embedMax - footer.length);
  const room = Math.min(descriptionMax, embedMax - footer.length - size);
  const description = drawLines(card, room);
  const embed: DiscordEmbed = {
    color: tones[card.tone].color,
    ...(description === "" ? {} : { description }),
    ...(fields.length === 0 ? {} : { fields }),
    ...(footer === "" ? {} : { footer: { text: footer } }),
  };
  return { content: titleOf(card), embeds: Object.keys(embed).length === 1 ? [] : [embed] };
}

/** The same words as bare content, for the day Discord refuses our embed; at most 2,000 characters. */
export function renderPlain(card: Card): { readonly content: string; readonly embeds: readonly never[] } {
  const encode = (text: string) => escapeMarkdown(oneLine(text));
  const fields = card.fields.map((field) => `${encode(field.name)}: ${encode(field.value) || "–"}`);
  const footer = card.footer === null ? [] : [cutText(oneLine(card.footer), footerMax, escapeMarkdown)];
  // The facts and the status stand before the sentences: they are what must survive a cut.
  const parts = [
    titleOf(card),
    ...footer,
    ...fields,
    ...card.lines.map((line) => (isLinkOf(card, line) ? line : encode(line))),
  ];
  const kept: string[] = [];
  let room = contentMax - leftOut.length - 1;
  for (const part of parts) {
    if (part.length + 1 > room) {
      kept.push(leftOut);
      break;
    }
    kept.push(part);
    room -= part.length + 1;
  }
  return { content: kept.join("\n"), embeds: [] };
}

function titleOf(card: Card): string {
  return `${tones[card.tone].mark} **${cutText(oneLine(card.title) || "…", titleMax, escapeMarkdown)}**`;
}

function drawFields(all: readonly CardField[], room: number): { fields: EmbedField[]; size: number } {
  const fields: EmbedField[] = [];
  let size = 0;
  for (const [at, field] of all.entries()) {
    const drawn = drawField(field);
    const length = drawn.name.length + drawn.value.length;
    const isLast = at === all.length - 1;
    const isFull = fields.length === fieldsMax - 1 && !isLast;
    if (isFull || size + length + leftOut.length + 40 > room) {
      const missing = { name: `${all.length - at} more`, value: leftOut, inline: false };
      return { fields: [...fields, missing], size: size + missing.name.length + missing.value.length };
    }
    fields.push(drawn);
    size += length;
  }
  return { fields, size };
}

function drawField(field: CardField): EmbedField {
  const name = cutText(oneLine(field.name), nameMax, escapeMarkdown);
  const value = cutText(oneLine(field.value), valueMax, escapeMarkdown);
  // Discord refuses an empty name or value.
  return { name: name || "–", value: value || "–", inline: value.length <= 32 };
}

/** An address that may be tapped: of a form that can hold no markup, and shorter than any message. */
const isLinkOf = ({ link }: Card, line: string): boolean =>
  line === link && /^https?:\/\/[\w.:/#=-]{1,300}$/.test(line);

function drawLines(card: Card, most: number): string {
  const until = card.expiresAt === undefined ? null : Math.floor(card.expiresAt / 1_000);
  const counts = until === null ? "" : `Counts until <t:${until}:T>, <t:${until}:R>`;
  let room = most - counts.length - 1;
  const lines: string[] = [];
  for (const line of card.lines) {
    const text = isLinkOf(card, line) ? line : cutText(oneLine(line), room - 1, escapeMarkdown);
    if (text === "") continue;
    lines.push(text);
    room -= text.length + 1;
  }
  if (counts !== "" && most > counts.length) lines.push(counts);
  return lines.join("\n");
}

/** 3 green, 4 red, 2 grey. */
const buttonStyles = { yes: 3, no: 4, plain: 2 } as const;

type ButtonJson = { type: 2; style: 2 | 3 | 4; label: string; custom_id: string };
export type RowJson = { type: 1; components: ButtonJson[] };

/** Rows of at most five. */
export function buttonRows(buttons: readonly Button[]): RowJson[] {
  assert(buttons.length <= buttonsMax, `A message holds at most ${buttonsMax} buttons, got ${buttons.length}.`);
  const rows: RowJson[] = [];
  for (let at = 0; at < buttons.length; at += rowLength) {
    rows.push({ type: 1, components: buttons.slice(at, at + rowLength).map(buttonJson) });
  }
  return rows;
}

function buttonJson(button: Button): ButtonJson {
  assert(/^[A-Za-z0-9_-]{16}$/.test(button.token), "A button's token must be 16 base64url characters.");
  const label = cutText(oneLine(button.label), labelMax) || "…";
  return { type: 2, style: buttonStyles[button.style], label, custom_id: `${buttonPrefix}${button.token}` };
}
