/**
 * The third process: watches the house from outside, with a bot and a chat of its own. It needs neither the database nor the
 * queue nor the chats of the house, and runs on the same machine or on another one.
 *
 *   npm run watchdog
 *
 * Ends with 0 when it is told to, with 2 when a variable is missing or wrong. An error that nobody caught is said and survived.
 */
import { systemClock } from "../adapters/system/clock.ts";
import { readBeaconKey, sealWith } from "../adapters/system/seal.ts";
import { systemVault } from "../adapters/system/vault.ts";
import { readWatchdogSettings, usage } from "./settings.ts";
import { openTeller } from "./tell.ts";
import { watchHouseFromOutside } from "./watch.ts";

const askEveryMs = 2_000;
const say = (line: string): void => void process.stdout.write(`${line}\n`);

export async function main(
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Promise<number> {
  if (argv.length > 0) return refuse(usage);
  const read = readWatchdogSettings(env, process.cwd());
  if (!read.ok) return refuse(`${read.problem}\n\n${usage}`);
  const { house, home, key, token, chat, apiRoot } = read.value;
  const clock = systemClock();
  const vault = systemVault();
  const ended = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, () => ended.abort(name));
  process.stdout.on("error", () => undefined);
  // A watchdog that dies of a mistake of its own would be missed by nobody.
  const survive = (error: unknown) =>
    say(`The watchdog goes on after an error: ${nameOf(error).replaceAll(token, "…")}`);
  process.on("uncaughtException", survive);
  process.on("unhandledRejection", survive);
  const teller = openTeller({ apiRoot, token, chat, clock, say });
  const seal = () => {
    const found = key ?? readBeaconKey(home);
    return found === null ? null : sealWith(found);
  };
  say(`The watchdog watches ${house}`);
  // Shows at once that this way is open, before it is needed.
  teller.tell(`🔵 The watchdog watches ${house}`);
  const watching = { house, seal, nonce: () => vault.token(), clock, teller, say, everyMs: askEveryMs };
  await Promise.all([teller.run(ended.signal), watchHouseFromOutside(watching, ended.signal)]);
  return 0;
}

const nameOf = (error: unknown): string => (error instanceof Error ? `${error.name}: ${error.message}` : String(error));

function refuse(text: string): number {
  process.stderr.write(`${text}\n`);
  return 2;
}
