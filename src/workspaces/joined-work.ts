import { DispatchError } from "../base/error.ts";
import { commitTree } from "./commit.ts";
import { isAncestor, joinTrees } from "./merged.ts";
import { quote } from "../core/quote.ts";
import type { Repository } from "./repository.ts";

/** The work of a task, as a commit; `hint` is the command that takes it over. */
export interface Work {
  name: string;
  commit: string;
  hint: string;
}

/**
 * A commit that holds several works: one of them where it has all the others, else a merge that no branch points to.
 * No checkout changes.
 * @throws DispatchError `conflict` when two of them change the same lines, with the files
 */
export async function joinWork(
  { root: cwd }: Repository,
  [first, ...rest]: [Work, ...Work[]],
): Promise<string> {
  let joined = first.commit;
  const names = [first.name];
  for (const work of rest) {
    joined = await joinTwo(cwd, { joined, names, work });
    names.push(work.name);
  }
  return joined;
}

async function joinTwo(
  cwd: string,
  { joined, names, work }: { joined: string; names: readonly string[]; work: Work },
): Promise<string> {
  if (await isAncestor(cwd, work.commit, joined)) return joined;
  if (await isAncestor(cwd, joined, work.commit)) return work.commit;
  const trees = await joinTrees(cwd, joined, work.commit);
  if (!trees.clean)
    throw new DispatchError(
      "conflict",
      `the work of ${work.name} and of ${names.join(", ")} does not go together: both change ${trees.conflicts.map(quote).join(", ")}`,
      { hint: work.hint },
    );
  const message = `Join the work of ${[...names, work.name].join(", ")}`;
  return commitTree({ cwd, tree: trees.tree, parents: [joined, work.commit], message });
}
