/** One typed command: who asks, what the words mean, how late it is; then the command itself, and its answer where it was asked. */

import { distance } from "fastest-levenshtein";
import { actorName } from "../core/alert_words.ts";
import { linkKey, type Person, personBehind } from "../core/books_people.ts";
import { type Card, plainCard, withFooter } from "../core/card.ts";
import { lengthText } from "../core/facts.ts";
import { mark } from "../core/mark.ts";
import { pagesOf } from "../core/pages.ts";
import type { Proof } from "../core/question.ts";
import { between, day, instant } from "../core/time.ts";
import { type AnyCommand, commandNamed, whyNotAllowed } from "../define/command.ts";
import type { Incoming } from "../ports/messenger.ts";
import { whyNotHere } from "./allowed_chats.ts";
import { notLinkedCard } from "./answer_stranger.ts";
import { askAgain, askArgument, isRisky } from "./ask_argument.ts";
import { type Asking, askProof, whyNoProof } from "./ask_person.ts";
import { isHigher } from "./halt_trading.ts";
import type { Needs } from "./needs.ts";
import { noteRefusal } from "./note_refusal.ts";
import { missingOption, parseOptions, rawOptions } from "./read_options.ts";
import { draft, record } from "./record.ts";
import { sendAnswer } from "./show_view.ts";
import { againIf, holdChat, queueReply, tellAsker } from "./tell_asker.ts";

type CommandIn = Extract<Incoming, { kind: "command" }>;

/** A command that adds risk and is older than this is not done but asked again. */
const riskyAgeMaxMs = 30_000;
const lateAfterMs = 10_000;

/** Its answer holds what must reach only the one who asked. */
export const isSecret = ({ commands }: Needs, name: string): boolean => commandNamed(commands, name)?.isSecret === true;

type How = { readonly isReplay: boolean; readonly inboxId?: string | undefined };

/** @param how isReplay: it was stored by a process that died, or begun when the record went away; nobody knows how far it came. */
export async function answerCommand(needs: Needs, incoming: CommandIn, how: How): Promise<string> {
  const gated = gateOf(needs, incoming, how);
  if (gated !== null) return askBefore(needs, incoming, gated);
  const messenger = needs.messengers.get(incoming.chat.platform);
  const acknowledged = messenger?.acknowledge(incoming.answerRef, null);
  const ran = await run(needs, incoming, how);
  await acknowledged;
  if ("ask" in ran) return ran.ask();
  const { card, outcome, options } = ran;
  if (card === null) return outcome;
  const { chat, answerRef } = incoming;
  const command = commandNamed(needs.commands, incoming.name);
  const person = personBehind(needs.ledger.books().people, chat.platform, incoming.sender.userId);
  const sent = await sendAnswer(needs, { chat, answerRef, person, command, options: options ?? null }, card);
  // A link code or a secret is shown to the one who asked or to nobody: it never waits in the outbox.
  if (sent?.ok === false && sent.problem.kind === "later") holdChat(needs, chat, sent.problem.retryAfterMs);
  if (sent?.ok === false && command?.isSecret !== true)
    for (const page of pagesOf(card)) await queueReply(needs, chat, againIf(sent.problem, page));
  return outcome;
}

type Gate = {
  readonly command: AnyCommand;
  readonly person: Person;
  readonly options: Record<string, unknown>;
  readonly proof: Proof;
};

/** Whether this command must be proven first: everything else about it is right already. null = it takes its usual way. */
function gateOf(needs: Needs, incoming: CommandIn, how: { readonly isReplay: boolean }): Gate | null {
  if (needs.settings.approvals.isStepUp !== true || how.isReplay || !incoming.sender.isPerson) return null;
  const command = commandNamed(needs.commands, incoming.name);
  const person = personBehind(needs.ledger.books().people, incoming.chat.platform, incoming.sender.userId);
  if (command?.proof === undefined || person === null || whyNotHere(needs.settings, incoming) !== null) return null;
  if (whyNotAllowed(command, person.role) !== null) return null;
  if (needs.clock.wall() - incoming.sentAt > riskyAgeMaxMs) return null;
  const options = parseOptions(command, incoming);
  if (!options.ok || whyNotAllowed(command, person.role, { options: options.value, needs }) !== null) return null;
  const proof = command.proof({ options: options.value, needs });
  return proof === "none" ? null : { command, person, options: options.value, proof };
}

async function askBefore(
  needs: Needs,
  incoming: CommandIn,
  { command, person, options, proof }: Gate,
): Promise<string> {
  const { chat, isPrivate, answerRef, sender } = incoming;
  const asking: Asking = { person, userId: sender.userId, chat, isPrivate, answerRef };
  const because = whyNoProof(needs, asking, proof);
  if (because !== null) {
    const messenger = needs.messengers.get(chat.platform);
    await messenger?.acknowledge(answerRef, null);
    await tellAsker(needs, { chat, answerRef }, plainCard("warning", because));
    return "not_asked";
  }
  const { name } = command;
  const title = `/${name} ${incoming.text}`.trim().slice(0, 200);
  return askProof(needs, asking, { proof, title, purpose: { kind: "command", name, text: JSON.stringify(options) } });
}

/** The command of a question that was answered rightly, as it was typed. */
export async function runProven(
  needs: Needs,
  incoming: Extract<Incoming, { kind: "form" | "text" }>,
  asked: { readonly name: string; readonly options: string; readonly person: Person; readonly proof: Proof },
): Promise<string> {
  const { name, person, proof } = asked;
  const command = commandNamed(needs.commands, name);
  const options = JSON.parse(asked.options) as Record<string, unknown>;
  const because =
    command === undefined ? `I don't know /${name}.` : whyNotAllowed(command, person.role, { options, needs });
  // Between the question and its answer the house may have come to a state that takes more to leave.
  const isTooLittle = proof === "phrase" && command?.proof?.({ options, needs }) === "phrase_and_code";
  const { platform, chatId, threadId } = incoming.chat;
  const { isPrivate } = incoming;
  const card =
    command === undefined || because !== null
      ? plainCard("warning", because ?? "")
      : isTooLittle
        ? plainCard("warning", `/${name} takes more now than it did a moment ago.`, [
            "Nothing was done; send it again.",
          ])
        : await command.run({
            options,
            needs,
            actor: `person:${person.personId}`,
            personId: person.personId,
            origin: { platform, chatId, threadId, userId: incoming.sender.userId, isPrivate },
            sentAt: incoming.sentAt,
          });
  const { chat, answerRef } = incoming;
  await tellAsker(needs, { chat, answerRef, isSecret: command?.isSecret === true }, card);
  return "done";
}

/** `card` null = no answer: it was given before. `options` are those that it ran with. */
type Ran = { readonly card: Card | null; readonly outcome: string; readonly options?: Record<string, unknown> };
/** The answer is a question with buttons. */
type Asked = { readonly ask: () => Promise<string> };
const said = (outcome: string, card: Card): Ran => ({ card, outcome });

async function run(needs: Needs, incoming: CommandIn, how: How): Promise<Ran | Asked> {
  const person = personBehind(needs.ledger.books().people, incoming.chat.platform, incoming.sender.userId);
  const command = commandNamed(needs.commands, incoming.name);
  const refused = await whyRefused(needs, incoming, command, person);
  if (refused !== null || command === undefined) return refused ?? unknownCommand(needs, incoming);
  const asking = person === null ? null : askingOf(incoming, person);
  const { raisedTo = "none" } = needs.ledger.books().chat.inbox[how.inboxId ?? ""] ?? {};
  if (isHigher(raisedTo, needs.ledger.books().house.level)) return takenBack(needs, command);
  const options = parseOptions(command, incoming);
  if (!options.ok) return notUnderstood(needs, incoming, { command, asking, problem: options.problem });
  const because = person === null ? null : whyNotAllowed(command, person.role, { options: options.value, needs });
  if (because !== null) return refuse(needs, incoming, because);
  const late = whyNotNow(needs, incoming, { command, options: options.value, isReplay: how.isReplay });
  if (late !== null)
    return asking === null
      ? said(late.outcome, plainCard("warning", `${late.because}.`, ["Send it again if you still want it."]))
      : { ask: () => askAgain(needs, asking, { command, options: options.value, ...late }) };
  const card = await runWith(needs, incoming, { command, person, options: options.value, ...how });
  const ageMs = Math.max(0, needs.clock.wall() - incoming.sentAt);
  return { ...said("done", ageMs > lateAfterMs ? withFooter(card, lateText(ageMs)) : card), options: options.value };
}

const lateText = (ageMs: number): string => `answered late by ${lengthText(ageMs)}`;

function askingOf({ chat, isPrivate, answerRef, sender }: CommandIn, person: Person): Asking {
  return { person, userId: sender.userId, chat, isPrivate, answerRef };
}

function runWith(
  needs: Needs,
  incoming: CommandIn,
  about: { command: AnyCommand; person: Person | null; options: Record<string, unknown> } & How,
): Promise<Card> {
  const { command, person, options, isReplay, inboxId } = about;
  const { platform, chatId, threadId } = incoming.chat;
  const { userId, displayName } = incoming.sender;
  return command.run({
    options,
    needs,
    actor: person === null ? `${platform}:${userId}` : `person:${person.personId}`,
    personId: person?.personId ?? null,
    inboxId,
    origin: { platform, chatId, threadId, userId, isPrivate: incoming.isPrivate, displayName },
    // Whatever it loosens may have been tightened since by others: a word that is repeated counts as old.
    sentAt: isReplay ? instant(0) : incoming.sentAt,
  });
}

/** What was left out is asked with a button for each value that there is; anything else is said with what to type. */
function notUnderstood(
  needs: Needs,
  incoming: CommandIn,
  about: { readonly command: AnyCommand; readonly asking: Asking | null; readonly problem: string },
): Ran | Asked {
  const { command, asking, problem } = about;
  const given = rawOptions(command, incoming);
  const option = missingOption(command, given);
  const ask = option === null || asking === null ? null : askArgument(needs, asking, { command, given, option });
  return ask === null
    ? said("not_understood", plainCard("warning", problem, [`Type ${command.examples.join(" · ")}`]))
    : { ask };
}

type Late = { readonly outcome: "too_late" | "interrupted"; readonly because: string };

/** Why words that add risk are asked again instead of done; null = they may be done now. */
function whyNotNow(
  needs: Needs,
  incoming: CommandIn,
  about: { readonly command: AnyCommand; readonly options: Record<string, unknown>; readonly isReplay: boolean },
): Late | null {
  const { command, options, isReplay } = about;
  if (!isRisky(needs, command, options)) return null;
  const ageMs = needs.clock.wall() - incoming.sentAt;
  const name = `/${command.name}`;
  if (ageMs > riskyAgeMaxMs)
    return { outcome: "too_late", because: `${name} came ${lengthText(ageMs)} late, so it was not done` };
  // Done once more, a /resume would undo a /pause that came after it.
  if (isReplay) return { outcome: "interrupted", because: `${name} was interrupted and is not tried again by itself` };
  return null;
}

/** Who may not say this, or not here. null = the command may run. */
async function whyRefused(
  needs: Needs,
  incoming: CommandIn,
  command: AnyCommand | undefined,
  person: Person | null,
): Promise<Ran | null> {
  const elsewhere = incoming.sender.isPerson
    ? whyNotHere(needs.settings, incoming)
    : "Bots and anonymous admins can't give commands.";
  if (elsewhere !== null) return refuse(needs, incoming, elsewhere);
  const role = command?.access.role ?? "viewer";
  if (role === "anyone") return null;
  if (person === null) return refuseStranger(needs, incoming);
  const because = command === undefined ? null : whyNotAllowed(command, person.role);
  return because === null ? null : refuse(needs, incoming, because);
}

function unknownCommand(needs: Needs, incoming: CommandIn): Ran {
  return said("unknown", plainCard("warning", `I don't know /${incoming.name}.`, [suggestion(needs, incoming.name)]));
}

async function refuse(needs: Needs, incoming: CommandIn, text: string): Promise<Ran> {
  await noteRefusal(needs, incoming, text);
  return said("refused", plainCard("warning", text));
}

/** It has had its effect, and somebody has gone back since: done once more, it would halt against their later word. */
function takenBack(needs: Needs, command: AnyCommand): Ran {
  const books = needs.ledger.books();
  const { level, levelBy } = books.house;
  return said(
    "done",
    plainCard("info", `/${command.name} was done before its answer could leave.`, [
      `Trading is at level ${level} now, by ${actorName(books, levelBy)}. Send it again to halt once more.`,
    ]),
  );
}

/** Told once a day. Telegram lets us stay silent after that; elsewhere a command stays open until it is answered, to its sender alone. */
async function refuseStranger(needs: Needs, incoming: CommandIn): Promise<Ran> {
  const { platform } = incoming.chat;
  const { userId } = incoming.sender;
  mark("M01.command_of_a_stranger");
  const because = `/${incoming.name.slice(0, 32)} from someone who is not linked`;
  const isSilent = await record(needs, ({ people }, { wallAt }) => {
    const toldAt = people.refusals[linkKey(platform, userId)]?.toldAt ?? null;
    const isSaid = platform === "telegram" && toldAt !== null && between(toldAt, wallAt) < day;
    const fact = { type: "tap_refused", approvalId: null, personId: null, platform, userId, because } as const;
    return { drafts: [draft("house", isSaid ? fact : { ...fact, isTold: true })], value: isSaid };
  });
  if (isSilent) return { card: null, outcome: "refused" };
  return said("refused", notLinkedCard);
}

/** What was meant by a word that is no command. */
export function suggestion(needs: Needs, typed: string): string {
  const names = needs.commands.flatMap(({ name, aliases = [] }) => [name, ...aliases]);
  // Of two that are as near, the one of the same letters was meant: a phone swaps them.
  const isSwapped = (name: string) => [...name].sort().join("") === [...typed].sort().join("");
  const nearest = names.sort(
    (left, right) =>
      distance(left, typed) - distance(right, typed) || Number(isSwapped(right)) - Number(isSwapped(left)),
  )[0];
  const isNear = nearest !== undefined && distance(nearest, typed) <= Math.max(2, Math.floor(typed.length / 3));
  return isNear ? `Did you mean /${nearest}?` : "Type /help for the list.";
}
