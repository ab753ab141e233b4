/**
 * Answers taps and commands through their own tokens.
 *
 *   acknowledge   within 3 s of the tap or Discord drops it     tap: deferred update    command: "thinking"
 *   reply         within 15 min                                 tap: for its sender only  command: replaces "thinking", then follows
 *   after that    the token is dead                             a plain message in the channel
 */
import { createHash } from "node:crypto";
import { canonicalJson } from "../../core/canonical.ts";
import { type Button, buttonPrefix, type Card, plainCard } from "../../core/card.ts";
import { cutText, oneLine } from "../../core/clean_text.ts";
import { mark } from "../../core/mark.ts";
import { fail, ok, type Result } from "../../core/result.ts";
import type { AnswerRef, Candidate, ChatRef, Delivery, Form, Messenger } from "../../ports/messenger.ts";
import { type Answerable, unpackRef } from "./answer_ref.ts";
import { escapeMarkdown } from "./markdown.ts";
import { type EnclosedBy, enclose, nobody, type Posting, sendCard, sendShown } from "./post.ts";
import { codes, editProblem, postProblem, type WireProblem } from "./problems.ts";
import { buttonRows, contentMax, type DiscordText } from "./render.ts";
import type { Wire, WireRequest } from "./wire.ts";

const ephemeral = 1 << 6;
/** Callback types: a message, "thinking", a silent acknowledgement of a button, values for what is being typed, a form. */
const callbacks = { message: 4, thinking: 5, deferredUpdate: 6, choices: 8, modal: 9 } as const;
/** Two tries fit into the 3 s that Discord gives, with room for the way here. */
const callbackTimeoutMs = 1_200;
const rememberedMax = 1_000;

type Interaction = Exclude<Answerable, { kind: "say" }>;
type Notice = { readonly text: string; readonly isRefusal: boolean } | null;
type Acknowledged = "ok" | "stale" | "failed";

/** Refusals that mean: this token opens nothing any more. */
const tokenIsDead: ReadonlySet<number> = new Set([
  codes.unknownWebhook,
  codes.deadToken,
  codes.unknownInteraction,
  codes.unknownMessage,
]);

export function answersInteractions(wire: Wire, posting: Posting, by: EnclosedBy): Answers {
  // What "@original" is: still "thinking" and to be replaced, or already a message to be followed.
  const originals = new Map<string, "thinking" | "shown">();
  const remember = (id: string, state: "thinking" | "shown") => {
    if (originals.size >= rememberedMax) originals.delete(originals.keys().next().value ?? "");
    originals.set(id, state);
  };

  async function acknowledge(ref: AnswerRef, notice: Notice): Promise<Acknowledged> {
    const answerable = unpackRef(ref);
    if (answerable === null) return "failed";
    if (answerable.kind === "say") return await noticeUnder(posting, answerable, notice);
    if (originals.has(answerable.id)) return await tellMore(wire, answerable, notice);
    const acknowledged = await callBack(wire, answerable, firstAnswer(answerable, notice));
    if (acknowledged === "ok")
      remember(answerable.id, notice === null && answerable.kind !== "tap" ? "thinking" : "shown");
    return acknowledged;
  }

  async function ask(_chat: ChatRef, ref: AnswerRef, _card: Card, form: Form): ReturnType<Messenger["ask"]> {
    const answerable = unpackRef(ref);
    if (answerable === null || answerable.kind === "say")
      return fail({ kind: "chat_refused", because: "Discord shows a form only after a tap or a command" });
    const acknowledged = await callBack(wire, answerable, { type: callbacks.modal, data: modalOf(form) });
    if (acknowledged === "ok") return ok({ messageId: null });
    return fail({ kind: "later", because: `Discord did not take the form (${acknowledged})`, retryAfterMs: 0 });
  }

  async function reply(chat: ChatRef, ref: AnswerRef, card: Card, buttons: readonly Button[] = []): Promise<Delivery> {
    const answerable = unpackRef(ref);
    const nonce = nonceOf(ref.id, card);
    if (answerable === null) return await posting.post(chat, card, { buttons, nonce, isQuiet: false });
    if (answerable.kind === "say") return await posting.postUnder(chat, card, { messageId: answerable.id, nonce });
    const isThinking = answerable.kind !== "tap" && originals.get(answerable.id) !== "shown";
    const request = (text: DiscordText) => throughToken(answerable, { ...text, ...rowsOf(buttons) }, isThinking);
    const enclosed = await enclose(card, by);
    const sent = await sendShown(wire, request, { card, enclosed, isRepeatable: isThinking });
    if (sent.ok) {
      if (isThinking) remember(answerable.id, "shown");
      return ok({ messageId: sent.value.messageId });
    }
    if (isDead(sent)) {
      mark("H07.answered_without_its_token");
      return await posting.post(chat, card, { buttons, nonce, isQuiet: false });
    }
    // Replacing "thinking" twice shows the same once; a follow-up sent twice is seen twice.
    return fail(isThinking ? editProblem(sent.problem) : postProblem(sent.problem));
  }

  return { acknowledge, reply, ask, ...changesInPlace(wire, posting) };
}

type Answers = Required<Pick<Messenger, "acknowledge" | "reply" | "ask" | "editTapped">> & {
  offer(answerable: Answerable, candidates: readonly Candidate[]): Promise<void>;
};

const choicesMax = 25;
const choiceMax = 100;

function changesInPlace(wire: Wire, posting: Posting): Pick<Answers, "editTapped" | "offer"> {
  /** The message that was tapped is "@original" of the tap; after a quarter of an hour, or when it was no tap, it is an ordinary one. */
  async function editTapped(
    chat: ChatRef,
    ref: AnswerRef,
    messageId: string,
    ...shown: [card: Card, buttons: readonly Button[]]
  ): Promise<Delivery> {
    const [card, buttons] = shown;
    const answerable = unpackRef(ref);
    if (answerable?.kind !== "tap") return await posting.edit(chat, messageId, card, buttons);
    const path: `/${string}` = `/webhooks/${answerable.applicationId}/${answerable.token}/messages/@original`;
    // A picture of before would hang loose under the new words; a report's file is what it brings.
    const attached = card.file === undefined ? { attachments: [] } : {};
    const common = { allowed_mentions: nobody, components: buttonRows(buttons), ...attached };
    const sent = await sendCard(wire, card, (text) => ({
      method: "PATCH",
      path,
      body: { ...text, ...common },
      isPublic: true,
    }));
    if (sent.ok) return ok({ messageId });
    return isDead(sent) ? await posting.edit(chat, messageId, card, buttons) : fail(editProblem(sent.problem));
  }

  /** Nothing waits for this: whoever types sees no values, and types on. */
  async function offer(answerable: Answerable, candidates: readonly Candidate[]): Promise<void> {
    if (answerable.kind === "say") return;
    const choices = candidates.slice(0, choicesMax).map(({ value, label }) => ({
      name: cutText(oneLine(label ?? value), choiceMax) || "…",
      value,
    }));
    const sendable = choices.filter(({ value }) => value !== "" && value.length <= choiceMax);
    await callBack(wire, answerable, { type: callbacks.choices, data: { choices: sendable } });
  }

  return { editTapped, offer };
}

const rowsOf = (buttons: readonly Button[]) => (buttons.length === 0 ? {} : { components: buttonRows(buttons) });

function throughToken(answerable: Interaction, text: object, isThinking: boolean): WireRequest {
  const path: `/${string}` = `/webhooks/${answerable.applicationId}/${answerable.token}`;
  const body = { ...text, allowed_mentions: nobody };
  if (isThinking) return { method: "PATCH", path: `${path}/messages/@original`, body, isPublic: true };
  const flags = answerable.kind === "cmd" ? {} : { flags: ephemeral };
  return { method: "POST", path, query: { wait: "true" }, body: { ...body, ...flags }, isPublic: true };
}

function isDead(sent: Result<unknown, WireProblem>): boolean {
  return !sent.ok && sent.problem.kind === "refused" && tokenIsDead.has(sent.problem.code);
}

function noticeBody(notice: { readonly text: string; readonly isRefusal: boolean }) {
  const mark = notice.isRefusal ? "⛔ " : "";
  const content = `${mark}${cutText(oneLine(notice.text) || "…", contentMax - mark.length, escapeMarkdown)}`;
  return { content, flags: ephemeral, allowed_mentions: nobody };
}

function firstAnswer(interaction: Interaction, notice: Notice) {
  if (notice !== null) return { type: callbacks.message, data: noticeBody(notice) };
  if (interaction.kind === "tap") return { type: callbacks.deferredUpdate };
  return { type: callbacks.thinking, data: { flags: interaction.kind === "own" ? ephemeral : 0 } };
}

const modalTitleMax = 45;
const modalLabelMax = 45;
const placeholderMax = 100;

/** A form of one-line fields; what it is called and asks is cut to Discord's limits. */
function modalOf({ title, token, fields }: Form) {
  return {
    title: cutText(oneLine(title), modalTitleMax) || "…",
    custom_id: `${buttonPrefix}${token}`,
    components: fields.map(({ name, label, hint }) => ({
      type: 1,
      components: [
        {
          type: 4,
          style: 1,
          custom_id: name,
          label: cutText(oneLine(label), modalLabelMax) || "…",
          placeholder: cutText(oneLine(hint), placeholderMax),
          required: true,
          max_length: 200,
        },
      ],
    })),
  };
}

/** A lost answer is asked for once more: if the first try had arrived, Discord says "already acknowledged", which is as good. */
async function callBack(wire: Wire, interaction: Interaction, body: object): Promise<Acknowledged> {
  const request: WireRequest = {
    method: "POST",
    path: `/interactions/${interaction.id}/${interaction.token}/callback`,
    body,
    isPublic: true,
    timeoutMs: callbackTimeoutMs,
  };
  for (const isLastTry of [false, true]) {
    const answer = await wire.request(request);
    if (answer.ok) return "ok";
    const { problem } = answer;
    if (problem.kind === "refused") {
      if (problem.code === codes.alreadyAcknowledged) return "ok";
      return problem.code === codes.unknownInteraction ? "stale" : "failed";
    }
    if (isLastTry || problem.kind === "rate_limited") return "failed";
  }
  return "failed";
}

/** The interaction is acknowledged already, so a further notice can only follow it. */
async function tellMore(wire: Wire, interaction: Interaction, notice: Notice): Promise<Acknowledged> {
  if (notice === null) return "ok";
  const path: `/${string}` = `/webhooks/${interaction.applicationId}/${interaction.token}`;
  const sent = await wire.request({ method: "POST", path, body: noticeBody(notice), isPublic: true });
  if (sent.ok) return "ok";
  return isDead(sent) ? "stale" : "failed";
}

/** Words need no acknowledgement; a notice to them is a reply in the same direct message. */
async function noticeUnder(
  posting: Posting,
  said: Extract<Answerable, { kind: "say" }>,
  notice: Notice,
): Promise<Acknowledged> {
  if (notice === null) return "ok";
  const chat: ChatRef = { platform: "discord", chatId: said.channelId, threadId: null };
  const card = plainCard(notice.isRefusal ? "warning" : "info", notice.text);
  const sent = await posting.postUnder(chat, card, { messageId: said.id, nonce: nonceOf(said.id, card) });
  return sent.ok ? "ok" : "failed";
}

/** The same answer to the same event twice is one message. */
function nonceOf(eventId: string, card: Card): string {
  return createHash("sha256").update(eventId).update(canonicalJson(card)).digest("base64url").slice(0, 25);
}
