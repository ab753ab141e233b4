/** One Markdown section per kind of definition, made from the definitions themselves. */
import type { z } from "zod";
import { breakerCauses } from "../core/breaker_causes.ts";
import { denials } from "../core/denial.ts";
import type { AnyAlert } from "../define/alert.ts";
import type { AssertionDefinition } from "../define/assertion.ts";
import type { AnyCheck } from "../define/check.ts";
import type { AnyCommand } from "../define/command.ts";
import type { AnyJob } from "../define/job.ts";
import type { AnyStrategy } from "../define/strategy.ts";
import type { VenueDefinition } from "../define/venue.ts";
import { fieldsOf } from "./fields.ts";
import type { Kind } from "./kinds.ts";

type Row = readonly string[];

export function table(head: Row, rows: readonly Row[]): string {
  if (rows.length === 0) return "None yet.";
  const line = (cells: Row): string =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|").replaceAll("\n", " ")).join(" | ")} |`;
  return [line(head), `|${head.map(() => "---").join("|")}|`, ...rows.map(line)].join("\n");
}

/** The section of a folder's README. `definitions` were loaded from that folder, in the order of the alphabet. */
export function sectionOf(kind: Kind["kind"], definitions: readonly unknown[]): string {
  switch (kind) {
    case "command":
      return commandsSection(definitions as readonly AnyCommand[]);
    case "job":
      return jobsSection(definitions as readonly AnyJob[]);
    case "strategy":
      return strategiesSection(definitions as readonly AnyStrategy[]);
    case "check":
      return checksSection(definitions as readonly AnyCheck[]);
    case "assertion":
      return assertionsSection(definitions as readonly AssertionDefinition[]);
    case "alert":
      return alertsSection(definitions as readonly AnyAlert[]);
    case "venue":
      return venuesSection(definitions as readonly VenueDefinition[]);
  }
}

const urgencies = {
  reads: "answered whenever it arrives",
  safe: "counts however late it arrives",
  adds_risk: "older than 30 s it is asked again",
} as const;

/** Some forms of a command that is harmless as such are not. */
function lateText({ access, addsRisk }: AnyCommand): string {
  const usual = urgencies[access.urgency];
  return addsRisk === undefined || access.urgency === "adds_risk"
    ? usual
    : `${usual}; what adds risk is asked again after 30 s`;
}

function commandsSection(commands: readonly AnyCommand[]): string {
  const overview = table(
    ["Command", "What it does", "Who", "When late"],
    commands.map((command) => [`\`${usageOf(command)}\``, command.summary, command.access.role, lateText(command)]),
  );
  const details = commands.map((command) => {
    const options = fieldsOf(command.options as z.ZodObject);
    const rows = options.map((option) => [`\`${option.name}\``, option.kind, option.otherwise, option.description]);
    return [
      `### /${command.name}`,
      "",
      command.summary,
      ...(rows.length === 0 ? [] : ["", table(["Option", "Kind", "Default", "Meaning"], rows)]),
      "",
      ...command.examples.map((example) => `    ${example}`),
    ].join("\n");
  });
  return [overview, ...details].join("\n\n");
}

/** "/close <symbol> [reason]": words in the order in which Telegram takes them. */
function usageOf(command: AnyCommand): string {
  const words = fieldsOf(command.options as z.ZodObject).map(({ name, isRequired }) =>
    isRequired ? `<${name}>` : `[${name}]`,
  );
  return [`/${command.name}`, ...words].join(" ");
}

function jobsSection(jobs: readonly AnyJob[]): string {
  return table(
    ["Job", "What it does", "When", "Deadline", "Attempts", "Vital"],
    jobs.map((job) => [
      `\`${job.name}\``,
      job.summary,
      scheduleOf(job),
      lengthText(job.deadlineMs),
      String(job.retry.attempts),
      job.isVital ? "yes" : "",
    ]),
  );
}

function scheduleOf({ schedule }: AnyJob): string {
  if (schedule === "on_demand") return "when rung for";
  if ("setting" in schedule) return "every `interval` of the settings";
  return `every ${lengthText(schedule.everyMs)}${schedule.clock === "house" ? " of house time" : ""}`;
}

/** 300000 is "5 min". */
export function lengthText(ms: number): string {
  const units = [
    [86_400_000, "d"],
    [3_600_000, "h"],
    [60_000, "min"],
    [1_000, "s"],
  ] as const;
  const unit = units.find(([size]) => ms >= size && ms % size === 0);
  return unit === undefined ? `${ms} ms` : `${ms / unit[0]} ${unit[1]}`;
}

function strategiesSection(strategies: readonly AnyStrategy[]): string {
  const overview = table(
    ["Strategy", "What it does"],
    strategies.map(({ name, summary }) => [`\`${name}\``, summary]),
  );
  const details = strategies.map(({ name, params }) => {
    const rows = fieldsOf(params as z.ZodObject).map((field) => [
      `\`${field.name}\``,
      field.otherwise,
      field.bounds,
      field.description,
    ]);
    const settings =
      rows.length === 0 ? "It has no settings." : table(["Setting", "Default", "Bounds", "Meaning"], rows);
    return [`### ${name}`, "", settings].join("\n");
  });
  return [overview, ...details].join("\n\n");
}

function checksSection(checks: readonly AnyCheck[]): string {
  return table(
    ["Check", "It asks", "A no is recorded as", "May pass later"],
    checks.map(({ name, asks, denies }) => [
      `\`${name}\``,
      asks,
      `\`${denies}\``,
      denials[denies].mayPass ? "yes" : "",
    ]),
  );
}

function assertionsSection(assertions: readonly AssertionDefinition[]): string {
  const byId = [...assertions].sort((left, right) => (left.id < right.id ? -1 : 1));
  const overview = table(
    ["", "Promise", "If it is ever broken", "Name"],
    byId.map(({ id, name, promises, onBreach }) => [id, promises, breakText(onBreach), `\`${name}\``]),
  );
  const runbook = [...byId.map((one) => ({ ...one.runbook, ...one.onBreach, name: one.name })), ...breakerCauses].map(
    (entry) =>
      `**\`${entry.name}\`** (${entry.scope}, ${entry.class}). ${entry.means} ${entry.does} *You:* ${entry.you}`,
  );
  const intro =
    "A *transient* breaker ends by itself: when its cause has been gone for a minute (twice as long with every opening of the day, at most an hour), one smallest order tries it; five openings a day make it sticky. A *sticky* one is closed with `/reset NAME REASON` once its cause is gone; the fourth reset of one cause within a day needs two people. `/breakers` lists what stands.";
  return [overview, "## What to do when a breaker is open", intro, ...runbook].join("\n\n");
}

function breakText(onBreach: AssertionDefinition["onBreach"]): string {
  const looks = onBreach.looks === 1 ? "" : `, after ${onBreach.looks} looks in a row`;
  const where = {
    global: "nothing new anywhere",
    account: "nothing new on the account or instrument",
    venue: "nothing new at the venue",
  };
  return `${where[onBreach.scope]}${looks}; ${onBreach.class === "sticky" ? "a person closes it" : "ends by itself"}`;
}

function alertsSection(alerts: readonly AnyAlert[]): string {
  return table(
    ["Alert", "What it tells", "Severity", "Woken by", "Quiet for"],
    alerts.map(({ name, summary, severity, wakesOn, quietMinutes }) => [
      `\`${name}\``,
      summary,
      severity,
      wakesOn.map((fact: string) => `\`${fact}\``).join(", "),
      quietMinutes === 0 ? "" : `${quietMinutes} min`,
    ]),
  );
}

function venuesSection(venues: readonly VenueDefinition[]): string {
  return table(
    ["Venue", "What it is", "Protection at the venue", "Own order ids", "Proof of absence after", "Fee is taken in"],
    venues.map(({ name, summary, capabilities }) => [
      `\`${name}\``,
      summary,
      { oco: "stop and target, one cancels the other", stop: "stop alone", none: "none: the house watches" }[
        capabilities.protection
      ],
      capabilities.hasClientOrderIds ? "yes" : "no",
      lengthText(capabilities.absentAfterMs),
      capabilities.feeIn === "quote" ? "quote currency" : "what was received",
    ]),
  );
}
