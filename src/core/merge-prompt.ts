import type { MergeTrouble } from "./merge.ts";
import { fence } from "./prompt.ts";

/** Where a worker's work does not fit: its target branch, and of several worktrees the one. */
export interface MergeSite {
  readonly target: string;
  readonly worktree: string | null;
}

/** The turn of a worker whose work does not fit its target: what was found, as data, and what to do about it. */
export function mergePrompt(trouble: MergeTrouble, { target, worktree }: MergeSite): string {
  return [...found(trouble, target), whatToDo(trouble, worktree)].join("\n\n");
}

function found(trouble: MergeTrouble, target: string): string[] {
  switch (trouble.kind) {
    case "conflict":
      return [
        `Your work is done, but it conflicts with what has come into this branch meanwhile:\n${fence(target)}`,
        `Files in conflict:\n${fence(trouble.files.join("\n"))}`,
        `Commits there that you do not have:\n${fence(trouble.ours.join("\n"))}`,
        `Your own commits:\n${fence(trouble.theirs.join("\n"))}`,
      ];
    case "gate": {
      const end = trouble.timedOut ? "took too long" : `ended with ${trouble.exitCode}`;
      return [
        `Your work is done, but with it this branch no longer passes its checks:\n${fence(target)}`,
        `This command ${end}:\n${fence(trouble.command)}`,
        `The end of its output:\n${fence(trouble.output)}`,
      ];
    }
  }
}

function whatToDo(trouble: MergeTrouble, worktree: string | null): string {
  const where = worktree === null ? "your worktree" : `the worktree \`${worktree}\``;
  const merge = `In ${where} run \`git merge ${trouble.onto}\``;
  switch (trouble.kind) {
    case "conflict":
      return `${merge} and settle every conflict so that both sides keep what they meant. Commit the merge: this task says so. Then finish with a short summary. Change nothing else, and no other branch.`;
    case "gate":
      return `${merge}, so that you see what was checked, run the command yourself, and correct what it finds. Commit the result: this task says so. Then finish with a short summary. Change no other branch, and do not weaken the check.`;
  }
}
