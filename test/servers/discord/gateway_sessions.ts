/** Sessions of the gateway: who identified, what was sent to them, what a resume replays, and why a line is closed. */
import type { Json } from "./refusal.ts";
import { guildJson, userJson } from "./shapes.ts";
import type { World } from "./world.ts";

export type Wire = { send(data: string): void; close(code: number, reason?: string): void; terminate(): void };

type Session = {
  id: string;
  sequence: number;
  intents: number;
  past: { s: number; t: string; d: Json }[];
  wire: Wire | null;
  isDead: boolean;
};

export type Link = { wire: Wire; session: Session | null; lastBeatAt: number; sends: number[] };

export type GatewayOptions = {
  heartbeatMs: number;
  identifyEveryMs: number;
  identifiesPerDay: number;
  /** Privileged intents that the application's owner has switched on. */
  allowedIntents: number;
};

export type GatewayCore = {
  readonly world: World;
  readonly options: GatewayOptions;
  /** ws://host:port of this server. */
  address(): string;
  readonly sessions: Map<string, Session>;
  readonly links: Set<Link>;
  identifies: number;
  resumes: number;
  lastIdentifyAt: number;
  /** Bit sets of intents, one for each identify. */
  readonly intents: number[];
  isZombie: boolean;
};

/** What the gateway does upon one payload. */
type Reaction = { close: number; reason: string } | { send: Json } | null;

const guildsIntent = 1 << 0;
const directMessagesIntent = 1 << 12;
const privileged = (1 << 1) | (1 << 8) | (1 << 15);
const knownIntents = 0x1_f3f_ffff;
const sendsPerMinute = 120;

const text = (payload: Json) => JSON.stringify(payload);

function sendTo(core: GatewayCore, session: Session, t: string, d: Json): void {
  session.sequence += 1;
  session.past.push({ s: session.sequence, t, d });
  if (!core.isZombie) session.wire?.send(text({ op: 0, t, s: session.sequence, d }));
}

function mayHear(session: Session, type: string, data: Json): boolean {
  if (type === "MESSAGE_CREATE") {
    return data["guild_id"] === undefined && (session.intents & directMessagesIntent) !== 0;
  }
  return /^(GUILD|CHANNEL|THREAD)_/.test(type) ? (session.intents & guildsIntent) !== 0 : true;
}

/** To every living session, also one whose line is cut: it hears it when it resumes. */
export function dispatchTo(core: GatewayCore, type: string, data: Json): void {
  for (const session of core.sessions.values()) {
    if (!session.isDead && mayHear(session, type, data)) sendTo(core, session, type, data);
  }
}

function identify(core: GatewayCore, link: Link, data: Json): Reaction {
  const { world, options } = core;
  if (link.session !== null) return { close: 4005, reason: "Already authenticated." };
  if (data["token"] !== world.token) return { close: 4004, reason: "Authentication failed." };
  const wanted = data["intents"];
  if (typeof wanted !== "number" || (wanted & ~knownIntents) !== 0) return { close: 4013, reason: "Invalid intents." };
  core.identifies += 1;
  core.intents.push(wanted);
  if (core.identifies > options.identifiesPerDay) {
    // One identify too many in a day costs the bot its token.
    world.token = `reset.${world.newId(world.now())}`;
    return { close: 4004, reason: "Authentication failed." };
  }
  if ((wanted & privileged & ~options.allowedIntents) !== 0) return { close: 4014, reason: "Disallowed intents." };
  if (Date.now() - core.lastIdentifyAt < options.identifyEveryMs) return { send: { op: 9, d: false } };
  core.lastIdentifyAt = Date.now();
  const id = `s${world.newId(world.now())}`;
  const session: Session = { id, sequence: 0, intents: wanted, past: [], wire: link.wire, isDead: false };
  core.sessions.set(session.id, session);
  link.session = session;
  greet(core, session);
  return null;
}

function greet(core: GatewayCore, session: Session): void {
  const { world } = core;
  const guilds = [...world.guilds.values()].filter((guild) => guild.botIsMember);
  sendTo(core, session, "READY", {
    v: 10,
    user: userJson(world.bot),
    guilds: guilds.map((guild) => ({ id: guild.id, unavailable: true })),
    session_id: session.id,
    session_type: "normal",
    resume_gateway_url: core.address(),
    shard: [0, 1],
    application: { id: world.applicationId, flags: 0 },
  });
  if ((session.intents & guildsIntent) === 0) return;
  for (const guild of guilds) sendTo(core, session, "GUILD_CREATE", guildJson(world, guild));
}

function resume(core: GatewayCore, link: Link, data: Json): Reaction {
  if (data["token"] !== core.world.token) return { close: 4004, reason: "Authentication failed." };
  const session = core.sessions.get(String(data["session_id"]));
  if (session === undefined || session.isDead) return { send: { op: 9, d: false } };
  const from = data["seq"];
  if (typeof from !== "number" || from > session.sequence) return { close: 4007, reason: "Invalid seq." };
  core.resumes += 1;
  session.wire = link.wire;
  link.session = session;
  for (const event of session.past.filter((past) => past.s > from)) link.wire.send(text({ op: 0, ...event }));
  sendTo(core, session, "RESUMED", {});
  return null;
}

export function receiveFrom(core: GatewayCore, link: Link, raw: string): void {
  const reaction = react(core, link, raw);
  if (reaction === null) return;
  if ("send" in reaction) link.wire.send(text(reaction.send));
  else link.wire.close(reaction.close, reaction.reason);
}

function react(core: GatewayCore, link: Link, raw: string): Reaction {
  const payload = parse(raw);
  if (payload === null) return { close: 4002, reason: "Error while decoding payload." };
  link.sends = [...link.sends.filter((at) => Date.now() - at < 60_000), Date.now()];
  if (link.sends.length > sendsPerMinute) return { close: 4008, reason: "Rate limited." };
  const data = (payload["d"] ?? {}) as Json;
  switch (payload["op"]) {
    case 1:
      link.lastBeatAt = Date.now();
      return core.isZombie ? null : { send: { op: 11 } };
    case 2:
      return identify(core, link, data);
    case 6:
      return resume(core, link, data);
    case 3:
    case 4:
    case 8:
      return link.session === null ? { close: 4003, reason: "Not authenticated." } : null;
    default:
      return { close: 4001, reason: "Unknown opcode." };
  }
}

function parse(raw: string): Json | null {
  try {
    return JSON.parse(raw) as Json;
  } catch {
    return null;
  }
}
