const SPACE = /[ \t\n\r]*/y;
const TOKEN =
  /[{}[\],:]|"(?:[ -!#-[\]-\uffff]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;

type Expected = "value" | "value or ]" | "string" | "string or }" | ":" | ", or ]" | ", or }" | "the end";

/**
 * Where a text that JSON.parse refused stops being JSON (RFC 8259), for people: the runtime's own message names no place.
 * Lines and columns count from 1, columns in UTF-16 units.
 */
export function jsonFault(text: string): { line: number; column: number; expected: string } {
  const open: ("[" | "{")[] = [];
  let expected: Expected = "value";
  let at = after(SPACE, text, 0);
  while (at < text.length) {
    const end = after(TOKEN, text, at);
    const next: Expected | null = end === at ? null : follow(expected, text.slice(at, end), open);
    if (next === null) break;
    expected = next;
    at = after(SPACE, text, end);
  }
  const before = text.slice(0, at);
  return { line: before.split("\n").length, column: at - before.lastIndexOf("\n"), expected };
}

/** The end of what the pattern matches at `at`; `at` itself when it does not. */
function after(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : at;
}

/** What may come after a token; null when the token was not what may come here. */
function follow(expected: Expected, token: string, open: ("[" | "{")[]): Expected | null {
  const afterValue = (): Expected =>
    open.length === 0 ? "the end" : open.at(-1) === "[" ? ", or ]" : ", or }";
  const close = (): Expected => {
    open.pop();
    return afterValue();
  };
  switch (expected) {
    case "value or ]":
      return token === "]" ? close() : follow("value", token, open);
    case "value":
      if (token === "{" || token === "[") {
        open.push(token);
        return token === "{" ? "string or }" : "value or ]";
      }
      return "]},:".includes(token) ? null : afterValue();
    case "string or }":
      return token === "}" ? close() : follow("string", token, open);
    case "string":
      return token.startsWith('"') ? ":" : null;
    case ":":
      return token === ":" ? "value" : null;
    case ", or ]":
      return token === "," ? "value" : token === "]" ? close() : null;
    case ", or }":
      return token === "," ? "string" : token === "}" ? close() : null;
    case "the end":
      return null;
  }
}
