/**
 * The second process: closes everything when the bot, its database, its queue and its chats may all be gone.
 *
 *   npm run emergency -- now "why"        at once
 *   npm run emergency -- serve            waits for a file, or for a request on a loopback port
 *
 * Ends with 3 when nothing of ours is left, with 4 when something is, with 2 when it could not begin.
 */
import { parseArgs } from "node:util";
import { openJournal } from "../adapters/journal/file_journal.ts";
import { systemClock } from "../adapters/system/clock.ts";
import { systemVault } from "../adapters/system/vault.ts";
import { unsettledSales } from "../core/emergency_plan.ts";
import type { Mode } from "../core/intent.ts";
import type { EmergencyNotice } from "../core/lifeline.ts";
import { isoTime } from "../core/time.ts";
import type { EmergencyVenue, Pace } from "../ports/emergency_venue.ts";
import { kucoinEmergency } from "../venues/kucoin/emergency_wire.ts";
import { type Connect, takeEpochQuickly } from "./epoch.ts";
import { type EmergencyFiles, emergencyFiles, homeToClose, type Reach, reachOf } from "./files.ts";
import { type EmergencyNeeds, type EmergencyReport, runEmergency } from "./run.ts";
import { type Call, waitForCall } from "./serve.ts";

const clock = systemClock();
const vault = systemVault();
const exitCodes = { notBegun: 2, flat: 3, left: 4 } as const;
const liveHost = "https://api.kucoin.com";
const usage = `npm run emergency -- now "why" [--dedicated] [--home FOLDER]
npm run emergency -- serve [--port 7375] [--home FOLDER]

Cancels every order of the bot and sells what it holds, without its database, its queue and its chats.
--dedicated   the account belongs to the bot alone: everything on it is closed
`;

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
      rate: { type: "string" },
    },
  });
  const [word, ...reason] = positionals;
  if (word !== "now" && word !== "serve") {
    say(usage);
    return exitCodes.notBegun;
  }
  const home = homeToClose(values.home ?? env["COUNTERSIGN_HOME"] ?? ".countersign");
  const files = emergencyFiles(home);
  const isDedicated = values.dedicated === true;
  const call: Call =
    word === "now"
      ? { by: "command line", reason: reason.join(" ") || "no reason given", isDedicated }
      : await waitForCall(files, {
          port: Number(values.port ?? "7375"),
          token: randomToken(),
          every: (ms, run) => clock.every(ms, run),
          say,
        });
  // Read again: a process that waited for days must not act on the snapshot of its start.
  const perSecond = Number(values.rate ?? "8");
  return begin(emergencyFiles(home), reachOf(home, env), {
    ...call,
    isDedicated: call.isDedicated || isDedicated,
    perSecond,
  });
}

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const randomToken = (): string => vault.token() + vault.token();

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
  return `Snapshot of ${lifeline.at}: ${lifeline.positions.length} positions, ${lifeline.orders.length} orders`;
}

async function begin(files: EmergencyFiles, reach: Reach, call: Call & { perSecond: number }): Promise<number> {
  const { lifeline } = files;
  const { mode, baseUrl, given } = addressOf(files, reach);
  if (reach.keys === null)
    return refuse("No keys: set EMERGENCY_KUCOIN_API_KEY, _SECRET and _PASSPHRASE, or KUCOIN_API_KEY and so on.");
  if (baseUrl === null)
    return refuse(`The last snapshot says ${mode}, so the exchange must be on this machine; ${given} is not.`);
  const offset = { ms: 0 };
  const pace = paceOf(call.perSecond, offset);
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
  const holder = `emergency ${vault.token()}`;
  const sleep = (ms: number) => clock.sleep(ms);
  const epoch = await takeEpochQuickly(reach.database, {
    connect: connectPg,
    sleep,
    holder,
    above: lifeline?.epoch ?? 0,
  });
  say(
    epoch === null
      ? "The database does not answer; going on with journal and signed times."
      : `Epoch ${epoch} is ours: the bot can write nothing any more.`,
  );
  const write = (step: string, about: Readonly<Record<string, string>>) =>
    void (journal.ok ? journal.value.write({ kind: "emergency", step, about }) : null);
  write("begun", { by: call.by, reason: call.reason, epoch: String(epoch ?? "none") });
  const note = notice(files, call, holder);
  const report = await close({
    files,
    venue,
    pace,
    offset,
    isDedicated: call.isDedicated,
    epoch: epoch ?? (lifeline?.epoch ?? 0) + 1,
    mode,
    write,
    note,
    unsettled: unsettledSales(earlier),
  }).finally(() => note.stop());
  note.tell({ isDone: true, left: [...report.left] });
  write("done", { left: report.left.join("; ") });
  files.dropTrigger();
  return printed(report);
}

type Closing = {
  readonly files: EmergencyFiles;
  readonly venue: EmergencyVenue;
  readonly pace: Pace;
  /** Of the exchange's clock against ours. */
  readonly offset: { ms: number };
  readonly isDedicated: boolean;
  readonly epoch: number;
  readonly mode: Mode;
  readonly write: (step: string, about: Readonly<Record<string, string>>) => void;
  readonly note: ReturnType<typeof notice>;
  readonly unsettled: EmergencyNeeds["unsettled"];
};

async function close({
  files,
  venue,
  pace,
  offset,
  isDedicated,
  epoch,
  mode,
  write,
  note,
  unsettled,
}: Closing): Promise<EmergencyReport> {
  await measure(venue, offset);
  return runEmergency({
    venue,
    lifeline: files.lifeline,
    isDedicated,
    mode,
    epoch,
    unsettled,
    snapshotAt: files.lifeline === null ? null : Date.parse(files.lifeline.at) + offset.ms,
    begunAt: clock.wall() + offset.ms,
    sha256: vault.sha256,
    venueNow: () => clock.wall() + offset.ms,
    mono: () => clock.mono(),
    sleep: (ms) => clock.sleep(ms),
    turn: () => pace.turn(),
    journal: write,
    tell: note.tell,
    say,
  });
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
    now: () => Math.round(clock.wall() + offset.ms),
    sleep: (ms) => clock.sleep(ms),
    say,
  };
}

/** The note for the house: rewritten with every order before it leaves, and each second as a sign of life. */
function notice(files: EmergencyFiles, call: Call, id: string) {
  const at = isoTime(clock.wall());
  let now: EmergencyNotice = {
    form: "emergency-1",
    id,
    at,
    beatAt: at,
    by: call.by,
    reason: call.reason,
    isDone: false,
    // What an earlier run sent and the house has not taken in yet stays in the note.
    orders: files.notedOrders,
    left: [],
  };
  const save = () => {
    now = { ...now, beatAt: isoTime(clock.wall()) };
    try {
      files.writeNotice(now);
    } catch (error) {
      say(`The note for the bot could not be written: ${(error as Error).message}`);
    }
  };
  save();
  const stop = clock.every(1_000, save);
  return {
    stop,
    tell(change: Partial<Pick<EmergencyNotice, "orders" | "left" | "isDone">>) {
      now = { ...now, ...change, orders: [...now.orders, ...(change.orders ?? [])] };
      save();
    },
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
    say("Flat: two looks at every list found nothing of ours. The bot stays halted until somebody says /resume.");
    return exitCodes.flat;
  }
  say(`Not flat:\n  ${report.left.join("\n  ")}`);
  return exitCodes.left;
}
