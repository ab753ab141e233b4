/** Runs a schema over what was written and turns every complaint into a problem that names the setting and its place. */
import { z } from "zod";
import { didYouMean, type SettingProblem } from "./problem.ts";

export type WhereIs = (path: readonly string[]) => string | null;
export type Validated<Value> = { readonly value: Value | null; readonly problems: readonly SettingProblem[] };

export function validate<Schema extends z.ZodType>(
  schema: Schema,
  tree: unknown,
  whereIs: WhereIs,
): Validated<z.output<Schema>> {
  const parsed = schema.safeParse(tree, { reportInput: true });
  if (parsed.success) return { value: parsed.data, problems: [] };
  const problems = parsed.error.issues.flatMap((issue) => problemsOf(issue, schema, whereIs));
  return { value: null, problems };
}

/** ["people", 0, "role"] is "people[1].role": people count from one. */
export function showPath(path: readonly string[]): string {
  return path
    .map((part, index) => (/^\d+$/.test(part) ? `[${Number(part) + 1}]` : index === 0 ? part : `.${part}`))
    .join("");
}

function problemsOf(issue: z.core.$ZodIssue, schema: z.ZodType, whereIs: WhereIs): readonly SettingProblem[] {
  const path = issue.path.map(String);
  if (issue.code === "unrecognized_keys") {
    const known = keysAt(schema, path);
    return issue.keys.map((key) => ({
      name: showPath([...path, key]),
      where: whereIs([...path, key]),
      text: `there is no such setting${didYouMean(key, known)}`,
    }));
  }
  return [{ name: showPath(path), where: whereIs(path), text: textOf(issue, schema, path) }];
}

function textOf(issue: z.core.$ZodIssue, schema: z.ZodType, path: readonly string[]): string {
  if (issue.input === undefined && issue.code !== "custom") return "is missing";
  if (issue.code !== "too_small" && issue.code !== "too_big") return issue.message;
  const { minimum, maximum } = boundsOf(schemaAt(schema, path));
  if (minimum !== undefined && maximum !== undefined) return `must be from ${minimum} to ${maximum}`;
  if (minimum !== undefined) return `must be at least ${minimum}`;
  return maximum === undefined ? issue.message : `must be at most ${maximum}`;
}

/** Bounds of a number; those that only say "fits a JavaScript number" are no bounds. */
export function boundsOf(schema: unknown): { readonly minimum?: number; readonly maximum?: number } {
  if (!(schema instanceof z.ZodType)) return {};
  const { minimum, maximum } = z.toJSONSchema(schema, { io: "input", unrepresentable: "any" });
  const isReal = (bound: number | undefined): bound is number =>
    bound !== undefined && Math.abs(bound) < Number.MAX_SAFE_INTEGER;
  return { ...(isReal(minimum) ? { minimum } : {}), ...(isReal(maximum) ? { maximum } : {}) };
}

/** The part of the schema that a path leads to, beneath defaults and transforms. */
function schemaAt(schema: z.ZodType, path: readonly string[]): unknown {
  let here: unknown = bare(schema);
  for (const part of path) here = bare(/^\d+$/.test(part) ? elementOf(here) : shapeOf(here)[part]);
  return here;
}

function keysAt(schema: z.ZodType, path: readonly string[]): readonly string[] {
  return Object.keys(shapeOf(schemaAt(schema, path)));
}

type Def = {
  readonly type: string;
  readonly innerType?: unknown;
  readonly in?: unknown;
  readonly out?: unknown;
  readonly element?: unknown;
  readonly shape?: Readonly<Record<string, unknown>>;
};

function defOf(schema: unknown): Def | null {
  return typeof schema === "object" && schema !== null && "def" in schema ? (schema.def as Def) : null;
}

/** The object, array or record beneath defaults and transforms. */
export function bare(schema: unknown): unknown {
  const def = defOf(schema);
  if (def === null) return schema;
  if (def.innerType !== undefined) return bare(def.innerType);
  // A preprocess is a pipe whose first half is the transform, a group is one whose second half is.
  if (def.type === "pipe") return bare(defOf(def.in)?.type === "transform" ? def.out : def.in);
  return schema;
}

export function shapeOf(schema: unknown): Readonly<Record<string, unknown>> {
  return defOf(schema)?.shape ?? {};
}

export function elementOf(schema: unknown): unknown {
  return defOf(schema)?.element;
}
