/** What people ask about afterwards: money by period, limits, feeds and the record itself, from a real ledger. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "csv-parse/sync";
import { afterEach, beforeEach, expect, test } from "vitest";
import { systemVault } from "../../src/adapters/system/vault.ts";
import { exportFacts } from "../../src/boot/export_facts.ts";
import { replayText, replayTrade } from "../../src/boot/replay_trade.ts";
import { cashText } from "../../src/core/facts.ts";
import { markEquity } from "../../src/flows/mark_equity.ts";
import { reportFile } from "../../src/flows/report.ts";
import { buy, cardsWith, textOf, told } from "./conversation.ts";
import { openStage, type Stage } from "./stage.ts";

let stage: Stage;
beforeEach(async () => {
  stage = await openStage();
});
afterEach(async () => {
  await stage.judge().finally(() => stage.close());
});
const says = async (name: string, text = "") => textOf(await told(stage, stage.telegram, name, text));

test("one trade in every report: its money, its file and each of its facts", async () => {
  expect(await says("pnl")).toContain("Today: 0.00 USDT · 0.00 %, no trades");
  await markEquity(stage.house().needs);
  const positionId = await buy(stage, "SOL/USDT");
  const held = await says("risk");
  expect(held).toMatch(/Exposure: [\d,.]+ USDT · [\d.]+ %, limit 20 %, [\d,.]+ USDT left/);
  expect(held).toMatch(/Positions: 1 of 3/);
  expect(held).toMatch(/SOL\/USDT: [\d,.]+ USDT · [\d.]+ % open, no second entry, cap [\d,.]+ USDT/);
  expect(held).toMatch(/ETH\/USDT: nothing open, an entry may take [\d,.]+ USDT/);
  stage.exchange.faults.jump("SOL-USDT", stage.position("SOL/USDT")?.exitPlan.stopPrice ?? "");
  await stage.until(() => stage.position("SOL/USDT")?.state === "closed", "the close");
  const { pnl, fees } = stage.books().days.today;
  const net = cashText(pnl, "USDT");

  const money = await says("pnl", "day");
  expect(money).toContain("P&L · PAPER");
  for (const title of ["Today", "Last 7 days"]) expect(money).toContain(`${title}: ${net} · -0.`);
  expect(money).toContain(`fees ${cashText(fees, "USDT")}`);
  expect(money).toMatch(/always_trade_canary: -.* 1 trade \(0 won\)/);
  expect(money).toMatch(/SOL\/USDT: -.* 1 trade \(0 won\)/);
  expect(money).toContain("Not closed yet: nothing");

  const monthCard = await told(stage, stage.telegram, "report", "month");
  const month = textOf(monthCard);
  expect(month).toMatch(/Return: -0\.\d\d %, below the target of 3 to 5 %/);
  expect(month).toContain("Approvals: 1 asked, 1 approved, 0 declined, 0 expired");
  const { picture } = monthCard;
  const drawn = picture?.kind === "equity" ? picture.points.at(-1)?.equity : undefined;
  expect(month).toContain(`Equity: ${cashText(drawn ?? ("0" as never), "USDT")}, `);
  expect(await says("report", "2020-02")).toContain("Equity: nothing is on record of that time");
  const file = (await reportFile(stage.house().needs, "month"))?.split("\r\n") ?? [];
  expect(file).toHaveLength(3);
  expect(file[1]).toContain(`,${positionId},paper,always_trade_canary,SOL/USDT,stop,`);
  expect(file[1]).toContain(`,${fees},${pnl},USDT,no`);

  expect(await says("risk")).toMatch(/Today: -[\d.]+ USDT · -0\.\d\d %, [\d,.]+ USDT more may be lost/);
  const story = await says("audit", `trade ${positionId.slice(-8)}`);
  expect(story).toContain(`Trade ${positionId}`);
  expect(story).toMatch(/\d\d:\d\d:\d\d\.\d{3}Z/);
  expect(story).not.toContain("prompt posted");
  expect(story).toMatch(/\+\d+ ms #\d+ position closed: stop, -/);
  expect(cardsWith(stage.telegram, "P&L")).toEqual([]);

  const replayed = await replayTrade(stage.database.pool, positionId, systemVault().sha256);
  if (!replayed.ok) throw new Error(replayed.problem);
  const text = replayText(positionId, replayed.value.steps);
  expect(
    replayed.value.steps.filter(({ verdict }) => verdict === "differs"),
    text,
  ).toEqual([]);
  for (const what of [
    "digest of the request: equal",
    "vote of owner: equal (approved)",
    "name of the entry order: equal",
  ])
    expect(text).toContain(what);
  expect(text).toMatch(/order is what was signed: equal/);
  expect(text).toMatch(/size and checks: not recorded/);
  expect(text).toContain(`money of the close: equal (${pnl} after fees of ${fees}`);
}, 60_000);

test("the record leaves the house as JSON lines and as CSV, fact by fact", async () => {
  const folder = mkdtempSync(join(tmpdir(), "countersign-export-"));
  try {
    for (const format of ["json", "csv"] as const) {
      const path = join(folder, `facts.${format}`);
      const count = await exportFacts(stage.database.pool, { path, format });
      const lines = readFileSync(path, "utf8")
        .split(/\r?\n/)
        .filter((line) => line !== "");
      expect(count).toBeGreaterThan(5);
      expect(lines).toHaveLength(format === "csv" ? count + 1 : count);
      const first = await stage.database.pool.query<{ hash: string }>("select hash from events where seq = 1");
      expect(lines[format === "csv" ? 1 : 0]).toContain(first.rows[0]?.hash);
    }
    const csv = parse(readFileSync(join(folder, "facts.csv"), "utf8"), { columns: true }) as Record<string, string>[];
    for (const row of csv) expect(JSON.parse(row["body"] ?? "")).toMatchObject({ type: row["kind"] });
    // A folder that is not there is said by a rejection, and no error is left that nobody catches.
    const path = join(folder, "nowhere", "facts.csv");
    await expect(exportFacts(stage.database.pool, { path, format: "csv" })).rejects.toThrow("ENOENT");
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test("/feeds tells ages and gaps, /audit the head that the next fact builds on", async () => {
  const feeds = await says("feeds");
  expect(feeds).toContain("Every feed answers");
  expect(feeds).toMatch(/SOL\/USDT: (no book yet|book .* old), (no candle yet|candle closed .* ago); no gap today/);
  const head = await says("audit");
  expect(head).toMatch(/Head: [0-9a-f]{64}/);
  expect(head).toMatch(/Facts: \d+, the newest at \d{4}-/);
  expect(await says("audit", "trade")).toContain("Which trade?");
  expect(await says("audit", "trade nothing_like_it")).toContain("No trade ends with nothing_like_it");
});

test("a record that does not answer is said, and nothing else of the house minds", async () => {
  const { needs } = stage.house();
  const broken = { ...needs, archive: undefined };
  expect(await reportFile(broken as unknown as typeof needs, "day")).toBeNull();
  await stage.database.pool.query("alter table days rename to days_away");
  expect(await says("pnl")).toContain("The record does not answer at present");
  await stage.database.pool.query("alter table days_away rename to days");
  expect(await says("pnl")).toContain("P&L · PAPER");
});
