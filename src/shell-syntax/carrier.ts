import type { ShellWord } from "../protocol/command-line.ts";
import { type Options, operandsAt } from "./options.ts";
import { findActions } from "./find-action.ts";
import { shellScript } from "./interpreter.ts";
import { UNKNOWN } from "./word.ts";

/** What a command has others do: commands of their own, and scripts that are read like the line itself. */
export interface Carried {
  /** It does nothing else. */
  readonly only: boolean;
  readonly commands: readonly { assignments: readonly ShellWord[]; words: readonly ShellWord[] }[];
  readonly scripts: readonly string[];
  /** Why it cannot be said what it runs. */
  readonly unread: string | null;
}

const NOTHING: Carried = { only: false, commands: [], scripts: [], unread: null };

/** A command whose operands, after some of its own, are another command. */
interface Carrier extends Options {
  /** Operands of its own. */
  readonly operands?: number;
  /** Operands of the form `NAME=value` are set for the other command. */
  readonly assigns?: true;
  /** It changes what the other command may do, so that it is judged itself too. */
  readonly judged?: true;
  /** Words are appended that only running tells. */
  readonly appends?: true;
}

const CARRIERS: Readonly<Record<string, Carrier>> = {
  command: { alone: /^-p$/ },
  builtin: { alone: /^$/ },
  exec: { alone: /^-[cl]+$/, valued: ["-a"] },
  nohup: { alone: /^$/ },
  nice: { alone: /^(-\d+|-n.+|--adjustment=.+)$/, valued: ["-n"] },
  ionice: { alone: /^-([cn]\d|t)$/, valued: ["-c", "-n"] },
  timeout: {
    alone: /^(-v|-[sk].+|--(preserve-status|foreground|verbose)|--(signal|kill-after)=.+)$/,
    valued: ["-s", "-k", "--signal", "--kill-after"],
    operands: 1,
  },
  stdbuf: { alone: /^(-[ioe].+|--(input|output|error)=.+)$/, valued: ["-i", "-o", "-e"] },
  setsid: { alone: /^(-[cfw]+|--(ctty|fork|wait))$/ },
  time: { alone: /^-p$/ },
  busybox: { alone: /^$/ },
  toybox: { alone: /^$/ },
  env: {
    alone: /^(-|-[i0v]+|--(ignore-environment|null|debug)|--unset=.+|-u.+)$/,
    valued: ["-u", "--unset"],
    assigns: true,
  },
  sudo: {
    alone:
      /^(-[AbEHkKnPS]+|-[ugp].+|--(preserve-env(=.*)?|non-interactive|set-home|stdin|user=.+|group=.+))$/,
    valued: ["-u", "-g", "-p", "--user", "--group"],
    assigns: true,
    judged: true,
  },
  doas: { alone: /^-n$/, valued: ["-u"], judged: true },
  xargs: {
    alone:
      /^(-[0rtpx]+|-[nPLsdE].+|--(null|no-run-if-empty|verbose|exit)|--(max-(args|procs|lines|chars)|delimiter)=.+)$/,
    valued: ["-n", "-P", "-L", "-s", "-d", "-E", "-a"],
    appends: true,
  },
  ...tools("caffeinate ltrace setpriv strace systemd-run unbuffer unshare watch", 0),
  ...tools("chroot chrt flock taskset", 1),
};

/** Words that change what later words mean, in this line or in a shell that lives on. */
const REDEFINES = new Set(["alias", "hash", "enable", "bind", "complete", "zmodload", "emulate"]);

/** @param words a command, its name literal; @param input what it is given on its standard input, where that is known */
export function carriedBy(words: readonly ShellWord[], input: string | null): Carried {
  const name = baseName(words[0]!.value!);
  if (REDEFINES.has(name)) return unread(`${name} changes what later words mean`);
  if (name === "eval") return ofScript(joined(words.slice(1)), name);
  if (name === "trap") return trap(words);
  if (name === "find") return { ...NOTHING, ...findActions(words) };
  const script = shellScript(name, words, input);
  if (script !== null) return "text" in script ? ofScript(script.text, name) : unread(script.unread);
  const carrier = Object.hasOwn(CARRIERS, name) ? CARRIERS[name]! : null;
  return carrier ? carry(name, words, carrier) : NOTHING;
}

/** Carriers that do something of their own too; an option of theirs is not understood. */
function tools(names: string, operands: number): Record<string, Carrier> {
  return Object.fromEntries(names.split(" ").map((name) => [name, { alone: /^$/, operands, judged: true }]));
}

/** A command's name without its folder: `/bin/rm` runs what `rm` names. */
export function baseName(command: string): string {
  return command.slice(command.lastIndexOf("/") + 1);
}

function carry(name: string, words: readonly ShellWord[], carrier: Carrier): Carried {
  if (name === "command" && /^-[vV]+$/.test(words[1]?.value ?? "")) return NOTHING;
  const start = operandsAt(words, carrier);
  if (start === null) return unread(`an option of ${name} is not understood`);
  let at = start + (carrier.operands ?? 0);
  const assignments: ShellWord[] = [];
  while (carrier.assigns && /^\w+=/.test(words[at]?.start ?? "")) assignments.push(words[at++]!);
  const rest = words.slice(at);
  if (rest.length === 0) return { ...NOTHING, only: name === "xargs" || name === "exec" };
  const inner = carrier.appends ? [...rest, UNKNOWN] : rest;
  return { ...NOTHING, only: carrier.judged !== true, commands: [{ assignments, words: inner }] };
}

function trap(words: readonly ShellWord[]): Carried {
  const script = words[1]?.value;
  if (words.length < 2 || /^-[lp]?$/.test(script ?? "")) return NOTHING;
  return ofScript(script ?? null, "trap");
}

function ofScript(text: string | null, name: string): Carried {
  if (text === null) return unread(`what ${name} runs is only known when it runs`);
  return { ...NOTHING, only: true, scripts: [text] };
}

function joined(words: readonly ShellWord[]): string | null {
  const values = words.flatMap(({ value }) => value ?? []);
  return values.length === words.length ? values.join(" ") : null;
}

function unread(because: string): Carried {
  return { ...NOTHING, unread: because };
}
