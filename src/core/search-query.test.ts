import { expect, test } from "bun:test";
import { searchQuery } from "./search-query.ts";

test.each([
  ["migration", '"migration"*'],
  ["failing migration", '"failing"* AND "migration"*'],
  ['"connection refused"', '"connection refused"'],
  ["a", '"a"'],
  ["migration -docker", '("migration"*) NOT ("docker"*)'],
  ['-"not this" that', '("that"*) NOT ("not this")'],
  ["api_key", '"api_key"*'],
  ["AND OR NEAR(x)", '"AND"* AND "OR"* AND "NEAR(x)"*'],
  ['it"s', '"it s"*'],
  ["*", null],
  ['"" - *', null],
  ["-only", null],
])("%s", (text, query) => {
  if (query === null) expect(() => searchQuery(text)).toThrow("no word to look for");
  else expect(searchQuery(text)).toBe(query);
});
