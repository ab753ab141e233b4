/** The fields of a flat zod object as text: options of a command, parameters of a strategy. */
import { z } from "zod";

export type Field = {
  readonly name: string;
  readonly kind: string;
  readonly description: string;
  /** As JSON would write it; "" = none. */
  readonly otherwise: string;
  /** "2 to 100"; "" = none. */
  readonly bounds: string;
  readonly isRequired: boolean;
};

type Json = {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly description?: string;
  readonly default?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly maxLength?: number;
};

export function fieldsOf(schema: z.ZodObject): readonly Field[] {
  const json = z.toJSONSchema(schema, { io: "input", unrepresentable: "any" });
  const required = json.required ?? [];
  return Object.entries((json.properties ?? {}) as Readonly<Record<string, Json>>).map(([name, field]) => ({
    name,
    kind: field.enum === undefined ? (field.type ?? "text") : field.enum.join(", "),
    description: field.description ?? "",
    otherwise: field.default === undefined ? "" : String(field.default),
    bounds: boundsText(field),
    isRequired: required.includes(name),
  }));
}

/** Bounds that only say "fits a JavaScript number" are no bounds. */
function boundsText({ minimum, maximum, enum: words }: Json): string {
  if (words !== undefined) return words.join(", ");
  const [least, most] = [minimum, maximum].map((bound) =>
    bound === undefined || Math.abs(bound) >= Number.MAX_SAFE_INTEGER ? null : bound,
  );
  if (least !== null && least !== undefined)
    return most === null || most === undefined ? `from ${least}` : `${least} to ${most}`;
  return most === null || most === undefined ? "" : `up to ${most}`;
}
