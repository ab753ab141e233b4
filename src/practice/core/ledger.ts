/**
 * Who has how much. Every movement has two ends, so for each asset
 *
 *   free + held of all accounts + gains of the market + fees = what was deposited
 *
 * and no account is ever below zero. Both are asserted: a breach is a mistake of ours and stops the exchange.
 */
import type { Core, State } from "./state.ts";

const insist = (holds: boolean, text: string): void => {
  if (!holds) throw new Error(`practice ledger: ${text}; this is a fault of the practice exchange, keep its journal`);
};

const balanceOf = (state: State, accountId: string, asset: string) => {
  const account = state.accounts.get(accountId);
  if (account === undefined) throw new Error(`practice ledger: no account ${accountId}`);
  let balance = account.balances.get(asset);
  if (balance === undefined) {
    balance = { free: 0n, held: 0n };
    account.balances.set(asset, balance);
  }
  return balance;
};

const add = (sums: Map<string, bigint>, asset: string, amount: bigint): void => {
  sums.set(asset, (sums.get(asset) ?? 0n) + amount);
};

const tell = (core: Core, accountId: string, asset: string, relation: string): void => {
  const balance = balanceOf(core.state, accountId, asset);
  insist(balance.free >= 0n && balance.held >= 0n, `${accountId} ${asset} fell below zero after ${relation}`);
  core.emit({ kind: "balance", accountId, asset, balance: { ...balance }, relation });
};

export const freeOf = (state: State, accountId: string, asset: string): bigint =>
  state.accounts.get(accountId)?.balances.get(asset)?.free ?? 0n;

/** Money from outside; a negative amount takes it out again and must be covered by the free balance. */
export const deposit = (core: Core, accountId: string, asset: string, amount: bigint): void => {
  balanceOf(core.state, accountId, asset).free += amount;
  add(core.state.deposited, asset, amount);
  tell(core, accountId, asset, "main.transfer");
};

export const hold = (core: Core, accountId: string, asset: string, amount: bigint): void => {
  if (amount === 0n) return;
  const balance = balanceOf(core.state, accountId, asset);
  balance.free -= amount;
  balance.held += amount;
  tell(core, accountId, asset, "trade.hold");
};

export const release = (core: Core, accountId: string, asset: string, amount: bigint): void => {
  if (amount === 0n) return;
  const balance = balanceOf(core.state, accountId, asset);
  balance.free += amount;
  balance.held -= amount;
  tell(core, accountId, asset, "trade.hold");
};

export interface Leg {
  accountId: string;
  asset: string;
  /** How much of the payment comes out of what is held; the rest is free money. */
  fromHeld: bigint;
  amount: bigint;
}

/** Takes a payment from an account, held money first as told. */
export const pay = (core: Core, leg: Leg): void => {
  const balance = balanceOf(core.state, leg.accountId, leg.asset);
  balance.held -= leg.fromHeld;
  balance.free -= leg.amount - leg.fromHeld;
  tell(core, leg.accountId, leg.asset, "trade.setted");
};

export const receive = (core: Core, accountId: string, asset: string, amount: bigint): void => {
  balanceOf(core.state, accountId, asset).free += amount;
  tell(core, accountId, asset, "trade.setted");
};

export const marketGains = (core: Core, asset: string, amount: bigint): void =>
  add(core.state.marketGains, asset, amount);

export const takeFee = (core: Core, asset: string, amount: bigint): void => add(core.state.fees, asset, amount);

/** Difference per asset between what is there and what was deposited; all zero unless the ledger is broken. */
export const imbalance = (state: State): Map<string, bigint> => {
  const sums = new Map<string, bigint>();
  for (const account of state.accounts.values()) {
    for (const [asset, balance] of account.balances) add(sums, asset, balance.free + balance.held);
  }
  for (const [asset, amount] of state.marketGains) add(sums, asset, amount);
  for (const [asset, amount] of state.fees) add(sums, asset, amount);
  for (const [asset, amount] of state.deposited) add(sums, asset, -amount);
  return sums;
};
