/**
 * What the desk's page and the house say to each other: the only file of src/ that the page reads, and only for its types.
 *
 *   POST   /api/session {code}     -> SessionView, sets the cookie      page --ClientFrame--> /api/live
 *   GET    /api/session            -> SessionView                      page <--ServerFrame-- /api/live
 *   DELETE /api/session            -> SessionView, clears the cookie
 *   GET    /api/candles?instrument -> Candle[]
 *   any refusal                    -> Refusal
 *
 * Money is decimal text, a share is decimal text (0.01 is 1 %), a time is milliseconds since 1970 UTC.
 */
import { z } from "zod";
import { roles } from "../../core/authority.ts";

const decimal = z.string().regex(/^-?\d{1,20}(\.\d{1,18})?$/);
const time = z.number().int();
const shortText = z.string().max(200);
/** Chosen by the page, unique within it; the same thing sent again carries the same id. */
const clientId = z.string().regex(/^[A-Za-z0-9_-]{8,40}$/);
const token = z.string().regex(/^[A-Za-z0-9_-]{16}$/);

export const personSchema = z.object({ personId: z.string(), displayName: z.string(), role: z.enum(roles) });
export type PersonView = z.infer<typeof personSchema>;

export const codeSchema = z.object({ code: z.string().min(1).max(128) });
export const sessionViewSchema = z.object({ person: personSchema.nullable() });
export type SessionView = z.infer<typeof sessionViewSchema>;
export const refusalSchema = z.object({ because: z.string() });
export type Refusal = z.infer<typeof refusalSchema>;

export const candleSchema = z.object({
  openedAt: time,
  open: decimal,
  high: decimal,
  low: decimal,
  close: decimal,
});
export type CandleView = z.infer<typeof candleSchema>;

const tones = ["ok", "info", "waiting", "warning", "critical", "closed"] as const;
export const cardSchema = z.object({
  title: z.string(),
  tone: z.enum(tones),
  lines: z.array(z.string()).readonly(),
  fields: z.array(z.object({ name: z.string(), value: z.string() })).readonly(),
  footer: z.string().nullable(),
  chart: z
    .object({
      instrumentId: z.string(),
      candles: z.array(candleSchema).readonly(),
      entryPrice: decimal,
      stopPrice: decimal,
      targetPrice: decimal.nullable(),
    })
    .nullable(),
  expiresAt: time.optional(),
  isDoneBySilence: z.literal(true).optional(),
  /** The trades of this period: /api/reports/PERIOD.csv. */
  file: z.object({ kind: z.literal("closes"), period: z.string() }).optional(),
  qr: z.array(z.array(z.boolean()).readonly()).readonly().optional(),
});
export type CardView = z.infer<typeof cardSchema>;

export const buttonSchema = z.object({ label: z.string(), style: z.enum(["yes", "no", "plain"]), token });
export type ButtonView = z.infer<typeof buttonSchema>;

/** What one person is asked to write; the fields belong to this message and come back with its token. */
export const formSchema = z.object({
  token,
  title: z.string(),
  fields: z
    .array(z.object({ name: z.string(), label: z.string(), hint: z.string(), isSecret: z.boolean() }))
    .readonly(),
});
export type FormView = z.infer<typeof formSchema>;

const messageParts = {
  messageId: z.string(),
  /** Rises with every edit; a page keeps the highest it has seen. */
  revision: z.number().int(),
  postedAt: time,
  editedAt: time.nullable(),
  /** The message that this one answers, where there is one. */
  answers: z.string().nullable(),
  /** True: only the person who asked sees it. */
  isPrivate: z.boolean(),
};
export const messageSchema = z.discriminatedUnion("kind", [
  z.object({
    ...messageParts,
    kind: z.literal("card"),
    card: cardSchema,
    buttons: z.array(buttonSchema).readonly(),
    /** Sent without a sound. */
    isQuiet: z.boolean(),
    /** Absent = nothing is to be written here, or not any more. */
    form: formSchema.optional(),
  }),
  z.object({
    ...messageParts,
    kind: z.literal("said"),
    /** What the person typed; codes of six and more digits are masked. */
    text: z.string(),
    displayName: z.string(),
    /** sending until the house has written it down. */
    status: z.enum(["sending", "received", "not_received"]),
  }),
]);
export type MessageView = z.infer<typeof messageSchema>;
export type CardMessage = Extract<MessageView, { kind: "card" }>;
export type SaidMessage = Extract<MessageView, { kind: "said" }>;

export const optionSchema = z.object({
  name: z.string(),
  description: z.string(),
  kind: z.enum(["text", "number", "yes_no", "choice"]),
  choices: z.array(z.string()).readonly(),
  isRequired: z.boolean(),
  /** Takes all words to the end of the line. */
  takesRest: z.boolean(),
});
export type OptionView = z.infer<typeof optionSchema>;
export const commandSchema = z.object({
  name: z.string(),
  /** Other names for the same. */
  aliases: z.array(z.string()).readonly().optional(),
  summary: z.string(),
  examples: z.array(z.string()).readonly(),
  /** A safe command counts however late it arrives, so the page keeps sending it. */
  urgency: z.enum(["reads", "safe", "adds_risk"]),
  options: z.array(optionSchema).readonly(),
});
export type CommandView = z.infer<typeof commandSchema>;

const light = z.enum(["good", "unsure", "bad"]);
const part = z.object({ name: shortText, light, note: shortText.nullable() });

export const positionSchema = z.object({
  positionId: z.string(),
  instrumentId: z.string(),
  symbol: z.string(),
  venue: z.string(),
  direction: z.enum(["long", "short"]),
  /** A state of the position table, e.g. "monitoring" or "exit_pending". */
  state: z.string(),
  strategy: z.string(),
  quantity: decimal,
  notional: decimal,
  entryPrice: decimal,
  /** Null while no fresh price is known. */
  lastPrice: decimal.nullable(),
  stopPrice: decimal.nullable(),
  targetPrice: decimal.nullable(),
  pnl: decimal.nullable(),
  pnlRatio: decimal.nullable(),
  openedAt: time,
});
export type PositionView = z.infer<typeof positionSchema>;

export const stateSchema = z.object({
  /** Wall time of this view. */
  at: time,
  mode: z.enum(["PAPER", "DRY_RUN", "LIVE"]),
  phase: z.number().int().nullable(),
  level: z.enum(["none", "pause", "flatten", "emergency"]),
  /** One sentence: who or what raised the level. */
  levelBecause: z.string().nullable(),
  health: z.object({
    house: part,
    venues: z.array(part).readonly(),
    chats: z.array(part).readonly(),
  }),
  /** Each part is null while it can't be known; nothing is ever guessed as 0. */
  money: z.object({
    currency: z.string(),
    equity: decimal.nullable(),
    dayPnl: decimal.nullable(),
    dayPnlRatio: decimal.nullable(),
    drawdown: decimal.nullable(),
    drawdownMax: decimal.nullable(),
  }),
  positions: z.array(positionSchema).readonly(),
  approvals: z.object({ openCount: z.number().int(), nextExpiresAt: time.nullable() }),
  /** House time runs `speed` times faster than the wall. */
  market: z.object({ now: time, speed: z.number() }),
  people: z
    .array(z.object({ displayName: z.string(), role: z.enum(roles), platforms: z.array(z.string()).readonly() }))
    .readonly(),
  epoch: z.number().int(),
  version: z.string(),
});
export type DeskState = z.infer<typeof stateSchema>;

/** `ageMs`: how long ago the person acted, by the page's own steady clock; more than 0 when it had to be sent again. */
const acted = { id: clientId, ageMs: z.number().int().min(0).max(86_400_000) };
export const clientFrameSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("hello"), pageId: clientId, timeZone: z.string().max(64) }),
  z.object({ kind: z.literal("tap"), ...acted, messageId: z.string().max(64), token }),
  z.object({
    kind: z.literal("command"),
    ...acted,
    name: z.string().regex(/^[a-z][a-z0-9_]{0,31}$/),
    text: z.string().max(4000),
  }),
  z.object({
    kind: z.literal("text"),
    ...acted,
    text: z.string().min(1).max(4000),
    replyTo: z.string().max(64).nullable(),
  }),
  z.object({
    kind: z.literal("form"),
    ...acted,
    messageId: z.string().max(64),
    token,
    values: z.record(z.string().regex(/^[a-z]{1,32}$/), z.string().max(400)),
  }),
  z.object({
    kind: z.literal("complete"),
    id: clientId,
    command: z.string().max(32),
    option: z.string().max(64),
    prefix: z.string().max(100),
  }),
]);
export type ClientFrame = z.infer<typeof clientFrameSchema>;
/** What a person did, as opposed to what the page asks for itself. */
export type ActFrame = Extract<ClientFrame, { ageMs: number }>;

export const serverFrameSchema = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("hello"),
    person: personSchema,
    messages: z.array(messageSchema).readonly(),
    commands: z.array(commandSchema).readonly(),
    state: stateSchema.nullable(),
    /** Wall time of the house, so that countdowns are right on a device whose clock is not. */
    at: time,
  }),
  z.object({ kind: z.literal("message"), message: messageSchema }),
  z.object({ kind: z.literal("state"), state: stateSchema.nullable(), at: time }),
  /** The inbox row of the act with this id is committed. */
  z.object({ kind: z.literal("received"), id: clientId }),
  /** The act was not taken; nothing was written down. */
  z.object({ kind: z.literal("not_received"), id: clientId, because: z.string(), mayRetry: z.boolean() }),
  z.object({ kind: z.literal("notice"), text: z.string(), isRefusal: z.boolean() }),
  z.object({
    kind: z.literal("completions"),
    id: clientId,
    values: z.array(z.object({ value: z.string(), label: z.string().nullable() })).readonly(),
  }),
  z.object({ kind: z.literal("problem"), because: z.string() }),
]);
export type ServerFrame = z.infer<typeof serverFrameSchema>;

/** Close codes of /api/live, so that the page can say what happened. */
export const closeCodes = {
  sessionEnded: 4001,
  accessRevoked: 4003,
  tooManyPages: 4008,
  badFrames: 4009,
  tooSlow: 4010,
  houseStops: 1012,
} as const;
