import { z } from "zod";
import { formatKey } from "../core/config-key.ts";
import { similarNames } from "../core/similar.ts";
import { Config } from "../protocol/config.ts";

/** A key of the configuration that nothing reads, as people write it. */
export interface UnknownKey {
  readonly key: string;
  /** Those that can stand in its place, and among them what may be meant by it, the likeliest first. */
  readonly known: readonly string[];
  readonly similar: readonly string[];
}

/** Unknown keys are kept, for they may be a later version's; a typing error is one, too. @param value as it is written */
export function unknownKeys(value: unknown): UnknownKey[] {
  return below(Config, value, []);
}

function below(schema: z.core.$ZodType, value: unknown, place: readonly string[]): UnknownKey[] {
  if (schema instanceof z.ZodPipe)
    return [schema.in, schema.out].flatMap((each) => below(each, value, place));
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable || schema instanceof z.ZodDefault)
    return below(schema.unwrap(), value, place);
  if (schema instanceof z.ZodUnion) return schema.options.flatMap((each) => below(each, value, place));
  if (typeof value !== "object" || value === null || Array.isArray(value)) return [];
  const entries = Object.entries(value);
  if (schema instanceof z.ZodRecord)
    return entries.flatMap(([name, inner]) => below(schema.valueType, inner, [...place, name]));
  if (!(schema instanceof z.ZodObject)) return [];
  const known = Object.keys(schema.shape);
  const written = (name: string) => formatKey([...place, name]);
  return entries.flatMap(([name, inner]) =>
    Object.hasOwn(schema.shape, name)
      ? below(schema.shape[name], inner, [...place, name])
      : {
          key: written(name),
          known: known.map(written),
          similar: similarNames(name, known).map(written),
        },
  );
}
