/**
 * A group of settings as it is written (`quote_ttl: 2s`) and as code reads it (`quoteTtl`). Written names are
 * snake_case, values in code are camelCase; this is the only place where one becomes the other.
 */
import { z } from "zod";

type CamelName<Name extends string> = Name extends `${infer Head}_${infer Tail}`
  ? `${Head}${Capitalize<CamelName<Tail>>}`
  : Name;
type IsShouted<Name extends string> = Name extends Uppercase<Name> ? true : false;
export type Camel<Name extends string> = IsShouted<Name> extends true ? CamelName<Lowercase<Name>> : CamelName<Name>;
export type CamelKeys<Group> = { readonly [Key in keyof Group as Key extends string ? Camel<Key> : Key]: Group[Key] };

export function camel(name: string): string {
  const lower = name === name.toUpperCase() ? name.toLowerCase() : name;
  return lower.replace(/_([a-z0-9])/g, (_all, letter: string) => letter.toUpperCase());
}

/** Every key must be known; keys become camelCase. */
export function group<Shape extends z.ZodRawShape>(shape: Shape) {
  return z
    .strictObject(shape, {
      error: (issue) => (issue.code === "invalid_type" ? "must be a group of settings" : undefined),
    })
    .transform(
      (value) =>
        Object.fromEntries(Object.entries(value).map(([key, entry]) => [camel(key), entry])) as CamelKeys<
          z.output<z.ZodObject<Shape, z.core.$strict>>
        >,
    );
}

/** A setting that has a value when nobody gives one. `otherwise` is written as in the file. */
export function setting<Field extends z.ZodType>(description: string, field: Field, otherwise: z.input<Field>) {
  return field.prefault(otherwise as never).meta({ description });
}

/** A setting that may be missing (null). `example` shows how it is written. */
export function optional<Field extends z.ZodType>(description: string, field: Field, example: string) {
  return field
    .nullable()
    .default(null as never)
    .meta({ description, example });
}

/** A setting that must be given where its group is given. */
export function required<Field extends z.ZodType>(description: string, field: Field, example: string) {
  return field.meta({ description, example });
}

/** A group within a group; absent = all its defaults. */
export function section<Shape extends z.ZodRawShape>(description: string, shape: Shape) {
  return group(shape)
    .prefault({} as never)
    .meta({ description });
}
