/** The page's thinking, without a browser: what numbers look like, what the command box offers, what is sent again. */
import { describe, expect, test } from "vitest";
import { hintFor, readSentence } from "../../dashboard/src/completion.ts";
import {
  countdown,
  duration,
  showAmount,
  showChange,
  showPercentChange,
  showPrice,
  splitValue,
} from "../../dashboard/src/format.ts";
import { openActs } from "../../dashboard/src/wire/acts.ts";
import { applyFrame, emptyView, placeMessage } from "../../dashboard/src/wire/view.ts";
import { commandsFor } from "../../src/adapters/desk/commands_view.ts";
import type { SaidMessage } from "../../src/adapters/desk/contract.ts";
import { scriptedCommands } from "./scripted_house.ts";

const commands = commandsFor(scriptedCommands, { personId: "ana", displayName: "Ana", role: "owner" });

test.each([
  [showAmount("10184.2", 2), "10,184.20"],
  [showAmount("0.999", 2), "0.99"],
  [showAmount("-0.001", 2), "0.00"],
  [showAmount("-1234567.899", 2), "−1,234,567.89"],
  [showAmount("12345678901234567890.1", 2), "12,345,678,901,234,567,890.10"],
  [showChange("42.18", 2), "+42.18"],
  [showChange("-42.18", 2), "−42.18"],
  [showChange("0", 2), "0.00"],
  [showPrice("97412.5"), "97,412.5"],
  [showPercentChange("0.0042"), "+0.42 %"],
  [showPercentChange("-0.0042"), "−0.42 %"],
  [showPercentChange("0.00001"), "0.00 %"],
  [countdown(249_001), "4:10"],
  [countdown(-5), "0:00"],
  [countdown(3_849_000), "1:04:09"],
  [duration(40_000), "40 s"],
  [duration(5_400_000), "1 h 30 min"],
  [duration(260_000_000), "3 d"],
])("%s reads %s", (shown, expected) => {
  expect(shown).toBe(expected);
});

test("money and what explains it are told apart", () => {
  expect(splitValue("496.80 USDT (4.88 % of equity)")).toEqual({ main: "496.80 USDT", aside: "(4.88 % of equity)" });
  expect(splitValue("(nothing)")).toEqual({ main: "(nothing)", aside: null });
});

describe("the command box", () => {
  const namesFor = (text: string) => {
    const hint = hintFor(text, commands);
    return hint.kind === "names" ? hint.matches.map(({ name }) => name) : hint.kind;
  };
  test.each([
    ["/sta", ["status"]],
    ["/p", ["pause", "pnl", "positions", "approvals", "close", "report"]],
    ["/stop", ["pause", "positions"]],
    ["/", scriptedCommands.map(({ name }) => name).toSorted((one, other) => one.localeCompare(other))],
    ["status", "none"],
    ["/unheard of", "none"],
    ["/status now", "complete"],
  ])("%s offers %o", (text, expected) => {
    expect(namesFor(text)).toEqual(expected);
  });

  test.each([
    ["/close ", "instrument", "", "/close "],
    ["/close BT", "instrument", "BT", "/close "],
    ["/close BTC/USDT ", "reason", "", "/close BTC/USDT "],
    ["/close BTC/USDT because of ne", "reason", "ne", "/close BTC/USDT because of "],
    ["/report we", "span", "we", "/report "],
  ])("%o asks for <%s>", (text, option, prefix, head) => {
    expect(hintFor(text, commands)).toMatchObject({ kind: "option", option: { name: option }, prefix, head });
  });

  test.each([
    ["/Close BTC/USDT  now", false, { kind: "command", name: "close", text: "BTC/USDT  now" }],
    ["pause", false, { kind: "command", name: "pause", text: "" }],
    ["pause", true, { kind: "words", text: "pause" }],
    ["YES I AM SURE 417", true, { kind: "words", text: "YES I AM SURE 417" }],
    ["  /  ", false, { kind: "nothing" }],
  ])("%o is understood (answering: %s)", (text, isReply, expected) => {
    expect(readSentence(text, commands, isReply)).toEqual(expected);
  });
});

describe("acts that wait for the house", () => {
  const tap = { kind: "tap", id: "act-000001", messageId: "m", token: "t".repeat(16) } as const;
  const pause = { kind: "command", id: "act-000002", name: "pause", text: "" } as const;

  test("a button is one tap until the house has answered", () => {
    const acts = openActs();
    expect(acts.add(tap, 1_000, false)).toEqual({ ...tap, ageMs: 0 });
    expect(acts.tapUnderWay(tap.token)).toBe(tap.id);
    expect(acts.settle(tap.id)).toEqual(tap);
    expect(acts.tapUnderWay(tap.token)).toBeNull();
  });

  test("after a short break both go out again under their ids and with their age", () => {
    const acts = openActs();
    acts.add(tap, 0, false);
    acts.add(pause, 0, true);
    expect(acts.afterReconnect(5_000)).toEqual({
      send: [
        { ...tap, ageMs: 5_000 },
        { ...pause, ageMs: 5_000 },
      ],
      dropped: [],
    });
  });

  test("after a long break a pause still goes out, a tap is given back to the person", () => {
    const acts = openActs();
    acts.add(tap, 0, false);
    acts.add(pause, 0, true);
    expect(acts.afterReconnect(60_000)).toEqual({ send: [{ ...pause, ageMs: 60_000 }], dropped: [tap] });
    expect(acts.tapUnderWay(tap.token)).toBeNull();
  });

  test("what the house could not write down is tried four times in all", () => {
    const acts = openActs();
    acts.add(pause, 0, true);
    const tries = [1, 2, 3, 4].map((second) => acts.again(pause.id, second * 1_000));
    expect(tries.map((frame) => frame?.ageMs ?? null)).toEqual([1_000, 2_000, 3_000, null]);
  });
});

describe("the conversation", () => {
  const said = (messageId: string, revision: number): SaidMessage => ({
    kind: "said",
    messageId,
    revision,
    postedAt: 0,
    editedAt: null,
    answers: null,
    isPrivate: true,
    text: `${messageId}${revision}`,
    displayName: "Ana",
    status: "received",
  });

  test("an edit stays in its place, an edit that was overtaken changes nothing", () => {
    const before = [said("a", 2), said("b", 1)];
    expect(placeMessage(before, said("a", 3)).map((message) => message.revision)).toEqual([3, 1]);
    expect(placeMessage(before, said("a", 1))).toBe(before);
    expect(placeMessage(before, said("c", 1)).map(({ messageId }) => messageId)).toEqual(["a", "b", "c"]);
  });

  test("it keeps the newest 300", () => {
    let view = emptyView;
    for (let count = 0; count < 400; count += 1) {
      view = applyFrame(view, { kind: "message", message: said(`m${count}`, 1) }, 0);
    }
    expect(view.messages).toHaveLength(300);
    expect(view.messages.at(-1)?.messageId).toBe("m399");
  });

  test("the house's clock rules, whatever this device believes", () => {
    expect(applyFrame(emptyView, { kind: "state", state: null, at: 10_000 }, 4_000).skewMs).toBe(6_000);
  });
});
