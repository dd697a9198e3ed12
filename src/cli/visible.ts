import { visible, visibleJsonText } from "../core/visible.ts";

/** What a terminal may show of every string of a document, its keys included. */
export function visibleAll<T>(value: T): T {
  return walk(value) as T;
}

/** A document as JSON that is safe on a terminal: the same document, with what a terminal obeys escaped. */
export function visibleJson(value: unknown, indent?: number): string {
  return visibleJsonText(JSON.stringify(value, null, indent));
}

function walk(value: unknown): unknown {
  if (typeof value === "string") return visible(value);
  if (Array.isArray(value)) return value.map(walk);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [visible(key), walk(each)]));
}
