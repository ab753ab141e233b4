/**
 * Reads parameters against a table of rules: unknown ones, missing ones, wrong types and values outside an enum are
 * refused with the venue's code 400100. Numbers in texts must be plain decimals; 1e-7 is none.
 */
import { type Answer, invalid } from "./answer.ts";

export interface FieldRule {
  type: "string" | "integer" | "boolean" | "decimal";
  isRequired?: boolean;
  oneOf?: readonly string[];
  lengthMax?: number;
  pattern?: RegExp;
  min?: number;
  max?: number;
}

export type FieldRules = Readonly<Record<string, FieldRule>>;
export type Values = Record<string, string | number | boolean>;
export type Reading = { ok: true; values: Values } | { ok: false; answer: Answer };

const DECIMAL = /^\d{1,20}(\.\d{1,30})?$/;

const integerBreach = (field: string, rule: FieldRule, value: unknown): string | null => {
  if (typeof value !== "number" || !Number.isSafeInteger(value)) return `${field}MustBeAnInteger`;
  const isOutside = value < (rule.min ?? value) || value > (rule.max ?? value);
  return isOutside ? `${field} not in the given range!` : null;
};

const textBreach = (name: string, field: string, rule: FieldRule, value: unknown): string | null => {
  if (typeof value !== "string") return `${field}MustBeAString`;
  if (rule.type === "decimal" && !DECIMAL.test(value)) return `${field}IsNotADecimal`;
  if (rule.oneOf?.includes(value) === false) return `${name} not in the given range!`;
  if (value.length > (rule.lengthMax ?? value.length)) return `${field}IsTooLong`;
  return rule.pattern?.test(value) === false ? `${field}IsInvalid` : null;
};

/** Text of a rule that a value breaks, or null. `where` names the operation, as in validation.createOrder.symbolIsRequired. */
const breach = (name: string, rule: FieldRule, value: unknown, where: string): string | null => {
  const field = `validation.${where}.${name}`;
  if (rule.type === "integer") return integerBreach(field, rule, value);
  if (rule.type === "boolean") return typeof value === "boolean" ? null : `${field}MustBeABoolean`;
  return textBreach(name, field, rule, value);
};

export interface ReadOptions {
  rules: FieldRules;
  /** Known to be sent by common clients without a meaning here; never an error. */
  tolerated?: readonly string[];
  where: string;
  refuseUnknown: boolean;
}

const unknownProblem = (name: string, options: ReadOptions): string | null => {
  if (!options.refuseUnknown || options.tolerated?.includes(name)) return null;
  return `validation.${options.where}.unknownParameter: ${name}`;
};

/** First thing wrong with one parameter; empty ones count as not given. */
const fieldProblem = (name: string, value: unknown, options: ReadOptions): string | null => {
  const rule = Object.hasOwn(options.rules, name) ? options.rules[name] : undefined;
  if (rule === undefined) return unknownProblem(name, options);
  return isGiven(value) ? breach(name, rule, value, options.where) : null;
};

const isGiven = (value: unknown): value is string | number | boolean =>
  value !== null && value !== undefined && value !== "";

export const readFields = (raw: Readonly<Record<string, unknown>>, options: ReadOptions): Reading => {
  const values: Values = {};
  for (const [name, value] of Object.entries(raw)) {
    const problem = fieldProblem(name, value, options);
    if (problem !== null) return { ok: false, answer: invalid(problem) };
    if (isGiven(value) && Object.hasOwn(options.rules, name)) values[name] = value;
  }
  for (const [name, rule] of Object.entries(options.rules)) {
    if (rule.isRequired && values[name] === undefined) {
      return { ok: false, answer: invalid(`validation.${options.where}.${name}IsRequired`) };
    }
  }
  return { ok: true, values };
};

/** Query texts as the types their rules want, so that one reader serves both. A value that cannot be one stays text and fails there. */
export const typedQuery = (query: URLSearchParams, rules: FieldRules): Record<string, unknown> => {
  const out: Record<string, unknown> = {};
  for (const [name, text] of query) {
    const type = Object.hasOwn(rules, name) ? rules[name]?.type : undefined;
    if (type === "integer" && /^-?\d{1,15}$/.test(text)) out[name] = Number(text);
    else if (type === "boolean" && (text === "true" || text === "false")) out[name] = text === "true";
    else out[name] = text;
  }
  return out;
};

export const textOf = (values: Values, name: string): string => {
  const value = values[name];
  return typeof value === "string" ? value : "";
};

export const numberOf = (values: Values, name: string): number | null => {
  const value = values[name];
  return typeof value === "number" ? value : null;
};

export const flagOf = (values: Values, name: string): boolean => values[name] === true;
