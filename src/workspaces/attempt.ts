import { startOf } from "./diff.ts";
import { askGit, git } from "./git.ts";
import { requireRepository } from "./repository.ts";
import { makeScratch, writeWorkingTree } from "./working-tree.ts";
import { moveRefs } from "./worktree.ts";

const ATTEMPT_REFS = "refs/dispatch/attempt";

/** Names an attempt in a repository. */
export interface AttemptName {
  readonly task: string;
  readonly number: number;
}

/** What an attempt started from, a commit or tree, and the tree that it left. */
export interface KeptAttempt {
  readonly from: string;
  readonly to: string;
}

/**
 * Keeps how a checkout stands at the end of an attempt, uncommitted and untracked files included, until `dropAttempts`.
 * Neither the files nor the user's index are touched. A repeat keeps what is there then.
 * @param base as in `changes`
 */
export async function keepAttempt(folder: string, base: string, name: AttemptName): Promise<KeptAttempt> {
  await using scratch = await makeScratch();
  const repository = await requireRepository(folder);
  const from = await startOf(repository, base);
  const to = await writeWorkingTree({ repository, as: "view", scratch });
  const ref = refOf(name);
  await moveRefs(repository.root, [`update ${ref}/from ${from}`, `update ${ref}/to ${to}`]);
  return { from, to };
}

/** Null for an attempt that was not kept, or was dropped. */
export async function findAttempt(folder: string, name: AttemptName): Promise<KeptAttempt | null> {
  const [from, to] = await Promise.all(["from", "to"].map((end) => idOf(folder, `${refOf(name)}/${end}`)));
  return from && to ? { from, to } : null;
}

/** Lets go of all attempts of a task. Idempotent. */
export async function dropAttempts(folder: string, task: string): Promise<void> {
  const { root: cwd } = await requireRepository(folder);
  const refs = await git(["for-each-ref", "--format=delete %(refname)", `${ATTEMPT_REFS}/${task}/`], { cwd });
  if (refs !== "") await moveRefs(cwd, refs.split("\n"));
}

function refOf({ task, number }: AttemptName): string {
  return `${ATTEMPT_REFS}/${task}/${number}`;
}

function idOf(cwd: string, ref: string): Promise<string | null> {
  return askGit(["rev-parse", "--verify", "--quiet", "--end-of-options", ref], { cwd });
}
