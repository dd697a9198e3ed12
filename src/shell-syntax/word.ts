import type { ArrayValue, Assignment, Word, WordPart } from "unbash";
import type { ShellWord } from "../protocol/command-line.ts";

/** A word of which nothing is known before it runs. */
export const UNKNOWN: ShellWord = { text: "…", value: null, start: "" };

/** A word as the shell expands it. @param home what an unquoted `~` stands for */
export function shellWord(word: Word, home: string): ShellWord {
  if (word.text.startsWith("~")) return tilde(word, home);
  return { text: word.text, ...expanded(word) };
}

/** `NAME=value` as one word. */
export function assignmentWord(assignment: Assignment, home: string): ShellWord {
  const name = `${assignment.name}${assignment.append ? "+=" : "="}`;
  const { text } = assignment;
  if (assignment.index || isArray(assignment.value)) return { text, value: null, start: assignment.name };
  const { value, start } = shellWord(assignment.value, home);
  return { text, value: value === null ? null : name + value, start: name + start };
}

function isArray(value: Word | ArrayValue): value is ArrayValue {
  return value.type === "ArrayValue";
}

/** `~` and `~/…` are known; `~name` and quotes after the tilde are not worth knowing. */
function tilde(word: Word, home: string): ShellWord {
  const { value, start } = expanded(word);
  if (!/^~(?:\/|$)/.test(word.text) || start === "") return { text: word.text, value: null, start: "" };
  return {
    text: word.text,
    value: value === null ? null : home + value.slice(1),
    start: home + start.slice(1),
  };
}

function expanded({ parts, value }: Word): Known {
  return parts ? joined(parts) : { value, start: value };
}

type Known = Pick<ShellWord, "value" | "start">;

function joined(parts: readonly WordPart[]): Known {
  let start = "";
  for (const part of parts) {
    const known = knownOf(part);
    start += known.start;
    if (known.value === null) return { value: null, start };
  }
  return { value: start, start };
}

function knownOf(part: WordPart): Known {
  if (part.type === "DoubleQuoted") return joined(part.parts);
  const isText = part.type === "Literal" || part.type === "SingleQuoted" || part.type === "AnsiCQuoted";
  return isText ? { value: part.value, start: part.value } : { value: null, start: "" };
}
