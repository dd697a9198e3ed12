import { existsSync, statSync } from "node:fs";
import { tryResolvePath } from "../agents/acp/paths.ts";
import { commandOf } from "../core/gated-command.ts";
import { type Opinion, opinionOf } from "../core/opinion.ts";
import { type ReadCall, type Scope, judge } from "../core/policy.ts";
import type { GatedCall } from "../protocol/approval.ts";
import type { CommandLine } from "../protocol/command-line.ts";
import type { Judgement } from "../protocol/rule.ts";
import type { readCommandLine } from "../shell-syntax/read.ts";
import type { Db } from "../sqlite/database.ts";
import { listRules } from "../store/rule.ts";

type Read = typeof readCommandLine;

/** A scope without what the policy itself finds out. */
export type Where = Omit<Scope, "now" | "foldsCase">;

/** Judges calls by the rules of the store. The reader of command lines is loaded with the first one. */
export class Policy {
  readonly #home: string;
  #read: Read | null = null;

  /** @param home what `~` stands for in a command line */
  constructor(home: string) {
    this.#home = home;
  }

  /** True when `opinion` and `judgement` may be asked for. */
  get isReady(): boolean {
    return this.#read !== null;
  }

  async load(): Promise<void> {
    this.#read = (await import("../shell-syntax/read.ts")).readCommandLine;
  }

  /** What is to be done about a call, now. */
  opinion(db: Db, call: GatedCall, where: Where): Opinion {
    const now = Date.now();
    return opinionOf(this.#readCall(call, where), listRules(db, now), scopeOf(where, now));
  }

  /** The same, part by part. */
  judgement(db: Db, call: GatedCall, where: Where): Judgement {
    const now = Date.now();
    return judge(this.#readCall(call, where), listRules(db, now), scopeOf(where, now));
  }

  #readCall(call: GatedCall, where: Where): ReadCall {
    const shown = commandOf(call);
    if (shown === null) return { call, line: null };
    if (shown.text === null)
      return { call, line: unreadLine(call.title, "the agent does not show its command") };
    if (this.#read === null) throw new Error("a command line is to be judged before its reader was loaded");
    const folder = shown.folder === null ? where.folder : tryResolvePath(where.folder, shown.folder);
    if (folder === null) return { call, line: unreadLine(shown.text, "its folder leads nowhere") };
    const line = this.#read(shown.text, {
      home: this.#home,
      resolve: (path) => tryResolvePath(folder, path),
    });
    return { call, line: { ...line, moves: line.moves || folder !== where.folder } };
  }
}

function scopeOf(where: Where, now: number): Scope {
  return { ...where, now, foldsCase: foldsCase(where.folder) };
}

function unreadLine(text: string, because: string): CommandLine {
  return { parts: [{ type: "unread", text, because }], moves: false };
}

/** Whether a folder's file system takes upper and lower case for one: the folder is there by both names. */
function foldsCase(folder: string): boolean {
  const other = folder === folder.toLowerCase() ? folder.toUpperCase() : folder.toLowerCase();
  return other !== folder && existsSync(other) && statSync(other).ino === statSync(folder).ino;
}
