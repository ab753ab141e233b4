/** The database that comes with the house: whatever happened to the bot or the server before, a start ends well or says why not. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import pg from "pg";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { findBinaries } from "../../src/adapters/embedded_postgres/binaries.ts";
import type { Connection } from "../../src/adapters/embedded_postgres/folder_lock.ts";
import { isAlive, readLockFile } from "../../src/adapters/embedded_postgres/lock_file.ts";
import { explainFailure } from "../../src/adapters/embedded_postgres/problem.ts";

const nobody = 65_534;
const isRoot = process.getuid?.() === 0;
const found = findBinaries(tmpdir());
if (!found.ok) throw new Error(found.problem);
const packageFolder = found.value.home;

type Said = {
  ok: boolean;
  problem?: string;
  connection: Connection;
  wasAdopted: boolean;
  notes: string[];
  stopped?: boolean;
};
type Bot = { readonly child: ChildProcess; readonly said: Said; stop(): Promise<void>; kill(): Promise<void> };

let home: string;
let folder: string;
let bots: Bot[] = [];
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "countersign-embedded-"));
  chmodSync(home, 0o755);
  folder = join(home, "state");
});
afterEach(async () => {
  for (const bot of bots) await bot.stop();
  bots = [];
  for (const data of [join(folder, "postgres"), ...spareData()]) await endLeftover(data);
  rmSync(home, { recursive: true, force: true });
});
const spareData = (): string[] =>
  spawnSync("find", [home, "-name", "postmaster.pid"])
    .stdout.toString()
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => join(line, ".."));

async function endLeftover(data: string): Promise<void> {
  const lock = readLockFile(data);
  if (lock === null || !isAlive(lock.pid)) return;
  process.kill(lock.pid, "SIGINT");
  await expect.poll(() => isAlive(lock.pid), { timeout: 10_000 }).toBe(false);
}

async function startBot(
  wish: { asNobody?: boolean; packageFolder?: string; spare?: readonly [root: string, setpriv: string] } = {},
): Promise<Bot> {
  const words = [
    "--import",
    "tsx",
    "test/fixtures/embedded_bot.ts",
    folder,
    wish.packageFolder ?? "",
    ...(wish.spare ?? []),
  ];
  const child = spawn(process.execPath, words, {
    stdio: ["pipe", "pipe", "inherit"],
    ...(wish.asNobody === true ? { uid: nobody, gid: nobody } : {}),
  });
  const lines = createInterface({ input: child.stdout });
  const said = JSON.parse(await new Promise<string>((settle) => lines.once("line", settle))) as Said;
  const gone = new Promise<void>((settle) => child.once("exit", () => settle()));
  const bot: Bot = {
    child,
    said,
    async stop() {
      child.stdin?.end();
      await gone;
    },
    async kill() {
      child.kill("SIGKILL");
      await gone;
    },
  };
  bots.push(bot);
  return bot;
}

async function ask(connection: Connection, text: string): Promise<unknown[]> {
  const client = new pg.Client({ ...connection, connectionTimeoutMillis: 3_000 });
  client.on("error", () => undefined);
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}
const writeNote = (bot: Bot): Promise<unknown> =>
  ask(bot.said.connection, "create table note as select 'kept' as text");
const readNote = (bot: Bot): Promise<unknown> => ask(bot.said.connection, "select text from note");
const kept = [{ text: "kept" }];
const serverPid = (): number => readLockFile(join(folder, "postgres"))?.pid ?? 0;

describe("a normal life", () => {
  test("the first start makes a database, the second finds everything", async () => {
    const first = await startBot();
    expect(first.said).toMatchObject({ ok: true, wasAdopted: false });
    await writeNote(first);
    await first.stop();
    expect(readLockFile(join(folder, "postgres"))).toBeNull();
    expect(await readNote(await startBot())).toEqual(kept);
  });

  test("it listens on this machine only, asks for the password, and waits for the disk", async () => {
    const { connection } = (await startBot()).said;
    expect(connection.host).toBe("127.0.0.1");
    const names = [
      "listen_addresses",
      "unix_socket_directories",
      "fsync",
      "full_page_writes",
      "synchronous_commit",
      "max_connections",
      "shared_buffers",
      "jit",
      "data_checksums",
    ];
    const settings = await ask(
      connection,
      `select ${names.map((name) => `current_setting('${name}') as ${name}`).join(", ")}`,
    );
    expect(settings).toEqual([
      {
        listen_addresses: "127.0.0.1",
        unix_socket_directories: "",
        fsync: "on",
        full_page_writes: "on",
        synchronous_commit: "on",
        max_connections: "60",
        shared_buffers: "32MB",
        jit: "off",
        data_checksums: "on",
      },
    ]);
    await expect(ask({ ...connection, password: "wrong" }, "select 1")).rejects.toThrow(
      "password authentication failed",
    );
    expect(readFileSync(join(folder, "postgres", "pg_hba.conf"), "utf8")).not.toMatch(
      /^[^#]*\b(trust|password|md5)\b/m,
    );
    expect(statSync(join(folder, "postgres_password")).mode & 0o777).toBe(0o600);
    expect(statSync(join(folder, "postgres")).mode & 0o777).toBe(0o700);
  });

  test("the server stands in a group of its own, so Ctrl-C at the terminal does not reach it", async () => {
    const bot = await startBot();
    const group = (pid: number): string =>
      spawnSync("ps", ["-o", "pgid=", "-p", String(pid)])
        .stdout.toString()
        .trim();
    expect(group(serverPid())).toBe(String(serverPid()));
    expect(group(serverPid())).not.toBe(group(bot.child.pid ?? 0));
  });

  test("two first starts at the same moment end with one bot and one refusal", async () => {
    const both = await Promise.all([startBot(), startBot()]);
    expect(both.map((bot) => bot.said.ok).toSorted()).toEqual([false, true]);
    expect(both.find((bot) => !bot.said.ok)?.said.problem).toMatch(/Another bot/);
  });
});

describe("after an accident", () => {
  test("a second bot is refused and told who holds the folder, and since when", async () => {
    const first = await startBot();
    const second = await startBot();
    expect(second.said.ok).toBe(false);
    expect(second.said.problem).toMatch(
      new RegExp(
        `^Another bot \\(pid ${first.child.pid}, since \\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d UTC\\) is using `,
      ),
    );
    expect(await ask(first.said.connection, "select 1 as one")).toEqual([{ one: 1 }]);
  });

  test("the server of a bot that was killed is adopted, at its old port, with everything in it", async () => {
    const first = await startBot();
    await writeNote(first);
    const pid = serverPid();
    await first.kill();
    expect(isAlive(pid)).toBe(true);
    const second = await startBot();
    expect(second.said).toMatchObject({ ok: true, wasAdopted: true, connection: { port: first.said.connection.port } });
    expect(await readNote(second)).toEqual(kept);
    await second.stop();
    expect(isAlive(pid)).toBe(false);
  });

  test("a server that was killed is brought back by its living bot, at the same port", async () => {
    const bot = await startBot();
    await writeNote(bot);
    const pid = serverPid();
    process.kill(pid, "SIGKILL");
    await expect.poll(() => readNote(bot).catch(() => "away"), { timeout: 15_000 }).toEqual(kept);
    expect(serverPid()).not.toBe(pid);
    expect((await startBot()).said.problem).toMatch(/Another bot/);
  });

  test("bot and server both killed: the next start recovers what was committed", async () => {
    const first = await startBot();
    await writeNote(first);
    const pid = serverPid();
    await first.kill();
    process.kill(pid, "SIGKILL");
    expect(await readNote(await startBot())).toEqual(kept);
  });

  test("a lock file of a process that is no server any more does not stop a start", async () => {
    const first = await startBot();
    await writeNote(first);
    await first.stop();
    // The number was given to another living program since.
    writeFileSync(
      join(folder, "postgres", "postmaster.pid"),
      `${process.pid}\n${folder}\n0\n1\n\n127.0.0.1\n\nready\n`,
      { mode: 0o600 },
    );
    if (isRoot) chownSync(join(folder, "postgres", "postmaster.pid"), nobody, nobody);
    const second = await startBot();
    expect(second.said.ok, second.said.problem).toBe(true);
    expect(await readNote(second)).toEqual(kept);
  });

  test("a first start that was cut off leaves nothing that stops the next one", async () => {
    mkdirSync(join(folder, "postgres.new-999999999"), { recursive: true });
    writeFileSync(join(folder, "postgres.password-999999999"), "left over");
    await startBot();
    expect(existsSync(join(folder, "postgres.new-999999999"))).toBe(false);
    expect(existsSync(join(folder, "postgres.password-999999999"))).toBe(false);
  });

  test("a lost password is said, with the file that is needed", async () => {
    await (await startBot()).stop();
    rmSync(join(folder, "postgres_password"));
    expect((await startBot()).said.problem).toMatch(/postgres_password is missing.*Put the file back/);
  });
});

describe("users and places", () => {
  const asRoot = test.skipIf(!isRoot);

  test("library links that an install without scripts left out are made", async () => {
    const copy = join(home, "package");
    cpSync(packageFolder, copy, { recursive: true, verbatimSymlinks: true });
    const links = spawnSync("find", [join(copy, "native", "lib"), "-type", "l"])
      .stdout.toString()
      .split("\n")
      .filter((line) => line !== "");
    expect(links.length).toBeGreaterThan(3);
    for (const link of links) rmSync(link);
    expect((await startBot({ packageFolder: copy })).said.ok).toBe(true);
    expect(links.every((link) => lstatSync(link).isSymbolicLink())).toBe(true);
  });

  asRoot(
    "under root the server runs as nobody, and its data is closed to everybody else (skipped when not root)",
    async () => {
      await startBot();
      const user = spawnSync("ps", ["-o", "uid=", "-p", String(serverPid())])
        .stdout.toString()
        .trim();
      expect(user).toBe(String(nobody));
    },
  );

  asRoot(
    "under root below a closed folder, such as root's home, it runs all the same (skipped when not root)",
    async () => {
      chmodSync(home, 0o700);
      const bot = await startBot();
      expect(bot.said.ok, bot.said.problem).toBe(true);
      expect(bot.said.notes.join()).toMatch(/right to search closed folders/);
      await writeNote(bot);
      expect(
        spawnSync("ps", ["-o", "uid=", "-p", String(serverPid())])
          .stdout.toString()
          .trim(),
      ).toBe(String(nobody));
    },
  );

  asRoot(
    "without setpriv programs and data go to another place, said in one line (skipped when not root)",
    async () => {
      const spareRoot = mkdtempSync(join(tmpdir(), "countersign-spare-"));
      chmodSync(spareRoot, 0o755);
      chmodSync(home, 0o700);
      try {
        const bot = await startBot({ spare: [spareRoot, "/no/setpriv"] });
        expect(bot.said.ok, bot.said.problem).toBe(true);
        expect(bot.said.notes).toEqual([expect.stringContaining(`programs and data are kept in ${spareRoot}/`)]);
        await writeNote(bot);
      } finally {
        for (const bot of bots) await bot.stop();
        bots = [];
        rmSync(spareRoot, { recursive: true, force: true });
      }
    },
  );

  asRoot(
    "an ordinary user runs it as himself (skipped when not root, since all other tests then show it)",
    async () => {
      mkdirSync(folder, { mode: 0o700 });
      chownSync(folder, nobody, nobody);
      const bot = await startBot({ asNobody: true });
      expect(bot.said.ok, bot.said.problem).toBe(true);
      await writeNote(bot);
      await bot.kill();
      const second = await startBot({ asNobody: true });
      expect(second.said).toMatchObject({ ok: true, wasAdopted: true });
      expect(await readNote(second)).toEqual(kept);
      await second.stop();
      // Root may go on with that folder, and gives nothing away.
      const third = await startBot();
      expect(await readNote(third)).toEqual(kept);
      expect(statSync(join(folder, "postgres")).uid).toBe(nobody);
    },
  );

  asRoot("a folder that this user may not write is refused in one line (skipped when not root)", async () => {
    mkdirSync(folder, { mode: 0o700 });
    const bot = await startBot({ asNobody: true });
    expect(bot.said.ok).toBe(false);
    expect(bot.said.problem).toMatch(/may not be read or written by this user/);
    expect(bot.said.problem).not.toContain("\n");
  });
});

test.each([
  [
    "initdb: error: could not create directory: No space left on device",
    /^The disk that holds \/x is full\. Free some space/,
  ],
  ["FATAL:  could not write lock file: Read-only file system", /read-only file system/],
  ["EACCES: permission denied, mkdir '/x'", /may not be read or written by this user/],
  ["LOG: a\nFATAL:  something odd\nHINT: b", /^PostgreSQL could not use \/x: FATAL: {2}something odd$/],
  ["", /it gave no reason$/],
])("the words %j become one line that says what to do", (text, line) => {
  expect(explainFailure(text, "/x")).toMatch(line);
  expect(explainFailure(text, "/x")).not.toContain("\n");
});
