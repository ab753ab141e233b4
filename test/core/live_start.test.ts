/** Whether a start may trade real money: every refusal by itself, and what arms it. */
import { describe, expect, it } from "vitest";
import { judgeLiveStart, type LiveReadings } from "../../src/core/live_start.ts";
import { notional } from "../../src/core/money.ts";
import { instant } from "../../src/core/time.ts";

const armed = {
  venue: "kucoin",
  accountId: "uid-1",
  keyFingerprint: "aaaa",
  configHash: "hash",
  declaredBalance: notional("123"),
  by: "person:ana",
  at: instant(1),
};
const sound: LiveReadings = {
  declaredBalance: notional("123"),
  isStopMandatory: true,
  policy: "ask",
  venue: "kucoin",
  configHash: "hash",
  keyFingerprint: "aaaa",
  key: { accountId: "uid-1", mayTrade: true, mayWithdraw: false },
  venueEquity: notional("123.40"),
  pinnedAccountId: null,
  journalProblem: null,
  otherProblems: [],
  armed: null,
  phrase: "YES I AM SURE",
  codeProblem: null,
};
const verdict = (change: Partial<LiveReadings>) => judgeLiveStart({ ...sound, ...change });

describe("real money is switched on", () => {
  it.each<[string, Partial<LiveReadings>, RegExp]>([
    ["no balance is declared", { declaredBalance: null }, /ACCOUNT_BALANCE .*not set/],
    ["the declared balance is zero", { declaredBalance: notional("0") }, /ACCOUNT_BALANCE/],
    ["the venue shows another balance", { venueEquity: notional("10000") }, /says 123, the venue shows 10000/],
    ["the venue shows nothing", { venueEquity: notional("0") }, /the venue shows 0/],
    ["entries without a stop are allowed", { isStopMandatory: false }, /protective stop/],
    ["entries are automatic", { policy: "automatic" }, /a person signs every entry/],
    ["the key can withdraw", { key: { ...sound.key, mayWithdraw: true } }, /can withdraw/],
    ["the key can't trade", { key: { ...sound.key, mayTrade: false } }, /no trade right/],
    ["the key is of another account [O07]", { pinnedAccountId: "uid-2" }, /account uid-1, the settings name uid-2/],
    ["the journal can't be written", { journalProblem: "read-only" }, /journal/],
    ["the start found something else", { otherProblems: ["TLS checks are off"] }, /TLS/],
  ])("never while %s, whatever is typed", (_what, change, text) => {
    const told = verdict(change);
    expect(told.kind).toBe("refused");
    expect(told.kind === "refused" && told.problems.join("; ")).toMatch(text);
  });

  it("says everything that is wrong at once", () => {
    const told = verdict({ declaredBalance: null, policy: "automatic", key: { ...sound.key, mayWithdraw: true } });
    expect(told.kind === "refused" && told.problems).toHaveLength(3);
  });

  it.each<[string, Partial<LiveReadings>, string]>([
    ["the phrase arms", {}, "arm"],
    ["without the phrase it asks", { phrase: null }, "ask"],
    ["the phrase without the code that an owner has asks", { codeProblem: "add --live-code" }, "ask"],
    ["an almost right phrase asks again", { phrase: "yes i am sure" }, "ask"],
    ["the same values go on without asking", { armed, phrase: null }, "armed"],
    ["another key: exits only [O06]", { armed, phrase: null, keyFingerprint: "bbbb" }, "safe_mode"],
    ["another configuration: exits only", { armed, phrase: null, configHash: "other" }, "safe_mode"],
    ["another account: exits only", { armed, phrase: null, key: { ...sound.key, accountId: "uid-9" } }, "safe_mode"],
    ["another key and the phrase: armed for it", { armed, keyFingerprint: "bbbb" }, "arm"],
  ])("%s", (_what, change, kind) => expect(verdict(change).kind).toBe(kind));

  it("the declared balance is compared once: afterwards trading has moved the account", () => {
    const grown = { venueEquity: notional("150"), phrase: null };
    expect(verdict({ armed, ...grown }).kind).toBe("armed");
    expect(verdict({ armed: { ...armed, declaredBalance: notional("120") }, ...grown }).kind).toBe("refused");
  });
});
