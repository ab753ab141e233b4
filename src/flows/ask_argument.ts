/**
 * Commands that can't be done as they came, asked back with buttons: an option was left out, or what adds risk came late. A tap
 * gives the command again as if it had been typed then, with the same authorisation and the same proofs.
 */
import { actorName } from "../core/alert_words.ts";
import { type Card, plainCard } from "../core/card.ts";
import { mark } from "../core/mark.ts";
import type { Question } from "../core/question.ts";
import { type AnyCommand, commandNamed } from "../define/command.ts";
import type { Incoming } from "../ports/messenger.ts";
import { type Asking, askChoice } from "./ask_person.ts";
import { candidatesOf } from "./complete_option.ts";
import type { Needs } from "./needs.ts";
import { descriptionOf, parseOptions } from "./read_options.ts";
import type { TapIn } from "./stale_tap.ts";

/** More buttons than this are no help on a phone. */
const buttonsMax = 8;
const valueMax = 120;

type Given = Readonly<Record<string, unknown>>;

/** null = there is nothing to choose from. */
export function askArgument(
  needs: Needs,
  asking: Asking,
  about: { readonly command: AnyCommand; readonly given: Given; readonly option: string },
): (() => Promise<string>) | null {
  const { command, given, option } = about;
  const all = candidatesOf(needs, command, option).filter(({ value }) => value.length <= valueMax);
  if (all.length === 0) return null;
  const choices = all.slice(0, buttonsMax).map(({ value, label }) => ({ label: label ?? value, value }));
  const more = all.length > choices.length ? ` ${all.length - choices.length} more: type it.` : "";
  return () =>
    askChoice(needs, asking, {
      purpose: { kind: "argument", name: command.name, text: JSON.stringify(given), option },
      title: `/${command.name}: ${descriptionOf(command, option)}?`,
      line: `Tap one, or type ${command.examples.at(-1) ?? `/${command.name}`}.${more}`,
      choices,
    });
}

const still = "still";

export function askAgain(
  needs: Needs,
  asking: Asking,
  about: { readonly command: AnyCommand; readonly options: Given; readonly because: string; readonly outcome: string },
): Promise<string> {
  const { command, options, because, outcome } = about;
  mark("H07.asked_again_because_late");
  const books = needs.ledger.books();
  const { level, levelBy } = books.house;
  const state =
    level === "none" ? "no level is in force" : `trading is at level ${level}, by ${actorName(books, levelBy)}`;
  return askChoice(needs, asking, {
    purpose: { kind: "again", name: command.name, text: JSON.stringify(options) },
    title: `${because}.`,
    line: `Now ${state}. Still wanted? Tap, or send it again.`,
    choices: [
      { label: "Do it now", value: still },
      { label: "Leave it", value: "no" },
    ],
  }).then(() => outcome);
}

/** The command that a tap completes; a card = nothing is to be done, and this is said. */
export function completed(
  needs: Needs,
  tap: TapIn,
  { purpose }: Question,
  chosen: string,
): Extract<Incoming, { kind: "command" }> | Card {
  if (purpose.kind !== "argument" && purpose.kind !== "again") return plainCard("info", "That is no command.");
  if (purpose.kind === "again" && chosen !== still)
    return plainCard("ok", `Left as it is: /${purpose.name} is not done.`);
  const before = JSON.parse(purpose.text) as Record<string, string | number | boolean>;
  const options = purpose.kind === "argument" ? { ...before, [purpose.option]: chosen } : before;
  const { messageId: _message, token: _token, tappedAt, isInline: _inline, ...common } = tap;
  const sentAt = tappedAt ?? needs.clock.wall();
  return { ...common, kind: "command", name: purpose.name, options, text: Object.values(options).join(" "), sentAt };
}

/** Whether this command, with these options, adds risk. Words that can't be read are refused elsewhere. */
export function addsRisk(needs: Needs, incoming: Extract<Incoming, { kind: "command" }>): boolean {
  const command = commandNamed(needs.commands, incoming.name);
  if (command === undefined) return false;
  const options = parseOptions(command, incoming);
  return options.ok ? isRisky(needs, command, options.value) : command.access.urgency === "adds_risk";
}

/** What must be proven is never done from words that came late: the proof belongs to this moment. */
export function isRisky(needs: Needs, command: AnyCommand, options: Record<string, unknown>): boolean {
  if (command.access.urgency === "adds_risk" || command.addsRisk?.({ options, needs }) === true) return true;
  return needs.settings.approvals.isStepUp === true && (command.proof?.({ options, needs }) ?? "none") !== "none";
}
