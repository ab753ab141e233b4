/** The command line of `npm start`. Each flag stands for one setting, so that both are checked by the same declaration. */
import { parseArgs } from "node:util";
import { didYouMean, type SettingProblem } from "./problem.ts";
import type { Stand } from "./read_texts.ts";
import type { Override } from "./read_tree.ts";

type Flag = {
  readonly summary: string;
  readonly example: string | null;
  /** Which setting it replaces: a variable, or a path in countersign.yaml; null = it is about this run only. */
  readonly stands: { readonly variable: string } | { readonly path: readonly string[] } | null;
};

export const flags = {
  mode: { summary: "paper, dry_run, live or backtest", example: "paper", stands: { path: ["mode"] } },
  once: { summary: "One look at the market, then stop", example: null, stands: null },
  interval: { summary: "Time between two looks at the market", example: "5m", stands: { path: ["interval"] } },
  market: {
    summary: "CSV file or folder of candles to replay in paper mode, or live:VENUE; may be given several times",
    example: "candles/",
    stands: { path: ["practice", "market"] },
  },
  speed: { summary: "How many times faster the replay runs", example: "60", stands: { path: ["practice", "speed"] } },
  port: { summary: "Port of the desk", example: "7373", stands: { variable: "DESK_PORT" } },
  config: { summary: "The settings file", example: "countersign.yaml", stands: { variable: "COUNTERSIGN_CONFIG" } },
  home: {
    summary: "Folder for the database, keys and logs",
    example: ".countersign",
    stands: { variable: "COUNTERSIGN_HOME" },
  },
  "accept-restored-database": {
    summary: "Trade on although the database is older or another one than this house knows; says why",
    example: "backup-of-friday",
    stands: null,
  },
  "live-phrase": {
    summary: "Arms LIVE for the present settings, key and account: real money from then on",
    example: "YES I AM SURE",
    stands: null,
  },
  "live-code": {
    summary: "The six digits of an owner's authenticator app that arming LIVE takes once an owner has one",
    example: "123456",
    stands: null,
  },
  authenticator: {
    summary: "Shows a QR code that sets up the authenticator app of a person anew, for whoever lost theirs",
    example: "owner",
    stands: null,
  },
  help: { summary: "Shows this text", example: null, stands: null },
} as const satisfies Record<string, Flag>;

type FlagName = keyof typeof flags;
const flagNames = Object.keys(flags) as readonly FlagName[];

export type Flags = {
  readonly once: boolean;
  readonly acceptRestoredDatabase: string | null;
  readonly livePhrase: string | null;
  readonly liveCode: string | null;
  readonly authenticator: string | null;
  readonly environment: readonly Stand[];
  readonly file: readonly Override[];
  readonly problems: readonly SettingProblem[];
};

export function readFlags(argv: readonly string[]): Flags {
  const problems: SettingProblem[] = [];
  const texts = new Map<FlagName, string[]>();
  for (const { name, value } of tokensOf(argv)) {
    const known = flagNames.find((flag) => flag === name);
    if (name === null)
      problems.push({ name: "command line", where: null, text: "has a word that is no flag; run with --help" });
    else if (known === undefined)
      problems.push({
        name: `--${name}`,
        where: null,
        text: `there is no such flag${didYouMean(name, flagNames, "--")}`,
      });
    else if (flags[known].example === null && value !== null)
      problems.push({ name: `--${known}`, where: null, text: "takes no value" });
    else if (flags[known].example !== null && value === null)
      problems.push({
        name: `--${known}`,
        where: null,
        text: `needs a value, such as --${known} ${flags[known].example}`,
      });
    else texts.set(known, [...(texts.get(known) ?? []), value ?? ""]);
  }
  return { ...sorted(texts), problems };
}

function sorted(texts: ReadonlyMap<FlagName, readonly string[]>): Omit<Flags, "problems"> {
  const environment: Stand[] = [];
  const file: Override[] = [];
  for (const [name, given] of texts) {
    const { stands } = flags[name];
    const last = given.at(-1) ?? "";
    if (stands === null) continue;
    if ("variable" in stands) environment.push({ name: stands.variable, text: last, flag: `--${name}` });
    else
      file.push({
        path: stands.path,
        value: name === "market" ? given.flatMap((one) => one.split(",")) : last,
        flag: `--${name}`,
      });
  }
  const acceptRestoredDatabase = texts.get("accept-restored-database")?.at(-1) ?? null;
  const livePhrase = texts.get("live-phrase")?.at(-1) ?? null;
  const liveCode = texts.get("live-code")?.at(-1) ?? null;
  const authenticator = texts.get("authenticator")?.at(-1) ?? null;
  return { once: texts.has("once"), acceptRestoredDatabase, livePhrase, liveCode, authenticator, environment, file };
}

type Token = { readonly name: string | null; readonly value: string | null };

/** A flag and the word after it; a word that belongs to no flag has no name. parseArgs can't do this for flags it doesn't know. */
function tokensOf(argv: readonly string[]): readonly Token[] {
  const options = Object.fromEntries(
    flagNames.map((name) => [
      name,
      { type: flags[name].example === null ? ("boolean" as const) : ("string" as const), multiple: true },
    ]),
  );
  const { tokens } = parseArgs({ args: [...argv], options, strict: false, allowPositionals: true, tokens: true });
  return tokens.flatMap((token, index): readonly Token[] => {
    if (token.kind === "option-terminator") return [];
    if (token.kind === "option") return [{ name: token.name, value: token.value ?? null }];
    // The word after a flag we don't know was meant for that flag: one complaint is enough.
    const before = tokens[index - 1];
    const isForUnknown = before?.kind === "option" && !flagNames.some((name) => name === before.name);
    return isForUnknown ? [] : [{ name: null, value: null }];
  });
}
