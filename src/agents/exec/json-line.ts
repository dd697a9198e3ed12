import * as z from "zod/mini";
import { catch as otherwise } from "zod/mini";

/** A line of JSON of this shape; null for any other line. */
export function parseLine<T>(line: string, schema: z.ZodMiniType<T>): T | null {
  if (!line.startsWith("{")) return null;
  try {
    const parsed = schema.safeParse(JSON.parse(line));
    return parsed.success ? parsed.data : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

/** Absent, null, malformed: all null, so that a product which changes a detail still works. */
export function maybe<Schema extends z.ZodMiniType>(schema: Schema) {
  return otherwise(z.nullable(schema), null);
}

export const Count = z.int().check(z.nonnegative());
export const Cost = z.number().check(z.nonnegative());
