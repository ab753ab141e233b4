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

/** Text of a rule that a value breaks, or null. `where` names the operation, as in validation.createOrder.symbolIsRequired. */
const breach = (name: string, rule: FieldRule, value: unknown, where: string): string | null => {
  const field = `validation.${where}.${name}`;
  switch (rule.type) {
    case "integer":
      if (typeof value !== "number" || !Number.isSafeInteger(value)) return `${field}MustBeAnInteger`;
      if ((rule.min !== undefined && value < rule.min) || (rule.max !== undefined && value > rule.max))
        return `${field} not in the given range!`;
      return null;
    case "boolean":
      return typeof value === "boolean" ? null : `${field}MustBeABoolean`;
    default:
      if (typeof value !== "string") return `${field}MustBeAString`;
      if (rule.type === "decimal" && !DECIMAL.test(value)) return `${field}IsNotADecimal`;
      if (rule.oneOf !== undefined && !rule.oneOf.includes(value)) return `${name} not in the given range!`;
      if (rule.lengthMax !== undefined && value.length > rule.lengthMax) return `${field}IsTooLong`;
      if (rule.pattern !== undefined && !rule.pattern.test(value)) return `${field}IsInvalid`;
      return null;
  }
};

export interface ReadOptions {
  rules: FieldRules;
  /** Known to be sent by common clients without a meaning here; never an error. */
  tolerated?: readonly string[];
  where: string;
  refuseUnknown: boolean;
}

export const readFields = (raw: Readonly<Record<string, unknown>>, options: ReadOptions): Reading => {
  const values: Values = {};
  for (const [name, value] of Object.entries(raw)) {
    const rule = Object.hasOwn(options.rules, name) ? options.rules[name] : undefined;
    if (rule === undefined) {
      if (options.refuseUnknown && !options.tolerated?.includes(name)) {
        return { ok: false, answer: invalid(`validation.${options.where}.unknownParameter: ${name}`) };
      }
      continue;
    }
    if (value === null || value === undefined || value === "") continue;
    const broken = breach(name, rule, value, options.where);
    if (broken !== null) return { ok: false, answer: invalid(broken) };
    values[name] = value as string | number | boolean;
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
