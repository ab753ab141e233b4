/** `npm run routes` says where an alert would go, and which label of a rule or of the question it never bears. */
import { expect, test } from "vitest";
import { alerts } from "../../src/alerts/index.ts";
import { routeLine } from "../../src/boot/show_routes.ts";
import type { RouteRule } from "../../src/core/alert_routes.ts";
import { type Labels, matchersIn } from "../../src/core/alerting.ts";

const rule = (match: string): RouteRule => ({ matchers: matchersIn(match), chats: [], people: ["ana"], goesOn: false });
const ofStrategy = rule("severity=critical,strategy=ema_trend");

test.each<[string, string, Labels, readonly RouteRule[], string]>([
  [
    "the rule of the example fits a missing stop of that strategy",
    "stop_missing",
    { strategy: "ema_trend" },
    [ofStrategy],
    "stop_missing (critical): rule 1, the chats of ana; every linked chat, because it could cost money unseen",
  ],
  [
    "a label of the question that it never bears",
    "entry_denied",
    { strategy: "ema_trend" },
    [],
    "entry_denied (warning): every linked chat; never bears strategy",
  ],
  [
    "a label of a rule that it never bears",
    "large_drawdown",
    {},
    [ofStrategy],
    "large_drawdown (critical): every linked chat; never bears strategy",
  ],
  [
    "a rule about another alert",
    "large_drawdown",
    {},
    [rule("alert=exit_fired,strategy=x")],
    "large_drawdown (critical): every linked chat",
  ],
  [
    "what every alert can be asked for",
    "large_drawdown",
    { about: "0.05" },
    [rule("mode=live,account=main")],
    "large_drawdown (critical): every linked chat",
  ],
])("%s", (_what, name, labels, routes, expected) => {
  const alert = alerts.find((one) => one.name === name);
  if (alert === undefined) throw new Error(`there is no alert ${name}`);
  const routing = { routes, account: "practice", mode: "paper" };
  expect(routeLine(alert, { labels, severity: undefined, routing })).toBe(expected);
});
