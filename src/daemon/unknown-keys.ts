import { z } from "zod";
import { Config } from "../protocol/config.ts";

/** A key of the configuration that nothing reads, by its parts, and what can stand in its place. */
export interface UnknownKey {
  readonly key: readonly string[];
  readonly known: readonly string[];
}

/** Unknown keys are kept, for they may be a later version's; a typing error is one, too. @param value as it is written */
export function unknownKeys(value: unknown): UnknownKey[] {
  return below(Config, value, []);
}

function below(schema: z.core.$ZodType, value: unknown, key: readonly string[]): UnknownKey[] {
  if (schema instanceof z.ZodPipe) return [schema.in, schema.out].flatMap((each) => below(each, value, key));
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable || schema instanceof z.ZodDefault)
    return below(schema.unwrap(), value, key);
  if (schema instanceof z.ZodUnion) return schema.options.flatMap((each) => below(each, value, key));
  if (typeof value !== "object" || value === null || Array.isArray(value)) return [];
  const entries = Object.entries(value);
  if (schema instanceof z.ZodRecord)
    return entries.flatMap(([name, inner]) => below(schema.valueType, inner, [...key, name]));
  if (!(schema instanceof z.ZodObject)) return [];
  const known = Object.keys(schema.shape);
  return entries.flatMap(([name, inner]) =>
    Object.hasOwn(schema.shape, name)
      ? below(schema.shape[name], inner, [...key, name])
      : { key: [...key, name], known },
  );
}
