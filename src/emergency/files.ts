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
  writeNotice(notice: EmergencyNotice): void;
  isTriggered(): boolean;
  dropTrigger(): void;
};

/** Real money comes first: with a snapshot of LIVE in the home, that is what has to be closed. */
export function homeToClose(home: string): string {
  const live = join(home, liveFolder);
  return existsSync(join(live, "lifeline.json")) ? live : home;
}

export function emergencyFiles(home: string): EmergencyFiles {
  const read = readFile(join(home, "lifeline.json"), lifelineSchema);
  const trigger = join(home, "EMERGENCY");
  return {
    journalPath: join(home, "emergency.journal"),
    tokenPath: join(home, "emergency.token"),
    lifeline: read.value,
    lifelineProblem: read.problem,
    notedOrders: (readFile(join(home, "emergency.json"), noticeSchema).value?.orders ??
      []) as EmergencyNotice["orders"],
    writeNotice: (notice) => writeDurably(join(home, "emergency.json"), `${JSON.stringify(notice, null, 1)}\n`),
    isTriggered: () => existsSync(trigger),
    dropTrigger: () => rmSync(trigger, { force: true }),
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
export function writeDurably(path: string, text: string): void {
  const draft = `${path}.new`;
  const fd = openSync(draft, "w", 0o600);
  try {
    writeSync(fd, text);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  renameSync(draft, path);
}

export type Keys = { readonly key: string; readonly secret: string; readonly passphrase: string };
export type Reach = {
  readonly keys: Keys | null;
  readonly baseUrl: string | null;
  readonly database: DatabaseAddress | null;
};

/** Environment before `.env` before what the house left behind. The keys of this process come before those of the bot. */
export function reachOf(home: string, env: Readonly<Record<string, string | undefined>>): Reach {
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
    keys: keysOf(get, "EMERGENCY_KUCOIN") ?? keysOf(get, "KUCOIN") ?? access?.practice ?? null,
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
