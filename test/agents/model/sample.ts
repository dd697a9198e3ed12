import { z } from "zod";

const Schema = z.looseObject({
  type: z.union([z.string(), z.array(z.string())]).optional(),
  enum: z.array(z.unknown()).optional(),
  properties: z.record(z.string(), z.unknown()).optional(),
});

/** The plainest value of a JSON schema: products ask the model for titles and classes in a shape of their own. */
export function sample(raw: unknown): unknown {
  const schema = Schema.parse(raw ?? {});
  if (schema.enum !== undefined) return schema.enum[0];
  switch (String(schema.type).toLowerCase()) {
    case "object":
      return Object.fromEntries(
        Object.entries(schema.properties ?? {}).map(([name, inner]) => [name, sample(inner)]),
      );
    case "array":
      return [];
    case "boolean":
      return false;
    case "integer":
    case "number":
      return 1;
    default:
      return "scripted";
  }
}
