/**
 * Fault verbs over HTTP, for a standalone exchange and bots in other languages. Off by default; loopback only, like
 * everything here. POST /practice/<verb> with a JSON body; GET /practice/wire-log and /practice/balances.
 */

import type { FaultRule } from "./faults.ts";
import type { PracticeFaults } from "./knobs.ts";
import { type Answer, refusal, success } from "./kucoin/answer.ts";
import type { WireLog } from "./wire_log.ts";

export interface AdminParts {
  faults: PracticeFaults;
  wireLog: WireLog;
  balances(): Record<string, { free: string; held: string }>;
}

type Body = Record<string, unknown>;

const text = (body: Body, name: string): string => {
  const value = body[name];
  if (typeof value !== "string" || value === "") throw new Error(`"${name}" must be a text`);
  return value;
};

const number = (body: Body, name: string): number => {
  const value = body[name];
  if (typeof value !== "number" || !Number.isFinite(value)) throw new Error(`"${name}" must be a number`);
  return value;
};

const flag = (body: Body, name: string): boolean => {
  if (typeof body[name] !== "boolean") throw new Error(`"${name}" must be true or false`);
  return body[name];
};

/** A rule from JSON; a path is the beginning of the request's path. */
const ruleFrom = (body: Body): FaultRule => {
  const verb = body["verb"] as FaultRule["verb"] | null | undefined;
  if (typeof verb !== "object" || verb === null || typeof verb.do !== "string")
    throw new Error('"verb" must be an object such as {"do":"drop_after"}');
  const rule: FaultRule = { verb };
  if (typeof body["method"] === "string") rule.method = body["method"];
  if (typeof body["path"] === "string") rule.path = body["path"];
  if (typeof body["times"] === "number") rule.times = body["times"];
  if (typeof body["skip"] === "number") rule.skip = body["skip"];
  return rule;
};

const actions: Readonly<Record<string, (faults: PracticeFaults, body: Body) => void>> = {
  fault: (faults, body) => void faults.add(ruleFrom(body)),
  clear: (faults) => faults.clear(),
  outage: (faults, body) => faults.outage(flag(body, "on")),
  skew: (faults, body) => faults.skew(number(body, "ms")),
  visibility: (faults, body) => faults.delayVisibility(number(body, "ms")),
  jump: (faults, body) => faults.jump(text(body, "symbol"), text(body, "price")),
  deposit: (faults, body) => faults.deposit(text(body, "key"), text(body, "asset"), text(body, "amount")),
  revoke: (faults, body) => faults.revoke(text(body, "key")),
  mute: (faults, body) => faults.muteStreams(flag(body, "on")),
  cut: (faults) => faults.cutStreams(),
};

const act = (faults: PracticeFaults, name: string, body: string): Answer => {
  const action = Object.hasOwn(actions, name) ? actions[name] : undefined;
  if (action === undefined)
    return refusal("404000", `no admin route ${name}; POST one of ${Object.keys(actions).join(", ")}`, 404);
  try {
    action(faults, body === "" ? {} : (JSON.parse(body) as Body));
    return success("done");
  } catch (problem) {
    return refusal("400100", problem instanceof Error ? problem.message : String(problem), 400);
  }
};

/** Null for paths that are not the admin's. */
export const adminRoutes =
  (parts: AdminParts) =>
  (method: string, target: string, body: string): Answer | null => {
    if (!target.startsWith("/practice/")) return null;
    const name = target.slice("/practice/".length);
    if (method === "POST") return act(parts.faults, name, body);
    if (name === "wire-log") return success(parts.wireLog.all());
    if (name === "balances") return success(parts.balances());
    return refusal("404000", `no admin route ${name}; GET wire-log or balances`, 404);
  };
