import { DispatchError } from "../base/error.ts";
import { askGit, git } from "./git.ts";
import { quote } from "../core/quote.ts";
import { requireRepository, type Repository } from "./repository.ts";
import { EVERYTHING } from "./working-tree.ts";

/** Who a commit is by when the user has told git no name. */
const DISPATCH_IDENTITY = ["-c", "user.name=Dispatch", "-c", "user.email=dispatch@localhost"];

/** Writes a commit object and answers its id. No ref moves, no hook runs, nothing is signed. */
export async function commitTree(input: {
  cwd: string;
  tree: string;
  parents: string[];
  message: string;
}): Promise<string> {
  const parents = input.parents.flatMap((parent) => ["-p", parent]);
  const args = [...(await identity(input.cwd)), "commit-tree", ...parents, "-F", "-", input.tree];
  return git(args, { cwd: input.cwd, input: input.message });
}

/**
 * Commits everything that is not ignored in a worktree on the branch it is on, and answers the branch's last commit:
 * the old one when there was nothing to commit. Stopped at any point, it leaves the files as they were.
 * @throws DispatchError `refused` when the worktree is on no branch, in the middle of a merge, or holds a clone
 */
export async function commitAll(folder: string, message: string): Promise<string> {
  const repository = await requireRepository(folder);
  const { root: cwd, head } = repository;
  if (head === null) throw new DispatchError("refused", `${folder} has no commit yet`);
  await refuseHalfway(repository);
  await refuseClones(cwd);
  await git(["add", "-A", "--", ...EVERYTHING], { cwd });
  const tree = await git(["write-tree"], { cwd });
  if (tree === (await git(["rev-parse", `${head}^{tree}`], { cwd }))) return head;
  const commit = await commitTree({ cwd, tree, parents: [head], message });
  await git(["update-ref", "-m", "dispatch: commit", "HEAD", commit, head], { cwd });
  return commit;
}

/** @throws DispatchError `refused` when a commit here would not be what its user means */
export async function refuseHalfway({ root, branch }: Repository): Promise<void> {
  if (branch === null) {
    throw new DispatchError("refused", `${root} is on no branch`, {
      hint: `git -C ${quote(root)} switch <branch>`,
    });
  }
  const merging = await askGit(["rev-parse", "--verify", "--quiet", "MERGE_HEAD"], { cwd: root });
  if (merging === null && (await git(["ls-files", "--unmerged"], { cwd: root })) === "") return;
  throw new DispatchError("refused", `${root} is in the middle of a merge`, {
    hint: `git -C ${quote(root)} merge --continue`,
  });
}

/** Of a repository in a repository git would commit a link to a commit that exists nowhere else, and no file. */
async function refuseClones(cwd: string): Promise<void> {
  const untracked = (await git(["ls-files", "--others", "--exclude-standard", "-z"], { cwd })).split("\0");
  const clone = untracked.find((path) => path.endsWith("/")); // git ends only these so
  if (clone === undefined) return;
  throw new DispatchError("refused", `${clone} in ${cwd} is a repository of its own`, {
    hint: `move it away, or add ${quote(clone)} to .gitignore`,
  });
}

async function identity(cwd: string): Promise<string[]> {
  const [name, email] = await Promise.all([
    askGit(["config", "user.name"], { cwd }),
    askGit(["config", "user.email"], { cwd }),
  ]);
  return name && email ? [] : DISPATCH_IDENTITY;
}
