/**
 * A house that follows a script, behind the real desk and the real local server: for tests of both, and for looking at
 * the page by hand (`npx tsx test/dashboard/look.ts`). Only what the flows would do is scripted; nothing of the desk is.
 */
import { createHash } from "node:crypto";
import { z } from "zod";
import { openDesk } from "../../src/adapters/desk/desk.ts";
import type { DeskDoor, DeskPerson, StoredSession } from "../../src/adapters/desk/door.ts";
import { type PageLimits, pageLimits } from "../../src/adapters/desk/pages.ts";
import { openHttpServer } from "../../src/adapters/http/server.ts";
import { systemClock } from "../../src/adapters/system/clock.ts";
import { systemIds } from "../../src/adapters/system/ids.ts";
import { systemVault } from "../../src/adapters/system/vault.ts";
import type { Button, Card } from "../../src/core/card.ts";
import { plainCard } from "../../src/core/card.ts";
import { price } from "../../src/core/money.ts";
import { fail, ok } from "../../src/core/result.ts";
import { addMs, type Instant, instant, isoTime } from "../../src/core/time.ts";
import { defineCommand } from "../../src/define/command.ts";
import type { Incoming } from "../../src/ports/messenger.ts";
import { scriptedCandles } from "./scripted_market.ts";
import { scriptedState } from "./scripted_state.ts";

const chat = { platform: "desk", chatId: "desk", threadId: null } as const;
export const hash = (text: string): string => createHash("sha256").update(text).digest("hex");

/** What outlives a restart of the house: people, codes and sessions. */
export type Drawer = {
  readonly people: Map<string, DeskPerson>;
  /** Hash of a one-time code to the person it was made for. */
  readonly codes: Map<string, string>;
  readonly sessions: Map<string, StoredSession>;
};

export function openDrawer(): Drawer {
  const ana: DeskPerson = { personId: "ana", displayName: "Ana", role: "owner" };
  const vic: DeskPerson = { personId: "vic", displayName: "Vic", role: "viewer" };
  return {
    people: new Map([ana, vic].map((person) => [person.personId, person])),
    codes: new Map([
      [hash("owner-code-1234"), "ana"],
      [hash("viewer-code-123"), "vic"],
    ]),
    sessions: new Map(),
  };
}

const command = (name: string, summary: string, role: "viewer" | "operator" | "owner", urgency: "reads" | "safe") =>
  defineCommand({
    name,
    summary,
    options: z.object({}),
    access: { role, urgency },
    examples: [`/${name}`],
    run: async () => plainCard("info", name),
  });

export const scriptedCommands = [
  command("status", "Mode, level, health and money in one look", "viewer", "reads"),
  command("positions", "Open positions with stop, target and profit", "viewer", "reads"),
  command("approvals", "What waits for a signature", "viewer", "reads"),
  command("pnl", "Profit and loss of today, this week and this month", "viewer", "reads"),
  command("pause", "Stop new entries at once; exits go on", "operator", "safe"),
  command("audit", "The newest facts of the ledger and its head", "owner", "reads"),
  defineCommand({
    name: "close",
    summary: "Close a position at the market, with a protective limit",
    options: z.object({
      instrument: z.string().describe("Which position, e.g. BTC/USDT"),
      reason: z.string().optional().describe("Why; kept with the exit"),
    }),
    access: { role: "operator", urgency: "safe" },
    examples: ["/close BTC/USDT news ahead"],
    run: async () => plainCard("info", "close"),
  }),
  defineCommand({
    name: "report",
    summary: "A picture of equity and drawdown",
    options: z.object({
      span: z.enum(["day", "week", "month"]).describe("Which span of time"),
      charts: z.boolean().optional().describe("With pictures"),
    }),
    access: { role: "viewer", urgency: "reads" },
    examples: ["/report week"],
    run: async () => plainCard("info", "report"),
  }),
];

export type HouseOptions = {
  drawer?: Drawer;
  port?: number;
  dashboardFolder?: string;
  limits?: Partial<PageLimits>;
  publicOrigins?: readonly string[];
  /** Replaces the script for what people do. */
  onIncoming?: (incoming: Incoming) => Promise<void>;
  isStarted?: boolean;
};

export async function openScriptedHouse(options: HouseOptions = {}) {
  const drawer = options.drawer ?? openDrawer();
  const clock = systemClock();
  const lines: string[] = [];
  const note = (level: string) => (text: string, facts?: object) =>
    void lines.push(`${level} ${text} ${JSON.stringify(facts ?? {})}`);
  const log = { info: note("info"), warn: note("warn"), error: note("error") };
  const received: Incoming[] = [];
  const zones = new Map<string, string>();
  const state = scriptedState(clock);
  const desk = openDesk({
    door: scriptedDoor(drawer, zones),
    sight: {
      snapshot: state.read,
      candles: async (instrumentId) => state.candles(instrumentId),
      report: async (period) => (period === "month" ? "closed_at,net\r\n2026-02-06T10:00:00.000Z,1.5\r\n" : null),
      complete: async (_command, _option, prefix) =>
        ["BTC/USDT", "ETH/USDT", "SOL/USDT"]
          .filter((value) => value.toLowerCase().startsWith(prefix.toLowerCase()))
          .map((value) => ({ value, label: "open position" })),
    },
    commands: scriptedCommands,
    clock,
    ids: systemIds(clock),
    vault: systemVault(),
    log,
    limits: { ...pageLimits, ...options.limits },
  });
  const http = await openHttpServer({
    host: "127.0.0.1",
    port: options.port ?? 0,
    publicOrigins: options.publicOrigins ?? [],
    dashboardFolder: options.dashboardFolder ?? "dist/nothing-built",
    health: () => ({ isHealthy: true, status: "ok" }),
    log,
  });
  await http.app.register(desk.routes);
  const script = openScript(desk, state, clock.wall);
  const start = () =>
    desk.start(async (incoming) => {
      received.push(incoming);
      await (options.onIncoming ?? script.answer)(incoming);
    });
  if (options.isStarted !== false) await start();
  const listening = await http.listen();
  if (!listening.ok) throw new Error(listening.problem.because);
  const close = async () => {
    await desk.stop();
    await http.close();
  };
  return { ...listening.value, desk, http, drawer, received, zones, log: lines, state, script, start, close, clock };
}
function scriptedDoor(drawer: Drawer, zones: Map<string, string>): DeskDoor {
  return {
    async redeemCode(code) {
      const personId = drawer.codes.get(hash(code));
      const person = drawer.people.get(personId ?? "");
      drawer.codes.delete(hash(code));
      return person === undefined ? fail({ because: "no such code" }) : ok(person);
    },
    async openSession({ tokenHash, ...session }) {
      drawer.sessions.set(tokenHash, session);
    },
    findSession: async (tokenHash) => drawer.sessions.get(tokenHash) ?? null,
    closeSession: async (tokenHash) => void drawer.sessions.delete(tokenHash),
    personNow: (personId) => drawer.people.get(personId) ?? null,
    noteTimeZone: (personId, zone) => void zones.set(personId, zone),
  };
}
export type ScriptedHouse = Awaited<ReturnType<typeof openScriptedHouse>>;

type ScriptedDesk = ReturnType<typeof openDesk>;

/** What flows would answer: taps close the prompt on every page, commands get a reply. */
function openScript(desk: ScriptedDesk, state: ReturnType<typeof scriptedState>, wall: () => Instant) {
  const open = new Map<string, { messageId: string; card: Card; verb: string }>();

  async function ask(minutes = 5): Promise<string> {
    const card = promptCard(wall(), minutes);
    const buttons = ["Approve", "Decline", "Size down", "Snooze 5 min"].map((label, index): Button => {
      const style = index === 0 ? "yes" : index === 1 ? "no" : "plain";
      return { label, style, token: hash(`${label}${card.expiresAt}${Math.random()}`).slice(0, 16) };
    });
    const posted = await desk.post(chat, card, { buttons, nonce: "", isQuiet: false });
    if (!posted.ok) throw new Error(posted.problem.because);
    for (const { token, label } of buttons) open.set(token, { messageId: posted.value.messageId, card, verb: label });
    state.setApprovals(1, card.expiresAt ?? null);
    return posted.value.messageId;
  }

  async function answer(incoming: Incoming): Promise<void> {
    if (incoming.kind === "tap") {
      const tapped = open.get(incoming.token);
      open.delete(incoming.token);
      if (tapped === undefined) {
        await desk.acknowledge(incoming.answerRef, { text: "Already decided: approved by Ana", isRefusal: true });
        return;
      }
      const verb = tapped.verb === "Approve" ? "APPROVED" : "DECLINED";
      await desk.acknowledge(incoming.answerRef, { text: `${tapped.verb} counted`, isRefusal: false });
      await desk.edit(chat, tapped.messageId, closedCard(tapped.card, verb, incoming.sender.displayName, wall()), []);
      state.setApprovals(0, null);
      return;
    }
    if (incoming.kind === "command" && incoming.name === "pause") state.setLevel("pause", "Paused by Ana at the desk");
    await desk.reply(chat, incoming.answerRef, replyCard(incoming));
  }
  return { ask, answer, post: (card: Card) => desk.post(chat, card, { buttons: [], nonce: "", isQuiet: true }) };
}

function replyCard(incoming: Incoming): Card {
  if (incoming.kind !== "command") return plainCard("info", "Noted", ["Kept with the decision."]);
  if (incoming.name === "pause") {
    return plainCard("warning", "Paused", [
      "New entries stop now. Stops, targets and exits go on.",
      "/resume ends it.",
    ]);
  }
  return {
    ...plainCard("ok", "All quiet", ["The house is healthy and trades on paper, phase 1."]),
    fields: [
      { name: "Equity", value: "10,184.20 USDT" },
      { name: "Today", value: "+42.18 USDT (+0.42 %)" },
      { name: "Drawdown", value: "1.10 % of 10.00 %" },
      { name: "Open positions", value: "2 of 3" },
      { name: "Last reconcile", value: "4 s ago, no difference" },
    ],
  };
}

export function promptCard(now: Instant, minutes: number): Card {
  const expiresAt = addMs(now, minutes * 60_000);
  return {
    title: "Buy 0.0051 BTC/USDT",
    tone: "waiting",
    lines: ["ema_trend: fast average crossed above slow on rising volume, strength 0.71."],
    fields: [
      { name: "Worst price", value: "97,412.50 USDT (limit, 25 bps)" },
      { name: "Notional", value: "496.80 USDT (4.88 % of equity)" },
      { name: "Stop", value: "95,220.00 USDT (−2.25 %)" },
      { name: "Target", value: "101,310.00 USDT (+4.00 %)" },
      { name: "Risk", value: "11.68 USDT (0.11 % of equity)" },
      { name: "Exposure", value: "612.40 → 1,109.20 USDT (6.0 % → 10.9 %)" },
      { name: "Account", value: "PAPER · kucoin practice" },
    ],
    footer: `Asked ${isoTime(now).slice(11, 19)}Z · v1 · one signature needed`,
    chart: {
      instrumentId: "kucoin:BTC-USDT",
      candles: scriptedCandles({ seed: 7, last: 97_170, places: 1, count: 90, until: now }),
      entryPrice: price("97412.5"),
      stopPrice: price("95220"),
      targetPrice: price("101310"),
    },
    expiresAt,
  };
}

export function closedCard(card: Card, verb: string, name: string, now: Instant): Card {
  const { expiresAt: _over, ...rest } = card;
  const what = verb === "APPROVED" ? " · filled 0.0051 @ 97,188.20" : "";
  const tone = verb === "APPROVED" ? "ok" : "closed";
  return { ...rest, tone, footer: `${verb} ${isoTime(now).slice(11, 19)}Z by ${name} (desk) · v1${what}` };
}

export const at = (ms: number): Instant => instant(ms);
