/** Runtime limits: how their text in runtime_controls becomes limits, and what a person may type for each. */

import { lengthText, shareText } from "../core/facts.ts";
import { mark } from "../core/mark.ts";
import { isDecimalText, notional, ratio } from "../core/money.ts";
import { limitNames } from "../core/profiles.ts";
import { fail, ok, type Result } from "../core/result.ts";
import type { Limits } from "../core/risk_view.ts";

const shares: ReadonlySet<string> = new Set([
  "riskPerTrade",
  "positionShare",
  "exposureShare",
  "assetShare",
  "strengthMin",
  "stopDistanceMax",
  "drawdownMax",
  "dailyLossShare",
  "sessionLossShare",
  "volatilityMax",
  "balanceGapMax",
]);
const amounts: ReadonlySet<string> = new Set(["positionNotional", "dailyLossNotional", "sessionLossNotional"]);
const switches: ReadonlySet<string> = new Set(["isStopMandatory", "isDowntrendGuarded"]);

/** The limits among the runtime controls; texts that are no value of their limit were refused before they were recorded. */
export function limitControls(controls: Readonly<Record<string, string>>): Partial<Limits> {
  const parsed = limitNames.flatMap((name) => {
    const text = controls[name];
    const value = text === undefined ? null : parseLimit(name, text);
    return value?.ok === true ? [[name, value.value] as const] : [];
  });
  return Object.fromEntries(parsed);
}

/** Reads what a person typed for a limit: "5 %" or "0.05" for shares, "250" for money, "on" for switches, whole numbers for counts. */
export function parseLimit(name: keyof Limits, text: string): Result<Limits[keyof Limits], string> {
  const word = text.trim().toLowerCase();
  if (switches.has(name))
    return word === "on" || word === "true"
      ? ok(true)
      : word === "off" || word === "false"
        ? ok(false)
        : fail(`${name} is on or off`);
  if (shares.has(name)) return parseShare(name, word);
  if (!isDecimalText(word) || word.startsWith("-")) {
    mark("G02.limit_refused");
    return fail(`${name} takes a plain number that is not negative, got "${text.slice(0, 20)}"`);
  }
  if (amounts.has(name)) return ok(notional(word));
  const whole = Number.parseInt(word, 10);
  return String(whole) === word ? ok(whole) : fail(`${name} takes a whole number, got "${text.slice(0, 20)}"`);
}

function parseShare(name: string, word: string): Result<Limits[keyof Limits], string> {
  const isPercent = word.endsWith("%");
  const number = (isPercent ? word.slice(0, -1) : word).trim();
  if (!isDecimalText(number) || number.startsWith("-")) return fail(`${name} takes a share such as 5 % or 0.05`);
  const share = Number(number) / (isPercent ? 100 : 1);
  if (share > 1) return fail(`${name} takes a share of at most 100 %, got ${word}`);
  const plain = isPercent ? percentText(number) : number;
  return isDecimalText(plain) ? ok(ratio(plain)) : fail(`${name} takes a share such as 5 % or 0.05`);
}

/** "2.5" percent as the share "0.025", exact. */
function percentText(number: string): string {
  const [whole = "0", fraction = ""] = number.split(".");
  const digits = `${whole.padStart(3, "0")}${fraction}`;
  const point = digits.length - fraction.length - 2;
  return `${digits.slice(0, point)}.${digits.slice(point)}`;
}

/** The value of a limit as people read it. */
export function limitText(name: keyof Limits, value: Limits[keyof Limits]): string {
  if (value === null) return "no limit";
  if (typeof value === "boolean") return value ? "on" : "off";
  if (typeof value === "string" && shares.has(name)) return shareText(ratio(value));
  return typeof value === "number" && name.endsWith("Ms") ? lengthText(value) : String(value);
}
