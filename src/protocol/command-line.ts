/** A word of a command line. `value` is what the shell makes of it, null where only running tells; it surely begins with `start`. */
export interface ShellWord {
  readonly text: string;
  readonly value: string | null;
  readonly start: string;
}

/**
 * One program or builtin with its words, the command's name first. `assignments` are those that stand before it; there
 * may be nothing else. `carrier`: it does nothing but run another command, which is a part of its own. `paths` are its
 * literal words as paths: absolute, resolved, at most some of them.
 */
export interface SimpleCommand {
  readonly type: "command";
  readonly text: string;
  readonly assignments: readonly ShellWord[];
  readonly words: readonly ShellWord[];
  readonly carrier: boolean;
  readonly paths: readonly string[];
}

/** A file that is opened for a command. `path` is absolute and resolved; null where that cannot be known. */
export interface Redirection {
  readonly type: "redirection";
  readonly text: string;
  readonly direction: "read" | "write";
  readonly path: string | null;
}

/** What cannot be judged: it is not understood, or what it runs is only known when it runs. */
export interface Unread {
  readonly type: "unread";
  readonly text: string;
  readonly because: string;
}

export type LinePart = SimpleCommand | Redirection | Unread;

/** All that a command line does, wherever in it that stands. `moves`: it works in another folder than its agent does. */
export interface CommandLine {
  readonly parts: readonly LinePart[];
  readonly moves: boolean;
}
