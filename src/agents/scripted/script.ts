/** One step of a script: its verb and the rest of its line. */
export interface Step {
  readonly verb: string;
  readonly rest: string;
}

const STEP = /^[\s>*-]*scripted:[ \t]*(?<verb>[a-z-]+)[ \t]?(?<rest>.*)$/gm;

/** The steps that a prompt names, one a line, whatever stands around them. */
export function parseScript(prompt: string): Step[] {
  return [...prompt.matchAll(STEP)].map(({ groups }) => ({
    verb: groups!.verb!,
    rest: groups!.rest!.trimEnd(),
  }));
}

/** Splits off the first word. */
export function firstWord(text: string): [word: string, rest: string] {
  const at = text.indexOf(" ");
  return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + 1)];
}

/** The parts of `a | b|c`, trimmed. */
export function parts(text: string): string[] {
  return text
    .split("|")
    .map((part) => part.trim())
    .filter((part) => part !== "");
}
