/**
 * The gateway half: hello, identify or resume, heartbeats, dispatches with sequence numbers, and every way to be cut off.
 *
 *   connect -> op10 -> op2 -> READY, GUILD_CREATE ... -> op0 ...
 *                   -> op6 -> all missed op0, RESUMED       (or op9 when the session is gone)
 */
import {
  dispatchTo,
  type GatewayCore,
  type GatewayOptions,
  type Link,
  receiveFrom,
  type Wire,
} from "./gateway_sessions.ts";
import type { Json } from "./refusal.ts";
import type { World } from "./world.ts";

export type GatewaySide = {
  information(): Json;
  dispatch(type: string, data: Json): void;
  accept(wire: Wire): { message(text: string): void; closed(code: number): void };
  readonly control: GatewayControl;
};

export type GatewayControl = {
  readonly identifies: number;
  readonly resumes: number;
  readonly isConnected: boolean;
  /** Codes with which clients or this server closed, oldest first. */
  readonly closeCodes: number[];
  readonly intents: number[];
  /** HTTP status with which new connections are turned away; null when the door is open. */
  readonly turnedAwayWith: number | null;
  turnAway(status: number | null): void;
  closeWith(code: number): void;
  /** Cuts the line without a close frame. */
  cut(): void;
  askToReconnect(): void;
  invalidateSession(mayResume: boolean): void;
  /** The line looks alive and is dead: beats are not acknowledged, dispatches are withheld. */
  becomeZombie(isZombie: boolean): void;
  /** Text as it is, to the connected client. */
  sendText(text: string): void;
  sendDispatch(type: string, data: unknown): void;
  resetToken(token: string): void;
};

const resumableMs = 180_000;

export function makeGateway(world: World, options: GatewayOptions, address: () => string): GatewaySide {
  const core: GatewayCore = {
    world,
    options,
    address,
    sessions: new Map(),
    links: new Set(),
    identifies: 0,
    resumes: 0,
    lastIdentifyAt: -Infinity,
    intents: [],
    isZombie: false,
  };
  const closeCodes: number[] = [];
  return {
    dispatch: (type, data) => dispatchTo(core, type, data),
    information: () => ({
      url: address(),
      shards: 1,
      session_start_limit: {
        total: options.identifiesPerDay,
        remaining: Math.max(0, options.identifiesPerDay - core.identifies),
        reset_after: 0,
        max_concurrency: 1,
      },
    }),
    accept: (wire) => accept(core, wire, closeCodes),
    control: makeControl(core, closeCodes),
  };
}

function accept(core: GatewayCore, wire: Wire, closeCodes: number[]) {
  const { heartbeatMs } = core.options;
  const link: Link = { wire, session: null, lastBeatAt: Date.now(), sends: [] };
  core.links.add(link);
  wire.send(JSON.stringify({ op: 10, d: { heartbeat_interval: heartbeatMs } }));
  const watch = setInterval(() => {
    if (!core.isZombie && Date.now() - link.lastBeatAt > heartbeatMs * 2.5) wire.close(4009, "Session timed out.");
  }, heartbeatMs);
  watch.unref();
  return {
    message: (text: string) => receiveFrom(core, link, text),
    closed(code: number): void {
      clearInterval(watch);
      core.links.delete(link);
      closeCodes.push(code);
      const { session } = link;
      if (session === null || session.wire !== wire) return;
      session.wire = null;
      // A client that says 1000 or 1001 has said goodbye: there is nothing to resume.
      if (code === 1000 || code === 1001) session.isDead = true;
      setTimeout(() => {
        if (session.wire === null) session.isDead = true;
      }, resumableMs).unref();
    },
  };
}

function makeControl(core: GatewayCore, closeCodes: number[]): GatewayControl {
  let turnedAwayWith: number | null = null;
  const toAll = (work: (link: Link) => void): void => {
    for (const link of [...core.links]) work(link);
  };
  return {
    get identifies() {
      return core.identifies;
    },
    get resumes() {
      return core.resumes;
    },
    get isConnected() {
      return [...core.links].some((link) => link.session !== null);
    },
    get turnedAwayWith() {
      return turnedAwayWith;
    },
    closeCodes,
    intents: core.intents,
    turnAway: (status) => {
      turnedAwayWith = status;
    },
    closeWith: (code) => toAll((link) => link.wire.close(code)),
    cut: () => toAll((link) => link.wire.terminate()),
    askToReconnect: () => toAll((link) => link.wire.send(JSON.stringify({ op: 7, d: null }))),
    invalidateSession: (mayResume) =>
      toAll((link) => {
        if (!mayResume && link.session !== null) link.session.isDead = true;
        link.wire.send(JSON.stringify({ op: 9, d: mayResume }));
      }),
    becomeZombie: (isZombie) => {
      core.isZombie = isZombie;
    },
    sendText: (text) => toAll((link) => link.wire.send(text)),
    sendDispatch: (type, data) => dispatchTo(core, type, data as Json),
    resetToken: (token) => {
      core.world.token = token;
    },
  };
}
