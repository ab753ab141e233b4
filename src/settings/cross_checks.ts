/** What no single setting can know: that two of them agree, and that live trading has all it needs. */
import type { z } from "zod";
import type { Environment, FileSettings as File } from "../config.ts";
import { matchersIn } from "../core/alerting.ts";
import { noSuch, type SettingProblem } from "./problem.ts";
import type { Texts } from "./read_texts.ts";
import { validate } from "./validate.ts";

/** Names and schemas of what exists in this house. */
export type Known = {
  readonly strategies: readonly {
    readonly name: string;
    readonly params: z.ZodObject;
    readonly declares: { readonly instrumentsMax: number };
  }[];
  readonly venues: readonly string[];
  /** Absent = names of alerts are not looked at. */
  readonly alerts?: readonly string[];
};

type Subject = {
  /** null = it has problems of its own already; what can be judged without it still is. */
  readonly environment: Environment | null;
  readonly file: File | null;
  readonly files: Texts["files"];
  readonly known: Known;
};
type Crossed = { readonly problems: readonly SettingProblem[]; readonly strategies: File["strategies"] };

export function crossProblems({ environment, file, files, known }: Subject): Crossed {
  const problems: SettingProblem[] = [];
  if (environment !== null) problems.push(...balanceProblems(environment), ...halfKeyProblems(environment));
  if (file === null) return { problems, strategies: [] };
  const read = readStrategies(file, known);
  problems.push(
    ...venueProblems(file, known),
    ...watchListProblems(file),
    ...read.problems,
    ...peopleProblems(file),
    ...approvalProblems(file),
    ...routeProblems(file, known),
  );
  if (file.mode === "live") problems.push(...liveProblems({ environment, file, files }));
  return { problems, strategies: read.strategies };
}

function problem(name: string, text: string): SettingProblem {
  return { name, where: null, text };
}

function balanceProblems({ accountBalance, accountBalanceUsd }: Environment): readonly SettingProblem[] {
  if (accountBalance === null || accountBalanceUsd === null || accountBalance === accountBalanceUsd) return [];
  return [problem("ACCOUNT_BALANCE", "differs from ACCOUNT_BALANCE_USD; give one, or the same in both")];
}

function halfKeyProblems({
  kucoinApiKey,
  kucoinApiSecret,
  kucoinApiPassphrase,
}: Environment): readonly SettingProblem[] {
  const parts = {
    KUCOIN_API_KEY: kucoinApiKey,
    KUCOIN_API_SECRET: kucoinApiSecret,
    KUCOIN_API_PASSPHRASE: kucoinApiPassphrase,
  };
  const missing = Object.entries(parts).flatMap(([name, part]) => (part === null ? [name] : []));
  if (missing.length === 0 || missing.length === 3) return [];
  return missing.map((name) => problem(name, "is missing; a KuCoin key is three values, give all or none"));
}

function venueProblems({ venue }: File, known: Known): readonly SettingProblem[] {
  return known.venues.includes(venue) ? [] : [problem("venue", noSuch("venue", venue, known.venues))];
}

function watchListProblems({ watchList }: File): readonly SettingProblem[] {
  if (watchList.length === 0) return [problem("watch_list", "is empty; name at least one instrument")];
  const quotes = new Set(watchList.map((symbol) => symbol.split("/")[1]));
  if (quotes.size > 1) return [problem("watch_list", "mixes quote currencies; the books are kept in one")];
  return doubles(watchList).length === 0 ? [] : [problem("watch_list", "names an instrument twice; keep one")];
}

function readStrategies(file: File, known: Known): Crossed {
  const problems: SettingProblem[] = [];
  const names = known.strategies.map(({ name }) => name);
  const taken = new Set<string>();
  const strategies = file.strategies.map((wanted, index) => {
    const at = `strategies[${index + 1}]`;
    problems.push(...symbolProblems(at, wanted.symbols, file.watchList));
    const slots = (wanted.symbols.length === 0 ? file.watchList : wanted.symbols).map((one) => `${wanted.name} ${one}`);
    if (slots.some((slot) => taken.has(slot)))
      problems.push(problem(at, "is the same strategy on the same instrument as one above; keep one"));
    for (const slot of slots) taken.add(slot);

    const definition = known.strategies.find(({ name }) => name === wanted.name);
    if (definition === undefined) {
      problems.push(problem(`${at}.name`, noSuch("strategy", wanted.name, names)));
      return wanted;
    }
    const watched = wanted.symbols.length === 0 ? file.watchList : wanted.symbols;
    const { instrumentsMax } = definition.declares;
    if (watched.length > instrumentsMax)
      problems.push(
        problem(
          `${at}.symbols`,
          `are ${watched.length}, and ${wanted.name} declares at most ${instrumentsMax}; name fewer`,
        ),
      );
    const params = validate(definition.params.strict(), wanted.params, () => null);
    problems.push(...params.problems.map(({ name, text }) => problem(`${at}.params.${name}`, text)));
    return { ...wanted, params: (params.value ?? {}) as Record<string, unknown> };
  });
  return { problems, strategies };
}

function symbolProblems(
  at: string,
  symbols: readonly string[],
  watchList: readonly string[],
): readonly SettingProblem[] {
  return symbols.flatMap((symbol, index) =>
    watchList.includes(symbol)
      ? []
      : [problem(`${at}.symbols[${index + 1}]`, "isn't on the watch_list; add it there or remove it here")],
  );
}

function peopleProblems({ people, chats }: File): readonly SettingProblem[] {
  const twice = (where: string, values: readonly (string | null)[]): readonly SettingProblem[] =>
    doubles(values.filter((value) => value !== null)).length === 0
      ? []
      : [problem(where, "the same one stands twice; keep one")];
  return [
    ...twice(
      "people.name",
      people.map(({ name }) => name),
    ),
    ...twice(
      "people.telegram",
      people.map(({ telegram }) => telegram),
    ),
    ...twice(
      "people.discord",
      people.map(({ discord }) => discord),
    ),
    ...twice("chats.telegram", chats.telegram),
    ...twice("chats.discord", chats.discord),
  ];
}

function approvalProblems({ approvals, mode }: File): readonly SettingProblem[] {
  const problems: SettingProblem[] = [];
  if (approvals.hardBps < approvals.softBps)
    problems.push(problem("approvals.hard_bps", "must not be below approvals.soft_bps"));
  if (mode === "live" && approvals.stepUp === "off")
    problems.push(problem("approvals.step_up", "must be auto or on in live mode; off is for practice"));
  if (mode === "live" && approvals.policy === "automatic")
    problems.push(problem("approvals.policy", "must be ask in live mode; automatic is for paper and dry_run"));
  return problems;
}

function liveProblems({
  environment,
  file,
  files,
}: Pick<Subject, "environment" | "files"> & { file: File }): readonly SettingProblem[] {
  const problems: SettingProblem[] = [];
  if (environment !== null && environment.accountBalance === null && environment.accountBalanceUsd === null)
    problems.push(problem("ACCOUNT_BALANCE", "is missing; live trading needs to know what the account holds"));
  if (environment !== null && file.venue === "kucoin" && environment.kucoinApiKey === null)
    problems.push(problem("KUCOIN_API_KEY", "is missing; live trading at kucoin needs key, secret and passphrase"));
  if (file.practice.speed !== 1) problems.push(problem("practice.speed", "must be 1 in live mode"));
  for (const { name } of files.filter((one) => (one.mode & 0o077) !== 0))
    problems.push(problem(name, "is in a file that others can read; run chmod 600 on it"));
  return problems;
}

function doubles(values: readonly string[]): readonly string[] {
  return [...new Set(values.filter((value, index) => values.indexOf(value) !== index))];
}

const routeLabels = ["alert", "severity", "account", "mode", "venue", "instrument", "strategy", "cause", "scope"];
const severities = ["critical", "warning", "info"];

/** A rule that can never fit, or that names nobody, is a mistake that would be found in the night when it matters. */
function routeProblems({ alerts, people }: File, known: Known): readonly SettingProblem[] {
  const names = people.map(({ name }) => name);
  return alerts.routes.flatMap((route, index) => {
    const at = `alerts.routes[${index + 1}]`;
    const wrong = matchersIn(route.match).flatMap(({ label, value }) => {
      if (!routeLabels.includes(label)) return [noSuch("label", label, routeLabels)];
      if (label === "severity" && !severities.includes(value)) return [noSuch("severity", value, severities)];
      if (label === "alert" && known.alerts?.includes(value) === false) return [noSuch("alert", value, known.alerts)];
      return [];
    });
    const strangers = route.people.filter((name) => !names.includes(name));
    return [
      ...wrong.map((text) => problem(`${at}.match`, text)),
      ...strangers.map((name) => problem(`${at}.people`, noSuch("person", name, names))),
    ];
  });
}
