/** The rows that facts lead to, with the constraints of the migrations: a statement that breaks one changes nothing. */
import { legalMoves } from "../../../src/core/legal_moves.ts";
import type { Row, TableRules, UniqueIndex } from "./schema.ts";

export type Refusal = { readonly code: "23001" | "23502" | "23505" | "23514"; readonly text: string };

export type Tables = {
  rows(table: string): readonly Row[];
  /** Upserts all of it, or nothing. @returns the first constraint that refused. */
  upsert(changes: readonly { readonly table: string; readonly rows: readonly Row[] }[]): Refusal | null;
  copy(): Tables;
};

type Kept = { readonly rules: TableRules; readonly rows: Map<string, Row>; readonly indexes: Map<string, string>[] };

export function openTables(schema: ReadonlyMap<string, TableRules>, from?: ReadonlyMap<string, Kept>): Tables {
  const kept = new Map<string, Kept>();
  for (const [name, rules] of schema) {
    const before = from?.get(name);
    const indexes =
      before?.indexes.map((index) => new Map(index)) ?? rules.uniques.map(() => new Map<string, string>());
    kept.set(name, { rules, rows: new Map(before?.rows ?? []), indexes });
  }
  return {
    rows: (table) => [...(kept.get(table)?.rows.values() ?? [])],
    upsert(changes) {
      const undo: (() => void)[] = [];
      for (const { table, rows } of changes) {
        const into = kept.get(table);
        if (into === undefined) throw new Error(`The simulated database has no table "${table}"`);
        for (const row of rows) {
          const refusal = put(into, row, undo);
          if (refusal === null) continue;
          for (const step of undo.reverse()) step();
          return refusal;
        }
      }
      return null;
    },
    copy: () => openTables(schema, kept),
  };
}

function put({ rules, rows, indexes }: Kept, row: Row, undo: (() => void)[]): Refusal | null {
  for (const column of rules.required)
    if (row[column] == null) return { code: "23502", text: `null in "${rules.name}.${column}"` };
  for (const holds of rules.checks)
    if (holds(row) === false) return { code: "23514", text: `a check of "${rules.name}" is violated` };
  const key = keyOf(rules.key, row) ?? "";
  const before = rows.get(key);
  const step = illegalStep(rules.name, before, row);
  if (step !== null) return { code: "23001", text: `a row of ${rules.name} may not go ${step}` };
  for (const [place, unique] of rules.uniques.entries()) {
    const index = indexes[place];
    const entry = entryOf(unique, row);
    const holder = entry === null ? undefined : index?.get(entry);
    if (holder !== undefined && holder !== key)
      return { code: "23505", text: `duplicate key value violates unique constraint "${unique.name}"` };
  }
  rows.set(key, row);
  undo.push(() => (before === undefined ? rows.delete(key) : rows.set(key, before)));
  for (const [place, unique] of rules.uniques.entries())
    move(indexes[place] as Map<string, string>, { unique, key, before, row }, undo);
  return null;
}

type Move = { readonly unique: UniqueIndex; readonly key: string; readonly before: Row | undefined; readonly row: Row };

function move(index: Map<string, string>, { unique, key, before, row }: Move, undo: (() => void)[]): void {
  const left = before === undefined ? null : entryOf(unique, before);
  const entered = entryOf(unique, row);
  if (left === entered) return;
  if (left !== null) index.delete(left);
  if (entered !== null) index.set(entered, key);
  undo.push(() => {
    if (entered !== null) index.delete(entered);
    if (left !== null) index.set(left, key);
  });
}

const entryOf = ({ where, columns }: UniqueIndex, row: Row): string | null =>
  where !== null && where(row) !== true ? null : keyOf(columns, row);

/** null when a column is null: two nulls are never equal. */
function keyOf(columns: readonly string[], row: Row): string | null {
  if (columns.length === 1) {
    const value = row[columns[0] ?? ""];
    return value == null ? null : String(value);
  }
  const values = columns.map((column) => row[column]);
  return values.some((value) => value == null) ? null : JSON.stringify(values);
}

const legal: ReadonlySet<string> = new Set(legalMoves.map(({ machine, from, to }) => `${machine} ${from} ${to}`));
const machines: ReadonlySet<string> = new Set(legalMoves.map(({ machine }) => machine));

/** The triggers of 0003_legal_moves.sql: every step within the path is legal, and it continues from where the row was. */
function illegalStep(machine: string, before: Row | undefined, row: Row): string | null {
  if (!machines.has(machine)) return null;
  const path = row["path"] as readonly string[];
  const moves = Number(row["moves"]);
  const states = moves < path.length ? ["unborn", ...path] : path;
  for (let at = 1; at < states.length; at += 1)
    if (!legal.has(`${machine} ${states[at - 1] ?? ""} ${states[at] ?? ""}`))
      return `from ${states[at - 1] ?? ""} to ${states[at] ?? ""}`;
  if (path.at(-1) !== row["state"]) return `to ${String(row["state"])}, which its path does not end with`;
  if (before === undefined) return null;
  const steps = moves - Number(before["moves"]);
  const isContinued = steps >= 0 && steps < path.length && path[path.length - 1 - steps] === before["state"];
  return isContinued
    ? null
    : `from ${String(before["state"])} to ${String(row["state"])}: its path does not continue from there`;
}
