import type { ShellWord } from "../protocol/command-line.ts";

const RUNS = /^-(exec|execdir|ok|okdir)$/;

/** The commands that `find` runs on what it finds. */
export function findActions(words: readonly ShellWord[]): {
  commands: { assignments: ShellWord[]; words: ShellWord[] }[];
  unread: string | null;
} {
  const commands = [];
  for (let at = 1; at < words.length; at++) {
    if (!RUNS.test(words[at]!.value ?? "")) continue;
    const end = words.findIndex(({ value }, index) => index > at && (value === ";" || value === "+"));
    if (end < 0) return { commands: [], unread: "where the command of find ends is not clear" };
    const inner = words.slice(at + 1, end).map(filled);
    if (inner.length > 0) commands.push({ assignments: [], words: inner });
    at = end;
  }
  return { commands, unread: null };
}

/** `{}` becomes a file's name. */
function filled(word: ShellWord): ShellWord {
  const hole = word.start.indexOf("{}");
  return hole < 0 ? word : { text: word.text, value: null, start: word.start.slice(0, hole) };
}
