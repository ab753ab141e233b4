/** What hostile or careless people type: never anything that could be meant, always something that must do no harm. */
import type { Chance } from "../contract.ts";

/** Numbers that are none, or that some parsers take for another. */
export const numberTricks = [
  "1e9",
  "NaN",
  "-0",
  "0x10",
  "1,000",
  "9".repeat(400),
  "\uff11\uff10\uff10",
  "Infinity",
  "0.0000000000000000001",
  "%",
  "--1",
] as const;

export const injections = [
  "'; drop table events; --",
  "$(reboot)",
  "<script>alert(1)</script>",
  "*bold* _under_ [link](http://169.254.169.254/latest/meta-data)",
  "\u202eUSDT/LOS",
  "\u001b[31mred",
  '{"__proto__":{"isAdmin":true}}',
  "SOL/USDT\u0000",
  "\u0405OL/USDT",
  "@everyone",
] as const;

export const hostileText = (chance: Chance): string =>
  chance.hits(0.1) ? "A".repeat(100_000) : chance.pick([...injections, ...numberTricks]);

export const forgedToken = (chance: Chance): string => {
  const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  let token = "";
  for (let index = 0; index < 16; index += 1) token += letters[chance.int(0, letters.length - 1)] ?? "A";
  return token;
};

export const reasons = ["it looks fine again", "checked the venue by hand", "back at my desk", "calm again"] as const;
