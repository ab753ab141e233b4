/**
 * Drives every prompt to the newest revision of its approval: post where none is, edit where one is, tell under it where an
 * edit can't be done. Tokens are on record before the message leaves, so a tap on a message whose answer we lost still counts.
 */
import type { Approval, PromptVerb } from "../core/approval.ts";
import { mayTap } from "../core/authority.ts";
import type { Books } from "../core/books.ts";
import type { Prompt } from "../core/books_approvals.ts";
import { chatKey, linkedChats } from "../core/books_people.ts";
import type { Button, CardChart } from "../core/card.ts";
import type { Chat, Fact, FactOf } from "../core/events.ts";
import { mark } from "../core/mark.ts";
import { promptCard, type Readers, revisionOf } from "../core/prompt_card.ts";
import type { ChatRef, Delivery, Messenger, Platform } from "../ports/messenger.ts";
import { chargeChat } from "./charge_chat.ts";
import { isChatAtPeace, readersIn } from "./chat_peace.ts";
import { followMove } from "./follow_move.ts";
import type { Needs } from "./needs.ts";
import { draft, record, recordFacts } from "./record.ts";
import { chatRefused } from "./watch_sources.ts";

type Due = { readonly approval: Approval; readonly chat: Chat; readonly prompt: Prompt | null; readonly rev: number };

/** One message per chat at a time; other chats go on meanwhile. */
export async function showPrompts(needs: Needs): Promise<void> {
  const keys = new Set(duePrompts(needs.ledger.books()).map((due) => chatKey(due.chat)));
  await Promise.all([...keys].map((key) => needs.locks.refresh(`prompts:${key}`, () => showChat(needs, key))));
}

/** A request whose text one chat refuses is tried there again after a while, and holds up nothing else. */
const refusedTextMs = 60_000;
const holdKey = ({ approval, chat }: Due): string => `prompt ${approval.approvalId} ${chatKey(chat)}`;

/** What is due is asked again when the turn of this chat comes, and before each message: only the newest revision leaves. */
async function showChat(needs: Needs, key: string): Promise<void> {
  for (const listed of duePrompts(needs.ledger.books())) {
    if (chatKey(listed.chat) !== key) continue;
    if ((needs.memory.chatNotBefore.get(key) ?? 0) > needs.clock.mono()) return;
    if ((needs.memory.telling.noticeNotBefore.get(holdKey(listed)) ?? 0) > needs.clock.mono()) continue;
    const due = stillDue(needs.ledger.books(), listed);
    if (due !== null) await show(needs, due);
  }
}

/** While the messages before it left, it may have been decided: what has ended rings nowhere for the first time. */
function stillDue(books: Books, { approval: { approvalId }, chat, prompt }: Due): Due | null {
  const approval = books.approvals[approvalId];
  const chats = linkedChats(books.people).filter((one) => chatKey(one) === chatKey(chat));
  const due = approval === undefined ? [] : dueOf(books, approval, chats);
  return due.find((one) => one.prompt?.promptId === prompt?.promptId) ?? null;
}

/** Open approvals belong on every linked chat; ended ones only where a prompt of theirs stands. */
export function duePrompts(books: Books): readonly Due[] {
  const chats = linkedChats(books.people);
  return Object.values(books.approvals).flatMap((approval) => dueOf(books, approval, chats));
}

function dueOf(books: Books, approval: Approval, chats: readonly Chat[]): readonly Due[] {
  const rev = revisionOf(approval, books);
  const prompts = Object.values(books.prompts).filter((prompt) => prompt.approvalId === approval.approvalId);
  return chats.flatMap((chat): readonly Due[] => {
    const here = prompts.filter((one) => chatKey(one.chat) === chatKey(chat));
    if (here.length === 0) return approval.state === "pending" ? [{ approval, chat, prompt: null, rev }] : [];
    return here.filter((prompt) => isBehind(prompt, approval, rev)).map((prompt) => ({ approval, chat, prompt, rev }));
  });
}

function isBehind(prompt: Prompt, { state }: Approval, rev: number): boolean {
  const stands = prompt.messageId !== null || (state === "pending" && prompt.isCopy !== true);
  return stands && (prompt.revShown < rev || (prompt.isOutdated === true && state === "pending"));
}

async function show(needs: Needs, due: Due): Promise<void> {
  const messenger = needs.messengers.get(due.chat.platform as Platform);
  if (messenger === undefined || !messenger.health().isHearing) return;
  const { approval, chat, rev } = due;
  const promptId = due.prompt?.promptId ?? needs.ids.next("prm");
  const made = approval.state === "pending" ? freshButtons(needs, approval, chat) : [];
  const buttons = made.map(({ verb: _verb, ...button }): Button => button);
  const tokens = made.map(({ token, verb }) => ({ hash: needs.vault.sha256(token), verb }));
  await recordFacts(
    needs,
    "house",
    [
      {
        type: "prompt_prepared",
        promptId,
        approvalId: approval.approvalId,
        chat,
        rev,
        version: approval.version,
        tokens,
      },
    ],
    approval.tradeId,
  );
  const card = promptCard(approval, needs.ledger.books(), chartOf(needs, approval), readersOf(needs, chat));
  const messageId = due.prompt?.messageId ?? null;
  const ref = chat as ChatRef;
  const nonce = needs.vault.sha256(`${promptId}|${rev}`).slice(0, 25);
  const sent =
    messageId === null
      ? await messenger.post(ref, card, { buttons, nonce, isQuiet: isChatAtPeace(needs, chat, approval.tier) })
      : await messenger.edit(ref, messageId, card, buttons);
  chargeChat(needs, chat, messageId === null ? card : null);
  if (sent.ok) needs.memory.telling.refusingChats.delete(chatKey(chat));
  if (sent.ok)
    return recordPosted(needs, { promptId, rev, messageId: sent.value.messageId, how: howShown(due) }, approval);
  await afterProblem(needs, { messenger, due: { ...due, rev }, promptId, buttons, problem: sent.problem });
}

/**
 * A post of an earlier life whose outcome nobody knows has the same nonce: the platform may answer with the message of then, whose
 * buttons are from before the restart. Like one that only a tap has told us of, it is drawn anew.
 */
function howShown({ prompt }: Due): FactOf<"prompt_posted">["how"] {
  if (prompt !== null && prompt.messageId !== null) return "edited";
  return prompt !== null && prompt.isOutdated === true && prompt.revShown === 0 ? "adopted" : "posted";
}

function recordPosted(
  needs: Needs,
  posted: Omit<Extract<Fact, { type: "prompt_posted" }>, "type">,
  approval: Approval,
): Promise<void> {
  return recordFacts(needs, "house", [{ type: "prompt_posted", ...posted }], approval.tradeId);
}

type Problem = Extract<Delivery, { ok: false }>["problem"];
type Showing = {
  readonly messenger: Messenger;
  readonly due: Due;
  readonly promptId: string;
  readonly buttons: readonly Button[];
};

async function afterProblem(needs: Needs, about: Showing & { readonly problem: Problem }): Promise<void> {
  const { due, promptId, problem } = about;
  const key = chatKey(due.chat);
  switch (problem.kind) {
    case "message_gone":
      mark("H09.prompt_deleted");
      return recordFacts(
        needs,
        "house",
        [{ type: "prompt_lost", promptId, rev: due.rev, because: problem.because }],
        due.approval.tradeId,
      );
    case "edit_refused":
      return tellUnder(needs, about);
    case "later":
      needs.memory.chatNotBefore.set(key, needs.clock.mono() + problem.retryAfterMs);
      return;
    case "chat_refused":
      if (await followMove(needs, due.chat, problem)) return;
      if (problem.isText === true)
        needs.memory.telling.noticeNotBefore.set(holdKey(due), needs.clock.mono() + refusedTextMs);
      else needs.memory.chatNotBefore.set(key, needs.clock.mono() + 60_000);
      needs.log.warn("A chat refuses our messages", {
        platform: due.chat.platform,
        chat: due.chat.chatId,
        because: problem.because,
      });
      if (problem.isText === true) return textRefused(needs, due, { promptId, because: problem.because });
      // Whoever is reached elsewhere hears there that this chat shows no request.
      return chatRefused(needs, due.chat, problem.because);
    case "unknown_outcome":
      // Posting again is harmless: a doubled prompt carries its own tokens, and either decides the same approval once.
      needs.memory.chatNotBefore.set(key, needs.clock.mono() + 1_000);
      return;
    default:
      problem satisfies never;
  }
}

/** A message that can't be edited keeps its old buttons: what is still open stands under it with the new ones, what is over without. */
async function tellUnder(needs: Needs, { messenger, due, promptId, buttons }: Showing): Promise<void> {
  const { approval, chat, rev } = due;
  const card = promptCard(approval, needs.ledger.books(), null, readersOf(needs, chat));
  const told = await messenger.post(chat as ChatRef, card, {
    buttons,
    nonce: needs.vault.sha256(`${promptId}|${rev}|told`).slice(0, 25),
    isQuiet: isChatAtPeace(needs, chat, approval.tier),
  });
  if (!told.ok) return;
  const { messageId } = told.value;
  await recordPosted(
    needs,
    { promptId, rev, messageId: due.prompt?.messageId ?? messageId, how: "followed_up" },
    approval,
  );
  // It can be tapped, so it is closed like the first.
  if (buttons.length > 0) await recordPosted(needs, { promptId, rev, messageId, how: "posted" }, approval);
}

/** People elsewhere hear once that this chat lacks an open request; what is over needs no answer there. */
async function textRefused(
  needs: Needs,
  { approval, chat }: Due,
  { promptId, because }: { readonly promptId: string; readonly because: string },
): Promise<void> {
  const { title } = promptCard(approval, needs.ledger.books(), null);
  await record(needs, ({ approvals, prompts }) => {
    const isTold = prompts[promptId]?.isRefused === true || approvals[approval.approvalId]?.state !== "pending";
    const fact: Fact = { type: "prompt_refused", promptId, chat, title, because };
    return { drafts: isTold ? [] : [draft("house", fact, approval.tradeId)], value: undefined };
  });
}

type PromptButton = Button & { readonly verb: PromptVerb };

/** What those whom this chat reaches may press: nobody is offered a button that would be refused. */
function freshButtons(needs: Needs, approval: Approval, chat: Chat): readonly PromptButton[] {
  const roles = readersIn(needs, chat).map((person) => person.role);
  return buttonsOf(approval)
    .filter(({ verb }) => roles.some((role) => mayTap(role, verb, approval.tier)))
    .map((button) => ({ ...button, token: needs.vault.token() }));
}

type Offer = Omit<PromptButton, "token">;

function buttonsOf({ subject, isVeto }: Approval): readonly Offer[] {
  if (isVeto === true)
    return [
      { label: "Stop it", style: "no", verb: "decline" },
      { label: "Do it now", style: "yes", verb: "approve" },
      { label: "Smaller…", style: "plain", verb: "smaller" },
      { label: "Later…", style: "plain", verb: "later" },
    ];
  const answers: readonly Offer[] = [
    { label: "Approve", style: "yes", verb: "approve" },
    { label: "Decline", style: "no", verb: "decline" },
  ];
  if (subject.kind !== "order") return answers;
  return [
    ...answers,
    { label: "Smaller…", style: "plain", verb: "smaller" },
    { label: "Later…", style: "plain", verb: "later" },
  ];
}

/** A chat of one time zone is told the hour there too. */
function readersOf(needs: Needs, chat: Chat): Readers {
  const zones = new Set(readersIn(needs, chat).map((person) => person.timeZone));
  const [timeZone] = zones;
  const { quoteTtlMs } = needs.settings.approvals;
  return { quoteTtlMs, timeZone: zones.size === 1 && timeZone !== undefined ? timeZone : null };
}

function chartOf(needs: Needs, approval: Approval): CardChart | null {
  if (approval.subject.kind !== "order") return null;
  const { intent, terms } = approval.subject;
  const candles = needs.memory.candles.get(intent.instrumentId) ?? [];
  if (candles.length === 0 || intent.exitPlan === null) return null;
  return {
    instrumentId: intent.instrumentId,
    candles: candles.slice(-60),
    entryPrice: terms.quotedPrice,
    stopPrice: intent.exitPlan.stopPrice,
    targetPrice: intent.exitPlan.targetPrice,
    mode: intent.mode,
    side: intent.side,
    timeframeMs: needs.settings.timeframeMs,
    limitPrice: intent.shape.limitPrice,
  };
}
