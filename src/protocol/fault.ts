import type { z } from "zod";

const TYPES: Readonly<Record<string, string>> = {
  array: "a list",
  boolean: "true or false",
  number: "a number",
  object: "keys with values",
  string: "a text",
};

/** What is wrong with a value, in the words of our messages; undefined: those of zod serve. */
export const faultText: z.core.$ZodErrorMap = (issue) => {
  switch (issue.code) {
    case "invalid_type":
      return issue.input === undefined
        ? "it is missing"
        : `it is not ${TYPES[issue.expected] ?? issue.expected}`;
    case "invalid_value":
      return `it is none of ${issue.values.join(", ")}`;
    case "unrecognized_keys":
      return `it does not take ${issue.keys.join(", ")}`;
    case "too_small":
      return tooSmall(issue);
    case "too_big":
      return tooBig(issue);
    case "invalid_format":
    case "not_multiple_of":
    case "invalid_union":
    case "invalid_key":
    case "invalid_element":
    case "custom":
      return undefined;
  }
};

function tooSmall({
  origin,
  minimum,
  inclusive,
}: Pick<z.core.$ZodIssueTooSmall, "origin" | "minimum" | "inclusive">): string {
  if (isCounted(origin)) return minimum === 1 ? "it is empty" : `it is shorter than ${minimum}`;
  return inclusive === false ? `it is not more than ${minimum}` : `it is less than ${minimum}`;
}

function tooBig({
  origin,
  maximum,
  inclusive,
}: Pick<z.core.$ZodIssueTooBig, "origin" | "maximum" | "inclusive">): string {
  if (isCounted(origin)) return `it is longer than ${maximum}${origin === "string" ? " characters" : ""}`;
  return inclusive === false ? `it is not less than ${maximum}` : `it is more than ${maximum}`;
}

function isCounted(origin: string): boolean {
  return origin === "string" || origin === "array" || origin === "set" || origin === "map";
}
