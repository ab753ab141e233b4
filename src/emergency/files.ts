/** The files of the emergency process in the home of the house: the last snapshot, its keys, its journal, its note, its trigger. */
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { parseEnv } from "node:util";
import { z } from "zod";
import { type EmergencyNotice, type Lifeline, lifelineSchema, liveFolder, noticeSchema } from "../core/lifeline.ts";
import type { DatabaseAddress } from "./epoch.ts";

/** Written by the house at its start, readable by its user only: where its database is, and the keys of its practice exchange. */
const accessSchema = z.object({
  baseUrl: z.string().nullable(),
  database: z
    .union([
      z.object({ url: z.string() }),
      z.object({ host: z.string(), port: z.number(), user: z.string(), password: z.string(), database: z.string() }),
    ])
    .nullable(),
  practice: z.object({ key: z.string(), secret: z.string(), passphrase: z.string() }).nullable(),
});
type Access = z.infer<typeof accessSchema>;

export type EmergencyFiles = {
  readonly journalPath: string;
  readonly tokenPath: string;
  readonly lifeline: Lifeline | null;
  /** Why there is none; null = there is one. */
  readonly lifelineProblem: string | null;
  /** Orders in the note of an earlier run. */
  readonly notedOrders: EmergencyNotice["orders"];
  /** The note that lies there is this one, as far as can be read: what can't be read is not another's. */
  holdsNotice(id: string): boolean;
  /** @param isStill asked when it is written and not yet put in place: false = it is dropped. */
  writeNotice(notice: EmergencyNotice, isStill: () => boolean): void;
  isTriggered(): boolean;
  dropTrigger(): void;
};

export type HomeMode = "live" | "paper";

/**
 * Real money keeps its records apart, and comes first: with a snapshot of LIVE in the home, that is what has to be closed,
 * unless it names nothing to close, or somebody says which.
 */
export function homeToClose(home: string, wish: HomeMode | null): string {
  const live = join(home, liveFolder);
  if (wish !== null) return wish === "live" ? live : home;
  if (!existsSync(join(live, "lifeline.json"))) return home;
  const [ofLive, other] = [live, home].map((one) => readFile(join(one, "lifeline.json"), lifelineSchema).value);
  const isIdle = ofLive != null && ofLive.positions.length === 0 && ofLive.orders.length === 0;
  return isIdle && other != null && Date.parse(other.at) > Date.parse(ofLive.at) ? home : live;
}

export function emergencyFiles(home: string): EmergencyFiles {
  const read = readFile(join(home, "lifeline.json"), lifelineSchema);
  const triggers = [join(home, "EMERGENCY"), join(home, liveFolder, "EMERGENCY")];
  return {
    journalPath: join(home, "emergency.journal"),
    tokenPath: join(home, "emergency.token"),
    lifeline: read.value,
    lifelineProblem: read.problem,
    notedOrders: (readFile(join(home, "emergency.json"), noticeSchema).value?.orders ??
      []) as EmergencyNotice["orders"],
    holdsNotice(id) {
      const path = join(home, "emergency.json");
      if (!existsSync(path)) return false;
      const { value } = readFile(path, noticeSchema);
      return value === null || value.id === id;
    },
    writeNotice: (notice, isStill) =>
      writeDurably(join(home, "emergency.json"), `${JSON.stringify(notice, null, 1)}\n`, isStill),
    isTriggered: () => triggers.some((trigger) => existsSync(trigger)),
    dropTrigger: () => triggers.forEach((trigger) => void rmSync(trigger, { force: true })),
  };
}

function readFile<Value>(path: string, schema: z.ZodType<Value>): { value: Value | null; problem: string | null } {
  try {
    return { value: schema.parse(JSON.parse(readFileSync(path, "utf8"))), problem: null };
  } catch (error) {
    return {
      value: null,
      problem: `${path}: ${error instanceof Error ? (error.message.split("\n")[0] ?? "") : "unreadable"}`,
    };
  }
}

/** Whole or not at all, and on disk when it returns. */
export function writeDurably(path: string, text: string, isStill: () => boolean = () => true): void {
  const draft = `${path}.new`;
  const fd = openSync(draft, "w", 0o600);
  try {
    writeSync(fd, text);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  if (isStill()) renameSync(draft, path);
  else rmSync(draft, { force: true });
}

export type Keys = { readonly key: string; readonly secret: string; readonly passphrase: string };
export type Reach = {
  readonly keys: Keys | null;
  readonly baseUrl: string | null;
  readonly database: DatabaseAddress | null;
};

/**
 * Environment before `.env` before what the house left behind. The keys of this process come before those of the bot; on
 * practice money those of the practice exchange come first, because real ones open nothing there.
 */
export function reachOf(
  home: string,
  env: Readonly<Record<string, string | undefined>>,
  { isPractice }: { readonly isPractice: boolean },
): Reach {
  const file: Readonly<Record<string, string | undefined>> = existsSync(".env")
    ? (parseEnv(readFileSync(".env", "utf8")) as Record<string, string>)
    : {};
  const get = (name: string): string | null => {
    const path = env[`${name}_FILE`] ?? file[`${name}_FILE`];
    const text = env[name] ?? file[name] ?? (path === undefined ? undefined : readFileSync(path, "utf8").trim());
    return text === undefined || text === "" ? null : text;
  };
  const access: Access | null = readFile(join(home, "emergency_access.json"), accessSchema).value;
  const url = get("DATABASE_URL");
  return {
    keys:
      (isPractice ? access?.practice : null) ??
      keysOf(get, "EMERGENCY_KUCOIN") ??
      keysOf(get, "KUCOIN") ??
      access?.practice ??
      null,
    baseUrl: get("KUCOIN_API_ROOT") ?? access?.baseUrl ?? null,
    database: url === null ? (access?.database ?? null) : { url },
  };
}

function keysOf(get: (name: string) => string | null, prefix: string): Keys | null {
  const [key, secret, passphrase] = [
    get(`${prefix}_API_KEY`),
    get(`${prefix}_API_SECRET`),
    get(`${prefix}_API_PASSPHRASE`),
  ];
  return key === null || secret === null || passphrase === null ? null : { key, secret, passphrase };
}
