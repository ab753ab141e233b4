/**
 * Telegram's HTML mode, as strict as the platform: only its own tags, every one closed in order, byte offsets in complaints.
 * Length is counted in UTF-16 units after parsing.
 */
import { badRequest } from "./refusal.ts";

export type Entity = { readonly type: string; readonly offset: number; readonly length: number; readonly url?: string };
export type ParsedText = { readonly text: string; readonly entities: readonly Entity[] };

const entityTypes: Readonly<Record<string, string>> = {
  b: "bold",
  strong: "bold",
  i: "italic",
  em: "italic",
  u: "underline",
  ins: "underline",
  s: "strikethrough",
  strike: "strikethrough",
  del: "strikethrough",
  code: "code",
  pre: "pre",
  a: "text_link",
  "tg-spoiler": "spoiler",
  span: "spoiler",
  "tg-emoji": "custom_emoji",
  blockquote: "blockquote",
};

const namedCharacters: Readonly<Record<string, string>> = { lt: "<", gt: ">", amp: "&", quot: '"' };

export function parseText(raw: string, parseMode: string | undefined): ParsedText {
  if (/\p{Cs}/u.test(raw)) badRequest("strings must be encoded in UTF-8");
  const parsed =
    parseMode === undefined || parseMode === "" ? { text: raw, entities: [] } : parseMarked(raw, parseMode);
  return trimmed({ ...parsed, text: parsed.text.replaceAll("\r", "").replaceAll("\u0000", " ") });
}

function parseMarked(raw: string, parseMode: string): ParsedText {
  // Markdown is real on the platform, but nothing of ours may send it: escaping it safely is too hard.
  if (parseMode.toLowerCase() !== "html") badRequest("unsupported parse_mode");
  return parseHtml(raw);
}

type OpenTag = { readonly name: string; readonly at: number; readonly url: string | null };

type Parsing = { text: string; readonly open: OpenTag[]; readonly entities: Entity[] };

const pieces = /<[^>]*>?|&(?:#x[0-9a-fA-F]{1,6}|#[0-9]{1,7}|[a-z]+);?|&|[^<&]+/g;

function parseHtml(raw: string): ParsedText {
  const parsing: Parsing = { text: "", open: [], entities: [] };
  for (const { 0: piece, index } of raw.matchAll(pieces)) {
    if (piece.startsWith("&")) parsing.text += decode(piece.slice(1).replace(/;$/, "")) ?? piece;
    else if (piece.startsWith("<")) readTag(parsing, piece, Buffer.byteLength(raw.slice(0, index)));
    else parsing.text += piece;
  }
  const unclosed = parsing.open.at(-1);
  if (unclosed !== undefined) complain(`Can't find end tag corresponding to start tag "${unclosed.name}"`);
  const entities = parsing.entities.sort((left, right) => left.offset - right.offset || right.length - left.length);
  return { text: parsing.text, entities };
}

function complain(words: string): never {
  return badRequest(`can't parse entities: ${words}`);
}

function readTag(parsing: Parsing, tag: string, byteOffset: number): void {
  const isClosing = tag.startsWith("</");
  if (!tag.endsWith(">")) complain(`Unclosed ${isClosing ? "end" : "start"} tag at byte offset ${byteOffset}`);
  if (!isClosing) {
    const opened = openTag(tag.slice(1, -1), parsing.text.length, (words) =>
      complain(`${words} at byte offset ${byteOffset}`),
    );
    parsing.open.push(opened);
    return;
  }
  const last = parsing.open.pop();
  if (last === undefined) complain(`Unexpected end tag at byte offset ${byteOffset}`);
  const name = tag.slice(2, -1).trim().toLowerCase();
  if (name !== "" && name !== last.name) {
    complain(`Unmatched end tag at byte offset ${byteOffset}, expected "</${last.name}>", found "</${name}>"`);
  }
  if (parsing.text.length > last.at) parsing.entities.push(entityOf(last, parsing.text.length));
}

function decode(name: string): string | null {
  if (!name.startsWith("#")) return namedCharacters[name] ?? null;
  const code = name.startsWith("#x") ? Number.parseInt(name.slice(2), 16) : Number.parseInt(name.slice(1), 10);
  return code > 0 && code <= 0x10_ffff && (code < 0xd800 || code > 0xdfff) ? String.fromCodePoint(code) : null;
}

function openTag(inside: string, at: number, complain: (words: string) => never): OpenTag {
  const name = (/^[^\s/>]*/.exec(inside)?.[0] ?? "").toLowerCase();
  if (!(name in entityTypes)) complain(`Unsupported start tag "${name}"`);
  const attributes = inside.slice(name.length).trim();
  const attribute = /^([a-z-]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'=<>]+))$/i.exec(attributes);
  if (attributes !== "" && attribute === null && !(name === "blockquote" && attributes === "expandable")) {
    complain(`Expected equal sign in declaration of an attribute of the tag "${name}"`);
  }
  const value = attribute?.[2] ?? attribute?.[3] ?? attribute?.[4] ?? null;
  if (name === "span" && value !== "tg-spoiler") complain('Tag "span" must have class "tg-spoiler"');
  return { name, at, url: name === "a" ? value : null };
}

function entityOf(tag: OpenTag, end: number): Entity {
  const base = { type: entityTypes[tag.name] ?? tag.name, offset: tag.at, length: end - tag.at };
  return tag.url === null ? base : { ...base, url: tag.url };
}

function trimmed({ text, entities }: ParsedText): ParsedText {
  const start = text.length - text.trimStart().length;
  const kept = text.trim();
  const moved = entities.flatMap((entity) => {
    const from = Math.max(0, entity.offset - start);
    const to = Math.min(kept.length, entity.offset + entity.length - start);
    return to > from ? [{ ...entity, offset: from, length: to - from }] : [];
  });
  return { text: kept, entities: moved };
}
