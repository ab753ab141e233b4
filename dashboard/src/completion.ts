/** What the command box offers for the words typed so far. Pure; the caller fetches values that only the house knows. */
import type { CommandView, OptionView } from "../../src/adapters/desk/contract.ts";

export type Hint =
  | { readonly kind: "none" }
  | { readonly kind: "names"; readonly matches: readonly CommandView[] }
  | {
      readonly kind: "option";
      readonly command: CommandView;
      readonly option: OptionView;
      readonly prefix: string;
      /** The line up to the word that is being typed. */
      readonly head: string;
    }
  /** All options are given. */
  | { readonly kind: "complete"; readonly command: CommandView };

export function hintFor(text: string, commands: readonly CommandView[]): Hint {
  if (!text.startsWith("/")) return { kind: "none" };
  const space = text.indexOf(" ");
  if (space === -1) return { kind: "names", matches: matchNames(text.slice(1).toLowerCase(), commands) };
  const name = text.slice(1, space).toLowerCase();
  const command = commands.find((known) => isCalled(known, name));
  if (command === undefined) return { kind: "none" };
  const words = text.slice(space + 1).split(" ");
  const option = command.options[words.length - 1] ?? restOption(command);
  if (option === undefined) return { kind: "complete", command };
  const prefix = words.at(-1) ?? "";
  return { kind: "option", command, option, prefix, head: text.slice(0, text.length - prefix.length) };
}

const isCalled = ({ name, aliases = [] }: CommandView, word: string): boolean =>
  name === word || aliases.includes(word);

const restOption = ({ options }: CommandView): OptionView | undefined => options.findLast(({ takesRest }) => takesRest);

/** Names that begin with the letters first, then names and summaries that hold them. */
function matchNames(letters: string, commands: readonly CommandView[]): readonly CommandView[] {
  const begins = commands.filter(({ name }) => name.startsWith(letters));
  const holds = commands.filter(
    ({ name, aliases = [], summary }) =>
      !name.startsWith(letters) &&
      letters !== "" &&
      (name.includes(letters) ||
        aliases.some((alias) => alias.startsWith(letters)) ||
        summary.toLowerCase().includes(letters)),
  );
  return [...begins, ...holds];
}

/** What is sent: a command, plain words, or nothing. A single word that is a command's name is meant as the command. */
export type Sentence =
  | { readonly kind: "command"; readonly name: string; readonly text: string }
  | { readonly kind: "words"; readonly text: string }
  | { readonly kind: "nothing" };

export function readSentence(typed: string, commands: readonly CommandView[], isReply: boolean): Sentence {
  const text = typed.trim();
  if (text === "" || text === "/") return { kind: "nothing" };
  const found = /^\/([A-Za-z][A-Za-z0-9_]{0,31})(?:\s+([\s\S]*))?$/.exec(text);
  if (found?.[1] !== undefined) return { kind: "command", name: found[1].toLowerCase(), text: found[2] ?? "" };
  const isName = !isReply && commands.some((known) => isCalled(known, text.toLowerCase()));
  return isName ? { kind: "command", name: text.toLowerCase(), text: "" } : { kind: "words", text };
}
