/** One typed command: who asks, what the words mean, how late it is; then the command itself, and its answer where it was asked. */
import { distance } from "fastest-levenshtein";
import { z } from "zod";
import { includesRole } from "../core/authority.ts";
import { type Person, personBehind } from "../core/books_people.ts";
import { type Card, plainCard } from "../core/card.ts";
import { lengthText } from "../core/facts.ts";
import { mark } from "../core/mark.ts";
import { fail, ok, type Result } from "../core/result.ts";
import { instant } from "../core/time.ts";
import type { AnyCommand } from "../define/command.ts";
import type { Incoming } from "../ports/messenger.ts";
import { whyNotHere } from "./allowed_chats.ts";
import { isHigher } from "./halt_trading.ts";
import type { Needs } from "./needs.ts";
import { recordFacts } from "./record.ts";

type CommandIn = Extract<Incoming, { kind: "command" }>;

/** A command that adds risk and is older than this is not done but asked again. */
const riskyAgeMaxMs = 30_000;
const lateAfterMs = 10_000;

type How = { readonly isReplay: boolean; readonly inboxId: string };

/** @param how isReplay: it was stored by a process that died, or begun when the record went away; nobody knows how far it came. */
export async function answerCommand(needs: Needs, incoming: CommandIn, how: How): Promise<string> {
  const messenger = needs.messengers.get(incoming.chat.platform);
  const acknowledged = messenger?.acknowledge(incoming.answerRef, null);
  const { card, outcome } = await run(needs, incoming, how);
  await acknowledged;
  const sent = await messenger?.reply(incoming.chat, incoming.answerRef, card);
  // A link code is shown to the one who asked or to nobody: it never waits in the outbox.
  if (sent?.ok === false && incoming.name !== "link") await queueReply(needs, incoming, card);
  return outcome;
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

type Ran = { readonly card: Card; readonly outcome: string };
const said = (outcome: string, card: Card): Ran => ({ card, outcome });

async function run(needs: Needs, incoming: CommandIn, how: How): Promise<Ran> {
  const person = personBehind(needs.ledger.books().people, incoming.chat.platform, incoming.sender.userId);
  const command = needs.commands.find((one) => one.name === incoming.name);
  const refused = await whyRefused(needs, incoming, command, person);
  if (refused !== null || command === undefined) return refused ?? unknownCommand(needs, incoming);
  const ageMs = Math.max(0, needs.clock.wall() - incoming.sentAt);
  if (command.access.urgency === "adds_risk" && ageMs > riskyAgeMaxMs) return tooLate(needs, command, ageMs);
  // Done once more, a /resume would undo a /pause that came after it.
  if (command.access.urgency === "adds_risk" && how.isReplay) return interrupted(needs, command);
  const { raisedTo = "none" } = needs.ledger.books().chat.inbox[how.inboxId] ?? {};
  if (isHigher(raisedTo, needs.ledger.books().house.level)) return takenBack(needs, command);
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
    inboxId: how.inboxId,
    origin: { platform, chatId, userId: incoming.sender.userId, isPrivate: incoming.isPrivate },
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
    return refuse(`/${command.name} needs the role ${role}; yours is ${person.role}.`);
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

/** It has had its effect, and somebody has gone back since: done once more, it would halt against their later word. */
function takenBack(needs: Needs, command: AnyCommand): Ran {
  const { level, levelBy } = needs.ledger.books().house;
  return said(
    "done",
    plainCard("info", `/${command.name} was done before its answer could leave.`, [
      `Trading is at level ${level} now, by ${levelBy}. Send it again to halt once more.`,
    ]),
  );
}

async function refuseStranger(needs: Needs, incoming: CommandIn): Promise<Ran> {
  const { platform } = incoming.chat;
  mark("M01.command_of_a_stranger");
  await recordFacts(needs, "house", [
    {
      type: "tap_refused",
      approvalId: null,
      personId: null,
      platform,
      userId: incoming.sender.userId,
      because: `/${incoming.name} from someone who is not linked`,
    },
  ]);
  return said(
    "refused",
    plainCard("warning", "You are not linked to this house.", [
      "Ask the owner for a link code, then send /link CODE here.",
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
