/** Everything that may happen within one moment of a chaos run. Each act is small, ends by itself and leaves a line. */
import type { FaultVerb } from "../../src/practice/faults.ts";
import type { WireMode } from "../fixtures/wire_proxy.ts";
import type { chance } from "../processes/bench.ts";
import { openPositions, readBooks } from "../smoke/bot_books.ts";
import { chats } from "../smoke/chats.ts";
import { haltsOf, liftHalts } from "../smoke/halts.ts";
import { sleep } from "../smoke/until.ts";
import type { ChaosWorld } from "./world.ts";

export type Dice = ReturnType<typeof chance>;
export type Tally = Record<
  "acts" | "kills" | "freezes" | "cables" | "venueFaults" | "taps" | "commands" | "jumps" | "flushes",
  number
>;
/** What an act is given. `leftMs` is how long the storm still lasts: nothing may outlive it by much. */
type Moment = { readonly world: ChaosWorld; readonly dice: Dice; readonly tally: Tally; readonly leftMs: number };
type Act = { readonly weight: number; readonly run: (moment: Moment) => Promise<string> };

const venueVerbs: readonly FaultVerb[] = [
  { do: "drop_before" },
  { do: "drop_after" },
  { do: "hang_after" },
  { do: "stall_body" },
  { do: "cut_body" },
  { do: "status_after", status: 503 },
  { do: "empty_after" },
  { do: "html_502" },
  { do: "rate_limited", resetMs: 2_000 },
  { do: "delay_after", ms: 4_900 },
  { do: "delay_after", ms: 5_100 },
];

async function pullCable({ world, dice, tally }: Moment): Promise<string> {
  const [link, cable] = dice.pick([...world.cables]);
  const mode = dice.pick(["cut", "closed", "deafen", "hold"] as const satisfies readonly WireMode[]);
  const ms = 300 + dice.below(6_000);
  tally.cables += 1;
  cable.set(mode);
  void sleep(ms).then(() => {
    cable.set("pass");
    cable.release();
  });
  return `${link}: ${mode} for ${ms} ms`;
}

async function spoilVenue({ world, dice, tally }: Moment): Promise<string> {
  const verb = dice.pick(venueVerbs);
  const method = dice.pick(["POST", "POST", "DELETE", "GET"]);
  tally.venueFaults += 1;
  world.stage.exchange.faults.add({ method, path: "/api/", verb, times: 1 + dice.below(3) });
  return `exchange: ${method} ${verb.do}`;
}

async function kill({ world, dice, tally }: Moment): Promise<string> {
  const ms = dice.below(3_000);
  tally.kills += 1;
  world.bot.signal("SIGKILL");
  await world.bot.ended;
  await sleep(ms);
  return `killed, started again after ${ms} ms`;
}

/** Longer than any lease now and then, where the run is long enough to spare the time. */
async function freeze({ world, dice, tally, leftMs }: Moment): Promise<string> {
  const ms = dice.below(4) === 0 && leftMs > 90_000 ? 35_000 : 500 + dice.below(8_000);
  tally.freezes += 1;
  world.bot.signal("SIGSTOP");
  await sleep(ms);
  world.bot.signal("SIGCONT");
  return `frozen for ${ms} ms`;
}

async function tap({ world, dice, tally }: Moment): Promise<string> {
  const chat = dice.pick(chats);
  const open = world.hands.messages(chat).filter((copy) => copy.buttons.includes("Approve"));
  if (open.length === 0) return `nothing to tap on ${chat}`;
  const copy = dice.pick(open);
  const label = dice.below(5) === 0 ? "Decline" : "Approve";
  if (!copy.buttons.includes(label)) return `no ${label} on "${copy.title}"`;
  tally.taps += 1;
  const times = dice.below(6) === 0 ? 2 : 1;
  for (let time = 0; time < times; time += 1) await within(world.hands.tap(copy, label), 3_000);
  return `${label} on ${chat}: ${copy.title}`;
}

/** Near the end of the storm only: after it nothing may be opened any more, and nothing more would be tried. */
const flattenFromMs = 10_000;

async function command({ world, dice, tally, leftMs }: Moment): Promise<string> {
  const words = dice.pick([
    "/status",
    "/pause a look",
    "/resume the look is over",
    "/resume the look is over",
    "/positions",
    leftMs < flattenFromMs ? "/flatten a drill" : "/close SOL",
  ]);
  tally.commands += 1;
  world.stage.telegram.sendText(world.stage.people.onTelegram, world.stage.people.privately, words);
  return `Telegram: ${words}`;
}

/** Somebody looks after the house: a halt whose cause is over is lifted, or nothing would be traded any more. */
async function lookAfter({ world, tally }: Moment): Promise<string> {
  const { desk, databaseHome } = world;
  if (desk === null) return "no desk";
  const halts = await haltsOf(databaseHome);
  if (halts.level === "none" && halts.breakers.length === 0) return "nothing is halted";
  tally.commands += 1;
  await within(liftHalts(databaseHome, desk, "the cause is over"), 4_000);
  return `desk: lifts ${[halts.level, ...halts.breakers].join(", ")}`;
}

async function jump({ world, dice, tally }: Moment): Promise<string> {
  const held = openPositions(await readBooks(world.databaseHome));
  if (held.length === 0) return "nothing is held";
  const { instrument_id, stop_price, target_price } = dice.pick(held);
  const to = dice.below(2) === 0 || target_price === null ? Number(stop_price) * 0.9995 : Number(target_price) * 1.0005;
  tally.jumps += 1;
  const symbol = (instrument_id.split(":")[1] ?? "").replace("/", "-");
  world.stage.exchange.faults.jump(symbol, to.toFixed(2));
  return `${symbol} jumps to ${to.toFixed(2)}`;
}

async function flushQueue({ world, tally }: Moment): Promise<string> {
  if (world.redis === null) return "no Redis on this machine";
  const { Redis } = await import("ioredis");
  const client = new Redis(world.redis.url, { maxRetriesPerRequest: 1 });
  await client.flushall().catch(() => undefined);
  client.disconnect();
  tally.flushes += 1;
  return "Redis: everything is forgotten";
}

const acts: readonly Act[] = [
  { weight: 45, run: tap },
  { weight: 12, run: jump },
  { weight: 14, run: pullCable },
  { weight: 14, run: spoilVenue },
  { weight: 6, run: kill },
  { weight: 3, run: freeze },
  { weight: 8, run: command },
  { weight: 20, run: lookAfter },
  { weight: 3, run: flushQueue },
];

/** Does one thing by chance. @returns what was done; null when it could not be (a tap while the bot is dead). */
export async function oneAct(moment: Moment): Promise<string | null> {
  let left = moment.dice.below(acts.reduce((sum, act) => sum + act.weight, 0));
  const act = acts.find(({ weight }) => {
    left -= weight;
    return left < 0;
  });
  const told = await act?.run(moment).catch(() => null);
  if (told === null || told === undefined || /^nothing |^no /.test(told)) return null;
  moment.tally.acts += 1;
  return told;
}

export function within<Value>(work: Promise<Value>, ms: number): Promise<Value | null> {
  return Promise.race([work, sleep(ms).then(() => null)]);
}
