/** One typed command: who asks, what the words mean, how late it is; then the command itself, and its answer where it was asked. */
import { distance } from "fastest-levenshtein";
import { z } from "zod";
import { includesRole } from "../core/authority.ts";
import { linkKey, type Person, personBehind } from "../core/books_people.ts";
import { type Card, plainCard } from "../core/card.ts";
import { lengthText } from "../core/facts.ts";
import { mark } from "../core/mark.ts";
import type { Proof } from "../core/question.ts";
import { fail, ok, type Result } from "../core/result.ts";
import { between, day, instant } from "../core/time.ts";
import type { AnyCommand } from "../define/command.ts";
import type { Incoming } from "../ports/messenger.ts";
import { whyNotHere } from "./allowed_chats.ts";
import { type Asking, askProof, whyNoProof } from "./ask_person.ts";
import { chargeChat } from "./charge_chat.ts";
import type { Needs } from "./needs.ts";
import { draft, record, recordFacts } from "./record.ts";

type CommandIn = Extract<Incoming, { kind: "command" }>;

/** A command that adds risk and is older than this is not done but asked again. */
const riskyAgeMaxMs = 30_000;
const lateAfterMs = 10_000;
/** Their answers hold what must reach only the one who asked. */
export const secretCommands: ReadonlySet<string> = new Set(["link", "code"]);

/** @param how isReplay: it was stored by a process that died, or begun when the record went away; nobody knows how far it came. */
export async function answerCommand(
  needs: Needs,
  incoming: CommandIn,
  how: { readonly isReplay: boolean },
): Promise<string> {
  const gated = gateOf(needs, incoming, how);
  if (gated !== null) return askBefore(needs, incoming, gated);
  const messenger = needs.messengers.get(incoming.chat.platform);
  const acknowledged = messenger?.acknowledge(incoming.answerRef, null);
  const { card, outcome } = await run(needs, incoming, how);
  await acknowledged;
  if (card === null) return outcome;
  const sent = await messenger?.reply(incoming.chat, incoming.answerRef, card);
  chargeChat(needs, incoming.chat, card);
  // A link code or a secret is shown to the one who asked or to nobody: it never waits in the outbox.
  if (sent?.ok === false && !secretCommands.has(incoming.name)) await queueReply(needs, incoming, card);
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
  const command = needs.commands.find((one) => one.name === incoming.name);
  const person = personBehind(needs.ledger.books().people, incoming.chat.platform, incoming.sender.userId);
  if (command?.proof === undefined || person === null || whyNotHere(needs.settings, incoming) !== null) return null;
  const { role } = command.access;
  if (role !== "anyone" && !includesRole(person.role, role)) return null;
  if (needs.clock.wall() - incoming.sentAt > riskyAgeMaxMs) return null;
  const options = parseOptions(command, incoming);
  if (!options.ok) return null;
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
    await messenger?.reply(chat, answerRef, plainCard("warning", because));
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
  asked: { readonly name: string; readonly options: string; readonly person: Person },
): Promise<string> {
  const { name, person } = asked;
  const command = needs.commands.find((one) => one.name === name);
  const { platform, chatId } = incoming.chat;
  const role = command?.access.role ?? "owner";
  const card =
    command === undefined || (role !== "anyone" && !includesRole(person.role, role))
      ? plainCard("warning", `/${name} needs the role ${role}; yours is ${person.role}.`)
      : await command.run({
          options: JSON.parse(asked.options) as Record<string, unknown>,
          needs,
          actor: `person:${person.personId}`,
          personId: person.personId,
          origin: { platform, chatId, userId: incoming.sender.userId, isPrivate: incoming.isPrivate },
          sentAt: incoming.sentAt,
        });
  await needs.messengers.get(platform)?.reply(incoming.chat, incoming.answerRef, card);
  return "done";
}

/** An answer that can't be given now waits in the outbox like every other card. */
function queueReply(needs: Needs, incoming: CommandIn, card: Card): Promise<void> {
  const cardId = needs.ids.next("card");
  const { platform, chatId, threadId } = incoming.chat;
  return recordFacts(needs, "house", [
    {
      type: "card_queued",
      cardId,
      chat: { platform, chatId, threadId },
      severity: "info",
      alert: "reply",
      foldKey: cardId,
      card,
    },
  ]);
}

/** `card` null = no answer: it was given before. */
type Ran = { readonly card: Card | null; readonly outcome: string };
const said = (outcome: string, card: Card): Ran => ({ card, outcome });

async function run(needs: Needs, incoming: CommandIn, how: { readonly isReplay: boolean }): Promise<Ran> {
  const person = personBehind(needs.ledger.books().people, incoming.chat.platform, incoming.sender.userId);
  const command = needs.commands.find((one) => one.name === incoming.name);
  const refused = await whyRefused(needs, incoming, command, person);
  if (refused !== null || command === undefined) return refused ?? unknownCommand(needs, incoming);
  const ageMs = Math.max(0, needs.clock.wall() - incoming.sentAt);
  if (command.access.urgency === "adds_risk" && ageMs > riskyAgeMaxMs) return tooLate(needs, command, ageMs);
  // Done once more, a /resume would undo a /pause that came after it.
  if (command.access.urgency === "adds_risk" && how.isReplay) return interrupted(needs, command);
  const options = parseOptions(command, incoming);
  if (!options.ok) {
    return said("not_understood", plainCard("warning", options.problem, [`Type ${command.examples.join(" or ")}`]));
  }
  const { platform, chatId } = incoming.chat;
  const card = await command.run({
    options: options.value,
    needs,
    actor: person === null ? `${platform}:${incoming.sender.userId}` : `person:${person.personId}`,
    personId: person?.personId ?? null,
    origin: {
      platform,
      chatId,
      userId: incoming.sender.userId,
      isPrivate: incoming.isPrivate,
      displayName: incoming.sender.displayName,
    },
    // Whatever it loosens may have been tightened since by others: a word that is repeated counts as old.
    sentAt: how.isReplay ? instant(0) : incoming.sentAt,
  });
  return said("done", ageMs > lateAfterMs ? withFooter(card, `answered late by ${lengthText(ageMs)}`) : card);
}

function withFooter(card: Card, text: string): Card {
  return { ...card, footer: card.footer === null ? text : `${card.footer} · ${text}` };
}

/** Who may not say this, or not here. null = the command may run. */
async function whyRefused(
  needs: Needs,
  incoming: CommandIn,
  command: AnyCommand | undefined,
  person: Person | null,
): Promise<Ran | null> {
  const refuse = (text: string): Ran => said("refused", plainCard("warning", text));
  if (!incoming.sender.isPerson) return refuse("Bots and anonymous admins can't give commands.");
  const elsewhere = whyNotHere(needs.settings, incoming);
  if (elsewhere !== null) return refuse(elsewhere);
  const role = command?.access.role ?? "viewer";
  if (role === "anyone") return null;
  if (person === null) return refuseStranger(needs, incoming);
  if (command !== undefined && !includesRole(person.role, role))
    return refuseRole(needs, incoming, {
      person,
      text: `/${command.name} needs the role ${role}; yours is ${person.role}.`,
    });
  return null;
}

function unknownCommand(needs: Needs, incoming: CommandIn): Ran {
  return said("unknown", plainCard("warning", `I don't know /${incoming.name}.`, [suggestion(needs, incoming.name)]));
}

function tooLate(needs: Needs, command: AnyCommand, ageMs: number): Ran {
  const level = needs.ledger.books().house.level;
  return said(
    "too_late",
    plainCard("warning", `/${command.name} came ${lengthText(ageMs)} late, so it was not done.`, [
      `Trading is at level ${level} now. Send it again if you still want it.`,
    ]),
  );
}

function interrupted(needs: Needs, command: AnyCommand): Ran {
  const level = needs.ledger.books().house.level;
  return said(
    "interrupted",
    plainCard("warning", `/${command.name} was interrupted and is not tried again by itself.`, [
      `Trading is at level ${level} now. Send it again if you still want it.`,
    ]),
  );
}

/** On record, as every refused tap is: whoever tries again and again is told to the owner. */
async function refuseRole(
  needs: Needs,
  { chat, sender }: CommandIn,
  { person, text }: { readonly person: Person; readonly text: string },
): Promise<Ran> {
  const { personId } = person;
  const { platform } = chat;
  const { userId } = sender;
  await recordFacts(needs, "house", [
    { type: "tap_refused", approvalId: null, personId, platform, userId, because: text.slice(0, 200) },
  ]);
  return said("refused", plainCard("warning", text));
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
  return said(
    "refused",
    plainCard("warning", "You are not linked to this house.", [
      "Send /access to ask the owner, or /link CODE with a code of theirs.",
    ]),
  );
}

function suggestion(needs: Needs, name: string): string {
  const nearest = [...needs.commands].sort((left, right) => distance(left.name, name) - distance(right.name, name))[0];
  const isNear = nearest !== undefined && distance(nearest.name, name) <= Math.max(2, Math.floor(name.length / 3));
  return isNear ? `Did you mean /${nearest.name}?` : "Type /help for the list.";
}

/** Words in the order of the options, or name:value pairs; the last text option takes the rest of the line. */
export function parseOptions(
  command: AnyCommand,
  incoming: Pick<CommandIn, "options" | "text">,
): Result<Record<string, unknown>, string> {
  const raw = incoming.options ?? wordsToOptions(command, incoming.text);
  const parsed = (command.options as z.ZodObject).safeParse(raw);
  if (parsed.success) return ok(parsed.data);
  mark("M05.words_that_are_no_options");
  const problems = parsed.error.issues.map(
    (issue) => `${issue.path.join(".") || "input"}: ${issue.message.toLowerCase()}`,
  );
  return fail(`/${command.name}: ${problems.join("; ")}`);
}

function wordsToOptions(command: AnyCommand, text: string): Record<string, unknown> {
  const schema = z.toJSONSchema(command.options as z.ZodObject, { io: "input", unrepresentable: "any" });
  const properties = Object.entries(schema.properties ?? {}) as [string, { type?: string }][];
  const words = text
    .trim()
    .split(/\s+/)
    .filter((word) => word !== "");
  // Without a prototype: what a person types is never more than a value under a name of ours.
  const options = Object.create(null) as Record<string, unknown>;
  const names = properties.map(([name]) => name);
  const free: string[] = [];
  for (const word of words) {
    const named = /^([a-z][a-z0-9_]*)[:=](.*)$/i.exec(word);
    if (named?.[1] !== undefined && names.includes(named[1].toLowerCase()) && free.length === 0)
      options[named[1].toLowerCase()] = typed(properties, named[1].toLowerCase(), named[2] ?? "");
    else free.push(word);
  }
  const open = names.filter((name) => options[name] === undefined);
  open.forEach((name, index) => {
    const isLast = index === open.length - 1;
    const value = isLast ? free.slice(index).join(" ") : free[index];
    if (value !== undefined && value !== "") options[name] = typed(properties, name, value);
  });
  return options;
}

function typed(properties: readonly [string, { type?: string }][], name: string, value: string): unknown {
  const type = properties.find(([one]) => one === name)?.[1].type;
  if (type === "integer" || type === "number") return /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : value;
  if (type === "boolean")
    return value === "true" || value === "yes" || value === "on"
      ? true
      : value === "false" || value === "no" || value === "off"
        ? false
        : value;
  return value;
}
