/** Typed words become options, typed limits become values: tables of what people type. */
import { describe, expect, test } from "vitest";
import { close } from "../../commands/close.ts";
import { limits } from "../../commands/limits.ts";
import { orders } from "../../commands/orders.ts";
import { pause } from "../../commands/pause.ts";
import { resume } from "../../commands/resume.ts";
import { unlink } from "../../commands/unlink.ts";
import type { Limits } from "../../src/core/risk_view.ts";
import type { AnyCommand } from "../../src/define/command.ts";
import { limitControls, limitText, parseLimit } from "../../src/flows/limit_controls.ts";
import { parseOptions } from "../../src/flows/read_options.ts";

const asked = (command: unknown, text: string) => parseOptions(command as AnyCommand, { options: null, text });

describe("words of a command", () => {
  test.each([
    ["the last text option takes the rest of the line", pause, "back at  nine", { reason: "back at nine" }],
    ["what is not said has its default", pause, "  ", { reason: "no reason given" }],
    ["numbers are read as numbers", orders, "5", { count: 5 }],
    ["a name in front is understood", orders, "count:7", { count: 7 }],
    ["also with an equals sign and capitals", orders, "Count=7", { count: 7 }],
    ["several in order", unlink, "telegram 42", { platform: "telegram", user: "42" }],
    ["several by name, in any order", unlink, "user:42 platform:desk", { user: "42", platform: "desk" }],
    ["a colon within a reason is part of it", pause, "note: reason:x", { reason: "note: reason:x" }],
    [
      "three options, the rest is the reason",
      limits,
      "riskPerTrade 1% new month, fresh eyes",
      { name: "riskPerTrade", value: "1%", reason: "new month, fresh eyes" },
    ],
    ["an unknown name in front is a word like others", close, "sol:usdt", { what: "sol:usdt" }],
  ])("%s", (_what, command, text, options) => {
    expect(asked(command, text)).toEqual({ ok: true, value: options });
  });

  test.each([
    ["five letters of reason", resume, "ok", "/resume: reason: say why in at least five letters"],
    ["a count is no word", orders, "many", "/orders: count: "],
    ["a count has a maximum", orders, "26", "/orders: count: "],
    ["a count is whole", orders, "2.5", "/orders: count: "],
    ["something must be named", close, "", "/close: what is missing"],
  ])("%s", (_what, command, text, problem) => {
    const parsed = asked(command, text);
    expect(parsed.ok).toBe(false);
    if (!parsed.ok) expect(parsed.problem.startsWith(problem)).toBe(true);
  });

  test("options that a chat sends ready are checked by the same schema", () => {
    expect(parseOptions(orders as unknown as AnyCommand, { options: { count: 3 }, text: "9" })).toEqual({
      ok: true,
      value: { count: 3 },
    });
    expect(parseOptions(orders as unknown as AnyCommand, { options: { count: "3" }, text: "" }).ok).toBe(false);
  });
});

const wicked = [
  "__proto__ 1",
  "__proto__:polluted",
  "constructor.prototype.polluted=1",
  "count:{}",
  "count:1e9",
  "count:0x10",
  "count:NaN",
  "count:-0.5",
  "5; drop table events",
  "5' or '1'='1",
  "$(rm -rf ~)",
  "`id`",
  "\u0000",
  "\uff15",
  "9".repeat(400),
];
describe("words that want to be more than words", () => {
  test.each(wicked)("[M05] %j is no count, and leaves nothing behind", (text) => {
    const before = Object.getOwnPropertyNames(Object.prototype);
    expect(asked(orders, text).ok).toBe(false);
    expect(Object.getOwnPropertyNames(Object.prototype)).toEqual(before);
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
  });

  test.each(wicked.filter((text) => text.trim() !== "\u0000"))(
    "[M05] %j is a reason like any other, letter by letter",
    (text) => {
      const parsed = asked(pause, text);
      if (parsed.ok) expect(parsed.value["reason"]).toBe(text.trim().split(/\s+/).join(" "));
      else expect(parsed.problem).toMatch(/^\/pause: reason: /);
    },
  );

  test("[M05] options that come ready can't carry a prototype along", () => {
    const options = JSON.parse(
      '{"count":3,"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":1}}}',
    ) as object;
    const parsed = parseOptions(orders as unknown as AnyCommand, { options: options as never, text: "" });
    if (parsed.ok) {
      expect(Object.keys(parsed.value)).toEqual(["count"]);
      expect((parsed.value as { polluted?: unknown }).polluted).toBeUndefined();
    }
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
  });
});

describe("values of a limit", () => {
  test.each<[keyof Limits, string, unknown, string]>([
    ["riskPerTrade", "5%", "0.05", "5 %"],
    ["riskPerTrade", " 2.5 % ", "0.025", "2.5 %"],
    ["riskPerTrade", "0.05", "0.05", "5 %"],
    ["riskPerTrade", "0.050", "0.05", "5 %"],
    ["riskPerTrade", "0%", "0", "0 %"],
    ["riskPerTrade", "100%", "1", "100 %"],
    ["riskPerTrade", "05%", "0.05", "5 %"],
    ["riskPerTrade", "0.125%", "0.00125", "0.125 %"],
    ["dailyLossNotional", "250", "250", "250"],
    ["dailyLossNotional", "0.50", "0.5", "0.5"],
    ["tradesPerMinute", "4", 4, "4"],
    ["isStopMandatory", "ON", true, "on"],
    ["isDowntrendGuarded", "false", false, "off"],
    ["cooldownMs", "60000", 60_000, "1 min"],
  ])("%s %s is %s, read as %s", (name, text, value, shown) => {
    const parsed = parseLimit(name, text);
    expect(parsed).toEqual({ ok: true, value });
    if (parsed.ok) expect(limitText(name, parsed.value)).toBe(shown);
  });

  test.each<[keyof Limits, string]>([
    ["riskPerTrade", "-1%"],
    ["riskPerTrade", "1e-3"],
    ["riskPerTrade", "1,5%"],
    ["riskPerTrade", "5%%"],
    ["riskPerTrade", "%"],
    ["riskPerTrade", "1.1"],
    ["riskPerTrade", "100.0000001%"],
    ["riskPerTrade", "99999999999999999999"],
    ["riskPerTrade", "0.00000000000000001%"],
    ["dailyLossNotional", "-1"],
    ["dailyLossNotional", "$5"],
    ["tradesPerMinute", "01"],
    ["tradesPerMinute", "2.0"],
    ["tradesPerMinute", "99999999999999999999"],
    ["isStopMandatory", "1"],
    ["isStopMandatory", ""],
  ])("%s %s is no value", (name, text) => {
    expect(parseLimit(name, text).ok).toBe(false);
  });

  test("no limit is said in words, and of the runtime controls only sound limits count", () => {
    expect(limitText("dailyLossNotional", null)).toBe("no limit");
    expect(
      limitControls({ riskPerTrade: "0.5%", allowed_instruments: "kucoin:SOL/USDT", tradesPerMinute: "x" }),
    ).toEqual({
      riskPerTrade: "0.005",
    });
  });
});
