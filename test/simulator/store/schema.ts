/**
 * What the migrations say of each table, read from the very files: columns, keys, unique indexes, checks. Enough of SQL for
 * the way our migrations are written; the differential test holds the outcome against PostgreSQL.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { TableShape } from "../../../src/adapters/postgres/append_statement.ts";

export type Row = Readonly<Record<string, unknown>>;
type Holds = (row: Row) => boolean | null;
export type UniqueIndex = { readonly name: string; readonly columns: readonly string[]; readonly where: Holds | null };
export type TableRules = TableShape & {
  readonly required: readonly string[];
  readonly checks: readonly Holds[];
  readonly uniques: readonly UniqueIndex[];
};

const ownTables = new Set([
  "events",
  "ledger_head",
  "trader_epoch",
  "trader_lease",
  "books_snapshot",
  "schema_migrations",
  "legal_moves",
  "views_version",
]);

export function readSchema(folder = join(process.cwd(), "migrations")): ReadonlyMap<string, TableRules> {
  const text = readdirSync(folder)
    .filter((name) => name.endsWith(".sql"))
    .sort()
    .map((name) => readFileSync(join(folder, name), "utf8").replaceAll(/--.*$/gm, ""))
    .join("\n");
  return parseSchema(text);
}

type Draft = {
  columns: string[];
  key: string[];
  required: string[];
  /** By the name that PostgreSQL gives them. */
  checks: Map<string, Holds>;
  uniques: UniqueIndex[];
};

export function parseSchema(text: string): ReadonlyMap<string, TableRules> {
  const tables = new Map<string, Draft>();
  for (const statement of statementsOf(text)) {
    const made = /^create (?:unlogged )?table (?:if not exists )?(\w+)\s*\(/i.exec(statement);
    if (made?.[1] !== undefined) {
      const table: Draft = { columns: [], key: [], required: [], checks: new Map(), uniques: [] };
      tables.set(made[1], table);
      const body = insideOf(statement, made[0].length - 1);
      for (const item of splitOutside(body, ",")) addItem(made[1], table, item.trim());
    }
    const index = /^create unique index (\w+) on (\w+)\s*\(([^)]*)\)(?:\s+where\s+([\s\S]+))?$/i.exec(statement);
    if (index !== null) {
      const [, name = "", on = "", columns = "", where] = index;
      tables
        .get(on)
        ?.uniques.push({ name, columns: listOf(columns), where: where === undefined ? null : condition(where) });
    }
    const gone = /^drop index (?:if exists )?(\w+)$/i.exec(statement)?.[1];
    for (const table of gone === undefined ? [] : tables.values())
      table.uniques = table.uniques.filter((unique) => unique.name !== gone);
    const altered = /^alter table (\w+)\s+([\s\S]+)$/i.exec(statement);
    if (altered !== null) addAlterations(altered[1] ?? "", tables.get(altered[1] ?? ""), altered[2] ?? "");
  }
  return new Map(
    [...tables]
      .filter(([name]) => !ownTables.has(name))
      .map(([name, draft]) => [name, { name, ...draft, checks: [...draft.checks.values()] }]),
  );
}

function addAlterations(on: string, table: Draft | undefined, text: string): void {
  if (table === undefined) return;
  for (const item of splitOutside(text, ",")) {
    const dropped = /^\s*drop constraint (?:if exists )?(\w+)/i.exec(item);
    if (dropped?.[1] !== undefined) table.checks.delete(dropped[1]);
    const added = /^\s*add (?:column )?(?:if not exists )?([\s\S]+)$/i.exec(item);
    if (added?.[1] !== undefined) addItem(on, table, added[1].trim());
  }
}

function addItem(on: string, table: Draft, item: string): void {
  const given = /^constraint (\w+)\s+/i.exec(item)?.[1];
  const named = item.replace(/^constraint \w+\s+/i, "");
  const list = /^(unique|primary key)\s*\(([^)]*)\)/i.exec(named);
  if (list !== null) {
    const columns = listOf(list[2] ?? "");
    if (list[1]?.toLowerCase() === "unique") table.uniques.push({ name: columns.join("_"), columns, where: null });
    else table.key.push(...columns);
    return;
  }
  if (/^check\s*\(/i.test(named)) {
    table.checks.set(given ?? `${on}_check${table.checks.size}`, condition(insideOf(named, named.indexOf("("))));
    return;
  }
  const name = /^"?(\w+)"?/.exec(named)?.[1] ?? "";
  table.columns.push(name);
  if (/\bprimary key\b/i.test(named)) table.key.push(name);
  if (/\bnot null\b/i.test(named) || /\bprimary key\b/i.test(named)) table.required.push(name);
  const check = /\bcheck\s*\(/i.exec(named);
  if (check !== null)
    table.checks.set(`${on}_${name}_check`, condition(insideOf(named, check.index + check[0].length - 1)));
}

const listOf = (text: string): string[] => text.split(",").map((name) => name.trim().replaceAll('"', ""));

/** Statements between semicolons that stand outside of $$ bodies, quotes and parentheses. */
function statementsOf(text: string): readonly string[] {
  const withoutBodies = text.replaceAll(/\$(\w*)\$[\s\S]*?\$\1\$/g, "''");
  return splitOutside(withoutBodies, ";")
    .map((statement) => statement.trim())
    .filter((statement) => statement !== "");
}

function splitOutside(text: string, separator: string): readonly string[] {
  const parts: string[] = [];
  let [depth, start, isQuoted] = [0, 0, false];
  for (let at = 0; at < text.length; at += 1) {
    const letter = text[at];
    if (letter === "'") isQuoted = !isQuoted;
    if (isQuoted) continue;
    if (letter === "(") depth += 1;
    if (letter === ")") depth -= 1;
    if (letter === separator && depth === 0) {
      parts.push(text.slice(start, at));
      start = at + 1;
    }
  }
  parts.push(text.slice(start));
  return parts;
}

/** What stands between the parenthesis at `open` and its partner. */
function insideOf(text: string, open: number): string {
  let depth = 0;
  for (let at = open; at < text.length; at += 1) {
    if (text[at] === "(") depth += 1;
    if (text[at] === ")") depth -= 1;
    if (depth === 0) return text.slice(open + 1, at);
  }
  return text.slice(open + 1);
}

/** A conjunction of simple comparisons; anything else counts as "not known", which a check passes. */
function condition(text: string): Holds {
  const parts = text.split(/\s+and\s+/i).map((part) => comparison(part.trim()));
  return (row) => {
    let result: boolean | null = true;
    for (const part of parts) {
      const holds = part(row);
      if (holds === false) return false;
      if (holds === null) result = null;
    }
    return result;
  };
}

function comparison(text: string): Holds {
  const [, name = "", rest = ""] = /^"?(\w+)"?\s*([\s\S]*)$/.exec(text) ?? [];
  if (/^is not null$/i.test(rest)) return (row) => row[name] != null;
  if (/^is null$/i.test(rest)) return (row) => row[name] == null;
  const within = /^(not )?in\s*\(([\s\S]*)\)$/i.exec(rest);
  if (within !== null) {
    const values = new Set(listOf(within[2] ?? "").map((value) => value.replaceAll("'", "")));
    return known(name, (value) => values.has(String(value)) === (within[1] === undefined));
  }
  const compared = /^(=|<>|>=|<=|>|<)\s*('[^']*'|-?[\d.]+)$/.exec(rest);
  if (compared === null) return () => null;
  const [, operator = "", right = ""] = compared;
  if (right.startsWith("'")) {
    const wanted = right.slice(1, -1);
    if (operator === "=") return known(name, (value) => String(value) === wanted);
    return operator === "<>" ? known(name, (value) => String(value) !== wanted) : () => null;
  }
  const limit = Number(right);
  const compare: Readonly<Record<string, (value: number) => boolean>> = {
    "=": (value) => value === limit,
    "<>": (value) => value !== limit,
    ">=": (value) => value >= limit,
    "<=": (value) => value <= limit,
    ">": (value) => value > limit,
    "<": (value) => value < limit,
  };
  return known(name, (value) => compare[operator]?.(Number(value)) ?? false);
}

const known =
  (name: string, holds: (value: unknown) => boolean): Holds =>
  (row) =>
    row[name] == null ? null : holds(row[name]);
