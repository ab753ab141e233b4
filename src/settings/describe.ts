/** The settings as text for people: `.env.example`, `countersign.example.yaml`, the README table and `--help`. */
import { z } from "zod";
import { environmentSettings, fileSettings, secretNames } from "../config.ts";
import { flags } from "./read_flags.ts";
import { bare, elementOf, shapeOf } from "./validate.ts";

type Shape = Readonly<Record<string, unknown>>;
type Told = { readonly description: string; readonly example: string | null; readonly otherwise: unknown };

function tellOf(schema: unknown): Told {
  const field = schema as z.ZodType & { def: { defaultValue?: unknown } };
  const meta = z.globalRegistry.get(field) as { description?: string; example?: string } | undefined;
  return {
    description: meta?.description ?? "",
    example: meta?.example ?? null,
    otherwise: field.def.defaultValue ?? null,
  };
}

/** Every line is a comment: the copy changes nothing until something is filled in. */
export function envExample(): string {
  const head = [
    "# Secrets and infrastructure of Countersign. Copy to .env, remove the # before what you set, then: chmod 600 .env",
    "# Each NAME may also be given as NAME_FILE (a file that holds it) or as a systemd credential of that name.",
  ];
  const entries = Object.entries(environmentSettings).map(([name, field]) => {
    const { description, example, otherwise } = tellOf(field);
    const kind = secretNames.includes(name) ? " (secret)" : "";
    return `# ${description}${kind}\n#${name}=${example ?? showPlain(otherwise)}`;
  });
  return `${[head.join("\n"), ...entries].join("\n\n")}\n`;
}

/** The defaults, written out; what has none stands as a comment. */
export function yamlExample(): string {
  const head = [
    "# How Countersign trades. Copy to countersign.yaml and change what you like; what you leave out keeps its default.",
    "# Durations: 30s, 5m, 1h. Shares: 0.01 or 1%. Secrets don't belong here: see .env.example",
  ];
  return `${[...head, "", ...yamlLines(fileSettings, "")].join("\n")}\n`;
}

function yamlLines(shape: Shape, indent: string): readonly string[] {
  const isTop = indent === "";
  return Object.entries(shape).flatMap(([name, field]) => {
    const { description, example, otherwise } = tellOf(field);
    return [
      ...(isTop ? [""] : []),
      `${indent}# ${description}`,
      ...(example === null ? valueLines(name, field, otherwise, indent) : [`${indent}# ${name}: ${example}`]),
    ].slice(isTop && name === "mode" ? 1 : 0);
  });
}

function valueLines(name: string, field: unknown, otherwise: unknown, indent: string): readonly string[] {
  const inner = shapeOf(bare(field));
  if (Object.keys(inner).length > 0) return [`${indent}${name}:`, ...yamlLines(inner, `${indent}  `)];
  const item = shapeOf(bare(elementOf(bare(field))));
  if (Object.keys(item).length === 0) return [`${indent}${name}: ${showFlow(otherwise)}`];
  const given = Array.isArray(otherwise) ? (otherwise as readonly Shape[]) : [];
  if (given.length > 0) return [`${indent}${name}:`, ...given.map((one) => `${indent}  - ${showFlow(one)}`)];
  const example = Object.entries(item).map(([key, of]) => {
    const told = tellOf(of);
    return `${indent}#   ${key === Object.keys(item)[0] ? "-" : " "} ${key}: ${told.example ?? showFlow(told.otherwise)}`;
  });
  return [`${indent}# ${name}:`, ...example];
}

/** One Markdown table: environment first, then the file, then the flags. */
export function settingsTables(): string {
  const environment = Object.entries(environmentSettings).map(([name, field]) => row(name, field));
  return [
    "Environment (or `.env`, `NAME_FILE`, a systemd credential):",
    "",
    ...table(environment),
    "",
    "`countersign.yaml`:",
    "",
    ...table(fileRows(fileSettings, "")),
    "",
    "Command line of `npm start --`, stronger than both:",
    "",
    "| Flag | Meaning |",
    "|---|---|",
    ...Object.entries(flags).map(
      ([name, flag]) => `| \`--${name}${flag.example === null ? "" : ` ${flag.example}`}\` | ${flag.summary} |`,
    ),
  ].join("\n");
}

export function helpText(): string {
  const lines = Object.entries(flags).map(
    ([name, flag]) => `  ${`--${name}${flag.example === null ? "" : ` ${flag.example}`}`.padEnd(28)}${flag.summary}`,
  );
  return [
    "npm start                    starts Countersign; without settings it trades on paper",
    "npm start -- --flag value    changes one setting for this run",
    "",
    ...lines,
    "",
    "All settings: README.md, .env.example, countersign.example.yaml",
  ].join("\n");
}

type Row = { readonly name: string; readonly otherwise: string; readonly description: string };

function row(name: string, field: unknown): Row {
  const { description, example, otherwise } = tellOf(field);
  return { name, otherwise: example === null ? `\`${showFlow(otherwise)}\`` : "", description };
}

function fileRows(shape: Shape, prefix: string): readonly Row[] {
  return Object.entries(shape).flatMap(([name, field]) => {
    const inner = shapeOf(bare(field));
    if (Object.keys(inner).length > 0) return fileRows(inner, `${prefix}${name}.`);
    const item = shapeOf(bare(elementOf(bare(field))));
    return [row(`${prefix}${name}`, field), ...fileRows(item, `${prefix}${name}[].`)];
  });
}

function table(rows: readonly Row[]): readonly string[] {
  const cell = (text: string): string => text.replaceAll("|", "\\|");
  return [
    "| Setting | Default | Meaning |",
    "|---|---|---|",
    ...rows.map(({ name, otherwise, description }) => `| \`${name}\` | ${cell(otherwise)} | ${cell(description)} |`),
  ];
}

function showPlain(value: unknown): string {
  return typeof value === "string" ? value : showFlow(value);
}

/** YAML on one line. */
function showFlow(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(showFlow).join(", ")}]`;
  if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value).map(([key, inner]) => `${key}: ${showFlow(inner)}`);
    return entries.length === 0 ? "{}" : `{ ${entries.join(", ")} }`;
  }
  return String(value ?? "");
}
