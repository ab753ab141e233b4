/** What the watchdog is told: variables only, from the environment or from .env, each also as NAME_FILE. */
import { readFileSync } from "node:fs";
import { parseEnv } from "node:util";
import { fail, ok, type Result } from "../core/result.ts";

export type WatchdogSettings = {
  readonly house: string;
  readonly home: string;
  /** null = the one in the home. */
  readonly key: string | null;
  readonly token: string;
  readonly chat: string;
  readonly apiRoot: string;
};

type Given = Readonly<Record<string, string | undefined>>;

export const usage = `npm run watchdog

Asks the house every 2 s how it is, and tells its own chat when the house is silent or sick, and when it is back.
WATCHDOG_TELEGRAM_TOKEN   token of a bot of its own (not the bot of the house), from @BotFather
WATCHDOG_TELEGRAM_CHAT    numeric id of the chat that is told; write to the bot there once before
WATCHDOG_HOUSE            address of the house; absent = http://DESK_HOST:DESK_PORT, else http://127.0.0.1:7373
BEACON_KEY                the key of the house, when the watchdog runs elsewhere; absent = beacon.key in COUNTERSIGN_HOME
`;

/** The problem is one sentence a line, without any value. */
export function readWatchdogSettings(env: Given, folder: string): Result<WatchdogSettings, string> {
  const text = readerOf({ ...dotEnv(folder), ...env });
  const address = `http://${text("DESK_HOST") ?? "127.0.0.1"}:${text("DESK_PORT") ?? "7373"}`;
  const read: WatchdogSettings = {
    house: (text("WATCHDOG_HOUSE") ?? address).replace(/\/+$/, ""),
    home: text("COUNTERSIGN_HOME") ?? ".countersign",
    key: text("BEACON_KEY"),
    token: text("WATCHDOG_TELEGRAM_TOKEN") ?? "",
    chat: text("WATCHDOG_TELEGRAM_CHAT") ?? "",
    apiRoot: (text("TELEGRAM_API_ROOT") ?? "https://api.telegram.org").replace(/\/+$/, ""),
  };
  const problems = problemsOf(read, text("TELEGRAM_BOT_TOKEN"));
  return problems.length > 0 ? fail(problems.join("\n")) : ok(read);
}

function problemsOf(
  { house, key, token, chat, apiRoot }: WatchdogSettings,
  tokenOfHouse: string | null,
): readonly string[] {
  const rules: readonly (readonly [isRight: boolean, problem: string])[] = [
    [/^\d+:[\w-]{20,}$/.test(token), "WATCHDOG_TELEGRAM_TOKEN must be the token as @BotFather shows it"],
    [token !== tokenOfHouse, "WATCHDOG_TELEGRAM_TOKEN must be another bot than the house's"],
    [/^-?\d{1,19}$/.test(chat), "WATCHDOG_TELEGRAM_CHAT must be the numeric id of a chat"],
    [key === null || /^\S{32,200}$/.test(key), "BEACON_KEY must have 32 to 200 characters without spaces"],
    [isHttp(house), "WATCHDOG_HOUSE must begin with http:// or https://"],
    [isHttp(apiRoot), "TELEGRAM_API_ROOT must begin with http:// or https://"],
  ];
  return rules.flatMap(([isRight, problem]) => (isRight ? [] : [problem]));
}

/** NAME, or what stands in the file that NAME_FILE names; an empty one counts as absent. */
function readerOf(given: Given): (name: string) => string | null {
  return (name) => {
    const plain = given[name] ?? "";
    const path = given[`${name}_FILE`] ?? "";
    const value = plain === "" && path !== "" ? (readText(path) ?? "").trim() : plain;
    return value === "" ? null : value;
  };
}

const isHttp = (address: string): boolean => /^https?:\/\/\S+$/.test(address) && URL.canParse(address);

function dotEnv(folder: string): Given {
  const text = readText(`${folder}/.env`);
  return text === null ? {} : parseEnv(text);
}

function readText(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
}
