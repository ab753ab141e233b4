/**
 * What stands around the process and could betray it: files that others read, TLS that checks nothing, proxies that see
 * everything, an open door for a debugger. LIVE refuses; everywhere else a warning is said once.
 */
import { mark } from "../core/mark.ts";
import type { SettingProblem } from "../settings/problem.ts";

export type Surroundings = {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Flags of node itself. */
  readonly execArgv: readonly string[];
  /** Address at which a debugger may connect; undefined = none. */
  readonly inspectorUrl: string | undefined;
  /** Files that hold secrets, with their permission bits. */
  readonly files: readonly { readonly name: string; readonly mode: number }[];
};

const proxyNames = ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"] as const;

/** @returns every problem, in words that say what to do; none = safe surroundings. */
export function surroundingsProblems(around: Surroundings): readonly SettingProblem[] {
  return [...tlsProblems(around), ...proxyProblems(around), ...debuggerProblems(around), ...fileProblems(around)];
}

function tlsProblems({ env, execArgv }: Surroundings): readonly SettingProblem[] {
  const problems: SettingProblem[] = [];
  if (env["NODE_TLS_REJECT_UNAUTHORIZED"] === "0") {
    mark("G08.tls_verification_off");
    problems.push(inEnvironment("NODE_TLS_REJECT_UNAUTHORIZED", "turns the checking of certificates off; unset it"));
  }
  const options = [...execArgv, ...(env["NODE_OPTIONS"] ?? "").split(/\s+/)];
  const weak = options.find((one) => /^--tls-(min-v1\.[01]|cipher-list)/.test(one));
  if (weak !== undefined) problems.push(inEnvironment(weak, "weakens TLS; start without it"));
  if ((env["SSLKEYLOGFILE"] ?? "") !== "" || options.some((one) => one.startsWith("--tls-keylog")))
    problems.push(inEnvironment("SSLKEYLOGFILE", "writes the keys of every connection to a file; unset it"));
  return problems;
}

function proxyProblems({ env }: Surroundings): readonly SettingProblem[] {
  const set = Object.keys(env).filter(
    (name) => proxyNames.some((proxy) => proxy === name.toUpperCase()) && (env[name] ?? "") !== "",
  );
  if (set.length > 0) mark("G08.proxy_set");
  return set.map((name) => inEnvironment(name, "would let somebody between this house and its venue; unset it"));
}

function debuggerProblems({ env, execArgv, inspectorUrl }: Surroundings): readonly SettingProblem[] {
  const options = [...execArgv, ...(env["NODE_OPTIONS"] ?? "").split(/\s+/)];
  const flag = options.find((one) => one.startsWith("--inspect"));
  if (flag === undefined && inspectorUrl === undefined) return [];
  mark("G08.debugger_open");
  return [inEnvironment(flag ?? "inspector", "lets a debugger read every secret of this process; start without it")];
}

function fileProblems({ files }: Surroundings): readonly SettingProblem[] {
  const open = files.filter((file) => (file.mode & 0o077) !== 0);
  if (open.length > 0) mark("G09.secret_readable_by_others");
  return open.map(({ name, mode }) => ({
    name,
    where: null,
    text: `is in a file that others can read (mode ${mode.toString(8)}); run chmod 600 on it`,
  }));
}

const inEnvironment = (name: string, text: string): SettingProblem => ({ name, where: "environment", text });
