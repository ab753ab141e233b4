/** The fault verbs of a running exchange in one hand: requests, outages, clock, visibility, prices, keys, money, streams. */
import type { Command } from "./core/commands.ts";
import type { createFaultPlan, FaultRule } from "./faults.ts";
import { parseFixed } from "./fixed.ts";
import type { House } from "./house.ts";
import type { Instrument } from "./instrument.ts";
import type { KeyHolder } from "./kucoin/auth.ts";
import type { Streams } from "./kucoin/socket.ts";
import type { Visibility } from "./visibility.ts";

export interface PracticeFaults {
  add(rule: FaultRule): () => void;
  clear(): void;
  /** All requests answer 503 while on. */
  outage(isOn: boolean): void;
  /** The venue's clock is this far ahead, ms; negative is behind. */
  skew(ms: number): void;
  /** New orders, stops and fills are told this much later, ms of wire time; 0 tells all. */
  delayVisibility(ms: number): void;
  /** Moves the last price, now and for what follows; everything on the way fires. @throws for an unknown symbol or a price off tick. */
  jump(symbol: string, price: string): void;
  setPermissions(key: string, permissions: readonly string[], ipWhitelist?: string): void;
  revoke(key: string): void;
  /** Changes the rules of an instrument, such as its tick, or stops its trading. */
  setInstrument(symbol: string, change: Partial<Instrument>): void;
  /** Money comes from (or, negative, goes) outside. */
  deposit(key: string, asset: string, amount: string): void;
  /** The same, and the venue lists it as a transfer of this account. */
  transfer(key: string, asset: string, amount: string): void;
  /** Streams stay connected and answer pings but tell nothing. */
  muteStreams(isOn: boolean): void;
  cutStreams(): void;
}

/** A plain decimal, negative allowed. @throws naming what it was for. */
export const amountOf = (text: string, what: string): bigint => {
  const isNegative = text.startsWith("-");
  const value = parseFixed(isNegative ? text.slice(1) : text);
  if (value === null)
    throw new Error(`practice exchange: ${what} "${text}" is not a plain decimal; write it as 123.45`);
  return isNegative ? -value : value;
};

/** Runs a command that has to work. @throws with the core's reason. */
export const must = (house: House, command: Command): void => {
  const outcome = house.run(command);
  if (!outcome.ok)
    throw new Error(`practice exchange: ${command.do} was refused (${outcome.problem.kind}); check symbol and amounts`);
};

export interface Running {
  house: House;
  holders: Map<string, KeyHolder>;
  knobs: { isOut: boolean; skewMs: number };
  visibility: Visibility;
  plan: ReturnType<typeof createFaultPlan>;
  streams: Streams;
}

export const faultsOf = ({ house, holders, knobs, visibility, plan, streams }: Running): PracticeFaults => {
  const holderOf = (key: string): KeyHolder => {
    const holder = holders.get(key);
    if (holder === undefined)
      throw new Error(`practice exchange: no account with key ${key}; use one of those it was started with`);
    return holder;
  };
  return {
    add: (rule) => plan.add(rule),
    clear: () => plan.clear(),
    muteStreams: (isOn) => streams.mute(isOn),
    cutStreams: () => streams.cut(),
    outage: (isOn) => {
      knobs.isOut = isOn;
    },
    skew: (ms) => {
      knobs.skewMs = ms;
    },
    delayVisibility: (ms) => {
      visibility.delayMs = ms;
    },
    jump: (symbol, price) => must(house, { do: "jump", symbol, price: amountOf(price, "price") }),
    setPermissions: (key, permissions, ipWhitelist) => {
      holderOf(key).permissions = [...permissions];
      if (ipWhitelist !== undefined) holderOf(key).ipWhitelist = ipWhitelist;
    },
    revoke: (key) => {
      holderOf(key).isRevoked = true;
    },
    setInstrument: (symbol, change) => must(house, { do: "set_instrument", symbol, change }),
    deposit: (key, asset, amount) =>
      must(house, { do: "deposit", accountId: holderOf(key).accountId, asset, amount: amountOf(amount, "amount") }),
    transfer: (key, asset, text) => {
      const { accountId } = holderOf(key);
      must(house, { do: "deposit", accountId, asset, amount: amountOf(text, "amount"), isListed: true });
    },
  };
};
