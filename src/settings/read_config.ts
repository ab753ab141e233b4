/**
 * Reads every setting, once, at start: all problems together, by name, without any value.
 *
 *   argv --readFlags--+--> environment: readTexts --> validate --+
 *                     +--> countersign.yaml: readYaml -> readTree -> validate --+--> crossProblems --> Config
 */
import {
  type Config,
  type Environment,
  environmentGroup,
  environmentSettings,
  type FileSettings,
  fileGroup,
} from "../config.ts";
import { fail, ok, type Result } from "../core/result.ts";
import { crossProblems, type Known } from "./cross_checks.ts";
import type { SettingProblem } from "./problem.ts";
import { type Flags, readFlags } from "./read_flags.ts";
import { type ReadFile, readTexts, type Texts } from "./read_texts.ts";
import { readTree } from "./read_tree.ts";
import { readYaml } from "./read_yaml.ts";
import { validate } from "./validate.ts";

export type ConfigSources = {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The words after the program's name. */
  readonly argv: readonly string[];
  /** Reads one small text file with its permission bits; null = there is none. */
  readonly readFile: ReadFile;
  /** What exists in this house: names are checked against it, and params against each strategy's own schema. */
  readonly known: Known;
};

/** Reads all settings. The problems are all there are, by name, without any value. The result is frozen to its depth. */
export function readConfig(sources: ConfigSources): Result<Config, readonly SettingProblem[]> {
  const flags = readFlags(sources.argv);
  const texts = readTexts(sources, environmentSettings, flags.environment);
  const environment = validate(environmentGroup, texts.tree, texts.whereIs);
  const written = readYaml(texts.tree["COUNTERSIGN_CONFIG"], sources.readFile);
  const tree = readTree(written, flags.file);
  const file = validate(fileGroup, tree.values, tree.whereIs);

  const problems = [flags.problems, texts.problems, environment.problems, written.problems, file.problems].flat();
  const crossed = crossProblems({
    environment: environment.value,
    file: file.value,
    files: texts.files,
    known: sources.known,
  });
  if (environment.value === null || file.value === null || problems.length + crossed.problems.length > 0)
    return fail([...problems, ...crossed.problems]);
  return ok(
    deepFreeze(compose(environment.value, { ...file.value, strategies: crossed.strategies }, flags, texts.files)),
  );
}

function compose(environment: Environment, written: FileSettings, flags: Flags, files: Texts["files"]): Config {
  const declaredBalance = environment.accountBalance ?? environment.accountBalanceUsd;
  return {
    ...written,
    environment,
    declaredBalance,
    once: flags.once,
    acceptRestoredDatabase: flags.acceptRestoredDatabase,
    livePhrase: flags.livePhrase,
    liveCode: flags.liveCode,
    authenticator: flags.authenticator,
    secretFiles: files,
  };
}

function deepFreeze<Value>(value: Value): Value {
  if (typeof value !== "object" || value === null) return value;
  for (const inner of Object.values(value)) deepFreeze(inner);
  return Object.freeze(value);
}
