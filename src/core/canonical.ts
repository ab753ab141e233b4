/** Canonical JSON: keys sorted, no spaces, no undefined; two equal values always give the same bytes, so they can be hashed. */
import { InvariantError } from "./assert.ts";

/** The one-way function (SHA-256, lower-case hex) that the shell lends to the core; see ports/vault. */
export type Hash = (text: string) => string;

/** @throws InvariantError for a value that JSON cannot hold exactly (NaN, functions, bigint, a Date, a Map). */
export function canonicalJson(value: unknown): string {
  if (value === null) return "null";
  switch (typeof value) {
    case "string":
    case "boolean":
      return JSON.stringify(value);
    case "number":
      if (!Number.isFinite(value)) throw new InvariantError(`No canonical JSON for the number ${String(value)}`);
      return JSON.stringify(value);
    case "object":
      if (Array.isArray(value)) return arrayText(value);
      if (!isPlain(value)) throw new InvariantError(`No canonical JSON for a ${value.constructor.name}`);
      return objectText(value as Record<string, unknown>);
    default:
      throw new InvariantError(`No canonical JSON for a ${typeof value}`);
  }
}

/** Anything else keeps its values where JSON does not look, and two different ones would give the same bytes. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}

function arrayText(items: readonly unknown[]): string {
  return `[${items.map((item) => canonicalJson(item === undefined ? null : item)).join(",")}]`;
}

function objectText(record: Readonly<Record<string, unknown>>): string {
  const fields = Object.keys(record)
    .filter((key) => record[key] !== undefined)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${canonicalJson(record[key])}`);
  return `{${fields.join(",")}}`;
}
