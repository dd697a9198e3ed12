import * as fc from "fast-check";

/** The part of JSON Schema that our OpenAPI document uses. */
export interface Schema {
  type?: string | string[];
  const?: unknown;
  enum?: unknown[];
  anyOf?: Schema[];
  oneOf?: Schema[];
  items?: Schema;
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: Schema | boolean;
  minimum?: number;
  maximum?: number;
}

/** Longest list and largest map that is made. */
const MAX_ENTRIES = 4;

/**
 * Documents that a schema takes, or almost: here and there one is of another kind, too much, or missing.
 * @param words texts that mean something where they are read
 */
export function fromSchema(schema: Schema, words: readonly string[]): fc.Arbitrary<unknown> {
  return fc.oneof({ weight: 40, arbitrary: sound(schema, words) }, { weight: 1, arbitrary: fc.jsonValue() });
}

function sound(schema: Schema, words: readonly string[]): fc.Arbitrary<unknown> {
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum) return fc.constantFrom(...schema.enum);
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices) return fc.oneof(...choices.map((each) => fromSchema(each, words)));
  if (Array.isArray(schema.type))
    return fc.oneof(...schema.type.map((type) => sound({ ...schema, type }, words)));
  switch (schema.type) {
    case "string":
      return fc.oneof(
        { weight: 12, arbitrary: fc.constantFrom(...words) },
        { weight: 4, arbitrary: fc.string({ unit: "binary" }) },
        { weight: 1, arbitrary: fc.constantFrom("", "x".repeat(300_000)) },
      );
    case "integer":
    case "number":
      return numbers(schema);
    case "boolean":
      return fc.boolean();
    case "null":
      return fc.constant(null);
    case "array":
      return fc.array(fromSchema(schema.items ?? {}, words), { maxLength: MAX_ENTRIES });
    case "object":
      return objects(schema, words);
    case undefined:
      return fc.jsonValue();
    default:
      throw new Error(`a schema of the unknown type ${schema.type}`);
  }
}

function numbers({ type, minimum, maximum }: Schema): fc.Arbitrary<number> {
  const edges = [minimum, maximum, -1, 0, 1, 1.5, 2 ** 31, 2 ** 53, 1e300].filter(
    (each) => each !== undefined,
  );
  return fc.oneof(type === "integer" ? fc.integer() : fc.double({ noNaN: true }), fc.constantFrom(...edges));
}

function objects(
  { properties = {}, required = [], additionalProperties }: Schema,
  words: readonly string[],
): fc.Arbitrary<unknown> {
  const fields = Object.entries(properties).map(([name, each]) => {
    const value = fromSchema(each, words);
    return [name, required.includes(name) ? value : seldom(value)] as const;
  });
  const known = fc.record(Object.fromEntries(fields));
  if (typeof additionalProperties !== "object") return known;
  const more = fc.dictionary(fc.constantFrom(...words), fromSchema(additionalProperties, words), {
    maxKeys: MAX_ENTRIES,
  });
  return fc.tuple(known, more).map(([one, other]) => ({ ...other, ...(one as object) }));
}

/** What may be left out mostly is: a document with everything in it is never quite right. */
function seldom(value: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  return fc.oneof({ weight: 6, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: value });
}
