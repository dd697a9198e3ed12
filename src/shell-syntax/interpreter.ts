import type { ShellWord } from "../protocol/command-line.ts";

const SHELLS = new Set(["sh", "bash", "dash", "zsh", "ksh", "mksh", "ash", "rbash", "fish"]);
/** Other languages: they run what they read where they get neither a file nor a text. */
const LANGUAGES = /^(python|perl|ruby|node|bun|deno|php|lua|osascript|tclsh)[\d.]*$/;
const HARMLESS = /^(--version|--help|-[Vh])$/;
const GIVES_TEXT = /^(-[a-zA-Z]*[ceEpmr]|--(eval|print|require|import|run))/;
const PLAIN_OPTION = /^(-[abefhiklmnprtuvxBCEHPT]+|--(login|norc|noprofile|posix|no-rcs))$/;

/**
 * The script that a shell is given as text, or why nobody can say what an interpreter runs; null where neither is so: it
 * is no interpreter, or it runs a file that it names.
 */
export function shellScript(
  name: string,
  words: readonly ShellWord[],
  input: string | null,
): { text: string } | { unread: string } | null {
  if (LANGUAGES.test(name)) return words.slice(1).every(isOption) ? reads(name, null) : null;
  if (!SHELLS.has(name)) return null;
  for (let at = 1; at < words.length; at++) {
    const { value } = words[at]!;
    if (value === null) return { unread: `what ${name} runs is only known when it runs` };
    if (/^-[a-zA-Z]*c[a-zA-Z]*$/.test(value)) return textOf(name, words[at + 1]);
    if (value === "-o" || value === "-O") at += 1;
    else if (value === "-" || value === "-s" || value === "/dev/stdin") return reads(name, input);
    else if (!value.startsWith("-")) return null;
    else if (!PLAIN_OPTION.test(value)) return { unread: `an option of ${name} is not understood` };
  }
  return reads(name, input);
}

function textOf(name: string, script: ShellWord | undefined): { text: string } | { unread: string } {
  if (script?.value != null) return { text: script.value };
  return { unread: `what ${name} runs is only known when it runs` };
}

function reads(name: string, input: string | null): { text: string } | { unread: string } {
  return input === null ? { unread: `${name} runs what it reads` } : { text: input };
}

/** A word that names neither a file nor a text to run, and asks for nothing harmless. */
function isOption({ value }: ShellWord): boolean {
  if (value === null || HARMLESS.test(value) || GIVES_TEXT.test(value)) return false;
  return value.startsWith("-") || value === "/dev/stdin";
}
