/**
 * `npm run routes`: where each alert would go by the settings, or one with the labels that are named:
 * `npm run routes -- alert=stop_missing,strategy=ema_trend`. A label that an alert never bears is named: a rule with it can't fit.
 * Wrong rules are told by the settings themselves, with code 2.
 */
import { systemVault } from "../adapters/system/vault.ts";
import { alerts } from "../alerts/index.ts";
import { fittingRules, type RouteRule } from "../core/alert_routes.ts";
import { type Labels, matchersIn } from "../core/alerting.ts";
import type { Severity } from "../core/card.ts";
import type { AnyAlert } from "../define/alert.ts";
import { readSettings } from "./settings.ts";

const usage = "Usage: npm run routes [-- label=value,label=value]   (with --config FILE for other settings)\n";

/** @returns the exit code: 0 shown, 2 the words or the settings are wrong. */
export function showRoutes(argv: readonly string[], env: NodeJS.ProcessEnv): number {
  const words = argv.slice(1).filter((word, index, all) => !word.startsWith("--") && all[index - 1] !== "--config");
  const flags = argv.filter((word, index) => word === "--config" || argv[index - 1] === "--config");
  const read = readSettings(flags, env, systemVault());
  if (!read.ok) return say(read.problem.text, read.problem.code);
  const { routes = [], account, mode } = read.value.settings;
  const sample = Object.fromEntries(matchersIn(words.join(",")).map(({ label, value }) => [label, value]));
  const { alert: name, severity, ...labels } = sample;
  const chosen = alerts.filter((alert) => name === undefined || alert.name === name);
  if (chosen.length === 0) return say(`There is no alert ${name}.\n${usage}`, 2);
  const lines = chosen.map((alert) => routeLine(alert, { labels, severity, routing: { routes, account, mode } }));
  return say(`${lines.join("\n")}\n`, 0);
}

type Sample = {
  readonly labels: Labels;
  readonly severity: string | undefined;
  readonly routing: { readonly routes: readonly RouteRule[]; readonly account: string; readonly mode: string };
};

export function routeLine(alert: AnyAlert, { labels, severity, routing }: Sample): string {
  const its = (severity ?? alert.severityOf?.(labels) ?? alert.severity) as Severity;
  const rules = fittingRules({ name: alert.name, severity: its, labels }, routing);
  const named = rules.map((number) => `rule ${number}, ${whereText(routing.routes[number - 1])}`);
  const isVital = alert.isVital?.(labels) === true;
  const also = isVital && rules.length > 0 ? ["every linked chat, because it could cost money unseen"] : [];
  const where = rules.length === 0 ? "every linked chat" : [...named, ...also].join("; ");
  const never = neverBorne(alert, { labels, routing });
  return `${alert.name} (${its}): ${where}${never.length === 0 ? "" : `; never bears ${never.join(", ")}`}`;
}

/** What every alert can be asked for. */
const ofAll = ["alert", "severity", "account", "mode", "about"];

/** Labels that the question, or a rule that could mean this alert, asks for in vain. */
function neverBorne({ name, labelNames = [] }: AnyAlert, { labels, routing }: Omit<Sample, "severity">): string[] {
  const isMeant = ({ matchers }: RouteRule): boolean =>
    matchers.every(({ label, value }) => label !== "alert" || value === name);
  const ruled = routing.routes.filter(isMeant).flatMap(({ matchers }) => matchers.map(({ label }) => label));
  const borne = [...ofAll, ...labelNames];
  return [...new Set([...Object.keys(labels), ...ruled])].filter((label) => !borne.includes(label));
}

function whereText(rule: RouteRule | undefined): string {
  if (rule === undefined || rule.chats.length + rule.people.length === 0) return "every linked chat";
  const chats = rule.chats.map(({ platform, chatId, threadId }) =>
    [platform, chatId, ...(threadId === null ? [] : [threadId])].join(":"),
  );
  return [...chats, ...rule.people.map((name) => `the chats of ${name}`)].join(", ");
}

function say(text: string, code: number): number {
  (code === 0 ? process.stdout : process.stderr).write(text);
  return code;
}
