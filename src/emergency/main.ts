/**
 * The second process: closes everything when the bot, its database, its queue and its chats may all be gone.
 *
 *   npm run emergency -- now "why"        at once
 *   npm run emergency -- serve            waits for a file, or for a request on a loopback port
 *
 * Ends with 3 when nothing of ours is left, with 4 when something is or nobody knows, with 2 when it could not begin: also
 * when another one is at work already.
 */
import { parseArgs } from "node:util";
import { openJournal } from "../adapters/journal/file_journal.ts";
import { takeHomeLock } from "../adapters/journal/home_lock.ts";
import { identityOfThisProcess } from "../adapters/journal/process_identity.ts";
import { systemClock } from "../adapters/system/clock.ts";
import { systemVault } from "../adapters/system/vault.ts";
import { unsettledSales } from "../core/emergency_plan.ts";
import { isoTime } from "../core/time.ts";
import type { EmergencyVenue, Pace } from "../ports/emergency_venue.ts";
import { kucoinEmergency } from "../venues/kucoin/emergency_wire.ts";
import { type Connect, releaseQuickly, takeEpochQuickly } from "./epoch.ts";
import { type EmergencyFiles, emergencyFiles, homeToClose, type Reach, reachOf } from "./files.ts";
import { openNote } from "./note.ts";
import { type EmergencyReport, runEmergency } from "./run.ts";
import { type Call, waitForCall } from "./serve.ts";

const clock = systemClock();
const vault = systemVault();
const exitCodes = { notBegun: 2, flat: 3, left: 4 } as const;
const liveHost = "https://api.kucoin.com";
const usage = `npm run emergency -- now "why" [--dedicated] [--mode live|paper] [--home FOLDER]
npm run emergency -- serve [--port 7375] [--mode live|paper] [--home FOLDER]

Cancels every order of the bot and sells what it holds, without its database, its queue and its chats.
--dedicated   the account belongs to the bot alone: everything on it is closed
--mode        whose records count where the home has both; those of real money unless told
`;

const say = (line: string): void => void process.stdout.write(`${line}\n`);

export async function main(
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      home: { type: "string" },
      port: { type: "string" },
      dedicated: { type: "boolean" },
      mode: { type: "string" },
      rate: { type: "string" },
    },
  });
  const [word, ...reason] = positionals;
  const { mode = null } = values;
  if ((word !== "now" && word !== "serve") || (mode !== null && mode !== "live" && mode !== "paper"))
    return refuse(usage);
  const root = values.home ?? env["COUNTERSIGN_HOME"] ?? ".countersign";
  const waiting = emergencyFiles(root);
  const told: Call =
    word === "now"
      ? { by: "command line", reason: reason.join(" ") || "no reason given", isDedicated: false }
      : await waitForCall(waiting, {
          port: Number(values.port ?? "7375"),
          token: vault.token() + vault.token(),
          every: (ms, run) => clock.every(ms, run),
          say,
        });
  const call = { ...told, isDedicated: told.isDedicated || values.dedicated === true };
  // Only now: a process that waited for days must not act on the snapshot of its start, nor on the mode of then.
  const home = homeToClose(root, mode);
  const code = await alone(home, call, (hold) => begin({ home, env, call, hold, rate: Number(values.rate ?? "8") }));
  if (code !== exitCodes.notBegun) waiting.dropTrigger();
  return code;
}

/** This run by name, and whether the home is still its own. */
type Hold = { readonly id: string; isOurs(): Promise<boolean> };

/** Two that count the same coins would sell them twice, and their lines in one journal would break its chain. */
async function alone(home: string, call: Call, work: (hold: Hold) => Promise<number>): Promise<number> {
  const { pid } = identityOfThisProcess();
  const id = `emergency of process ${pid}, ${vault.token()}`;
  const holder = `process ${pid}, since ${isoTime(clock.wall())}, called by ${call.by}: ${call.reason} (${id})`;
  const lock = await takeHomeLock(home, { holder, clock, fileName: "emergency.lock" });
  if (!lock.ok && lock.problem.kind === "held")
    return refuse(
      `Another emergency process is at work in ${home}: ${lock.problem.by ?? `one that does not answer; its number stands in ${home}/emergency.json. If it is frozen, end it`}. Nothing was begun by this one.`,
    );
  if (!lock.ok) {
    const because = lock.problem.kind === "unavailable" ? lock.problem.because : "held";
    say(`${home} can't hold a lock (${because}): see that no second one is started.`);
    return await work({ id, isOurs: () => Promise.resolve(true) });
  }
  try {
    return await work({ id, isOurs: () => lock.value.isOurs() });
  } finally {
    await lock.value.release();
  }
}

/** Which exchange the snapshot means; practice money never leaves this machine. */
function addressOf({ lifeline }: EmergencyFiles, reach: Reach) {
  const mode = lifeline?.mode ?? "live";
  const baseUrl = reach.baseUrl ?? lifeline?.baseUrl ?? (mode === "live" ? liveHost : null);
  const isAllowed = baseUrl !== null && (mode === "live" || isLoopback(baseUrl));
  return { mode, baseUrl: isAllowed ? baseUrl : null, given: baseUrl ?? "no address" };
}

function snapshotLine({ lifeline, lifelineProblem }: EmergencyFiles): string {
  if (lifelineProblem !== null || lifeline === null)
    return `No snapshot (${lifelineProblem ?? "none was written"}): only orders with our name are known, or all with --dedicated.`;
  const { mode, at, comparedAt, positions, orders } = lifeline;
  const money = mode === "live" ? "LIVE, real money" : mode;
  const compared = comparedAt === undefined ? "" : `, compared with the exchange ${comparedAt ?? "nobody knows when"}`;
  return `Snapshot of ${at} (${money})${compared}: ${positions.length} positions, ${orders.length} orders`;
}

type Begin = {
  readonly home: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly call: Call;
  readonly hold: Hold;
  readonly rate: number;
};

async function begin({ home, env, call, hold, rate }: Begin): Promise<number> {
  const files = emergencyFiles(home);
  const { lifeline } = files;
  const isPractice = lifeline !== null && lifeline.mode !== "live";
  const reach = reachOf(home, env, { isPractice });
  const { mode, baseUrl, given } = addressOf(files, reach);
  if (reach.keys === null)
    return refuse("No keys: set EMERGENCY_KUCOIN_API_KEY, _SECRET and _PASSPHRASE, or KUCOIN_API_KEY and so on.");
  if (baseUrl === null)
    return refuse(`The last snapshot says ${mode}, so the exchange must be on this machine; ${given} is not.`);
  const offset = { ms: 0 };
  const pace = paceOf(rate, offset);
  const venue = kucoinEmergency({ ...reach.keys, baseUrl }, pace);
  // Before the bot is told to stand back and loses its epoch: with a key that opens nothing nobody would guard anything.
  const refusal = await venue.keyRefusal();
  if (refusal !== null)
    return refuse(`The exchange refuses this key (${refusal}). Nothing was begun; the bot goes on.`);
  say(snapshotLine(files));
  const journal = openJournal({ path: files.journalPath, sha256: vault.sha256, now: () => isoTime(clock.wall()) });
  // What can't be written down must not keep anybody from getting out; the exchange's own record remains.
  if (!journal.ok) say(`${journal.problem.because} Going on without it.`);
  const earlier = journal.ok ? journal.value.lines().filter((line) => line.kind === "emergency") : [];
  const tools = { connect: connectPg, sleep: (ms: number) => clock.sleep(ms), holder: hold.id };
  const epoch = await takeEpochQuickly(reach.database, { ...tools, above: lifeline?.epoch ?? 0 });
  say(
    epoch === null
      ? "The database does not answer; going on with journal and signed times."
      : `Epoch ${epoch} is ours: the bot can write nothing any more.`,
  );
  const write = (step: string, about: Readonly<Record<string, string>>) =>
    void (journal.ok ? journal.value.write({ kind: "emergency", step, about }) : null);
  write("begun", { by: call.by, reason: call.reason, epoch: String(epoch ?? "none") });
  const note = openNote(files, { call, id: hold.id, clock, say });
  const isOurs = async () => note.isOurs() && (await hold.isOurs());
  pace.mayWrite = isOurs;
  const report = await closeOrTell(venue, offset, {
    lifeline,
    isDedicated: call.isDedicated,
    mode,
    epoch: epoch ?? (lifeline?.epoch ?? 0) + 1,
    unsettled: unsettledSales(earlier),
    turn: () => pace.turn(),
    isOurs,
    journal: write,
    tell: note.tell,
  });
  note.tell({ isDone: true, left: [...report.left] });
  note.stop();
  write("done", { left: report.left.join("; ") });
  if (epoch !== null && reach.database !== null) await releaseQuickly(reach.database, tools);
  return printed(report);
}

type Known = Pick<
  Parameters<typeof runEmergency>[0],
  "lifeline" | "isDedicated" | "mode" | "epoch" | "unsettled" | "turn" | "isOurs" | "journal" | "tell"
>;

/** However it ends: somebody is told what is known, and the bot finds a note that says it is over. */
async function closeOrTell(venue: EmergencyVenue, offset: { ms: number }, known: Known): Promise<EmergencyReport> {
  try {
    await measure(venue, offset);
    const { lifeline } = known;
    const venueTime = (text: string) => Date.parse(text) + offset.ms;
    // An older snapshot does not tell when its books were compared; it was taken for true when it was written.
    const compared = lifeline?.comparedAt === undefined ? lifeline?.at : lifeline.comparedAt;
    return await runEmergency({
      ...known,
      venue,
      snapshotAt: lifeline === null ? null : venueTime(lifeline.at),
      comparedAt: compared == null ? null : venueTime(compared),
      begunAt: clock.wall() + offset.ms,
      sha256: vault.sha256,
      venueNow: () => clock.wall() + offset.ms,
      mono: () => clock.mono(),
      sleep: (ms) => clock.sleep(ms),
      say,
    });
  } catch (error) {
    const because = `it could not go on: ${(error as Error).message}; look at the exchange, then call it again`;
    return { closed: [], left: [because], lookedTwice: false };
  }
}

async function measure(venue: EmergencyVenue, offset: { ms: number }): Promise<void> {
  const before = clock.wall();
  const told = await venue.time();
  offset.ms = Math.round(told - (before + clock.wall()) / 2);
}

/** Requests one after the other, at most this many a second: nobody gets out faster by being shut out. */
function paceOf(perSecond: number, offset: { ms: number }): Pace {
  let next = 0;
  return {
    async turn() {
      const now = clock.mono();
      const mine = Math.max(now, next);
      next = mine + 1_000 / perSecond;
      if (mine > now) await clock.sleep(mine - now);
    },
    mayWrite: () => Promise.resolve(false),
    now: () => Math.round(clock.wall() + offset.ms),
    sleep: (ms) => clock.sleep(ms),
    say,
  };
}

const connectPg: Connect = async (address) => {
  const { default: pg } = await import("pg");
  const where = "url" in address ? { connectionString: address.url } : address;
  const client = new pg.Client({ ...where, connectionTimeoutMillis: 1_000 });
  // A server that dies later is no trouble of this process.
  client.on("error", () => undefined);
  await client.connect();
  return client;
};

const isLoopback = (url: string): boolean => /^http:\/\/(127\.\d+\.\d+\.\d+|localhost|\[::1\])(:\d+)?\/?$/.test(url);

function refuse(text: string): number {
  say(text);
  return exitCodes.notBegun;
}

function printed(report: EmergencyReport): number {
  for (const one of report.closed)
    say(
      `  ${one.symbol.padEnd(12)} ${one.quantity} in ${(one.flatMs / 1_000).toFixed(1)} s, ${one.sales} sales, left ${one.left}`,
    );
  if (report.left.length === 0) {
    say(
      "Flat: two looks at every list, and one at the balances, found nothing of ours. The bot stays halted until somebody says /resume.",
    );
    return exitCodes.flat;
  }
  say(`Not flat:\n  ${report.left.join("\n  ")}`);
  return exitCodes.left;
}
