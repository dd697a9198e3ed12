import { DispatchError } from "../base/error.ts";
import { isInside } from "../core/path.ts";
import type { Workspace } from "../protocol/workspace.ts";
import { quote } from "../core/quote.ts";
import { requireRepository } from "../workspaces/repository.ts";

/** A workspace with the git folder that all checkouts of its repository share. */
interface Known {
  workspace: Workspace;
  commonDir: string;
}

/**
 * Checks that one task can work in all of these: each in a repository of its own, side by side.
 * @throws DispatchError `invalid`
 */
export async function checkTogether(workspaces: readonly Workspace[]): Promise<void> {
  if (workspaces.length === 1) return;
  const known: Known[] = [];
  for (const workspace of workspaces) {
    if (workspace.repository === null)
      throw new DispatchError(
        "invalid",
        `a task in several repositories needs each to be one, and ${workspace.path} is in none`,
        { hint: `git init ${quote(workspace.path)}` },
      );
    const { commonDir } = await requireRepository(workspace.path);
    for (const other of known) checkApart({ workspace, commonDir }, other);
    known.push({ workspace, commonDir });
  }
}

function checkApart(one: Known, other: Known): void {
  const [path, twin] = [one.workspace.path, other.workspace.path];
  if (one.commonDir === other.commonDir) {
    const what = path === twin ? `${path} is given twice` : `${path} and ${twin} are of the same repository`;
    throw new DispatchError("invalid", `${what}: a task works in the whole of it`, {
      hint: `the same again without --also ${quote(path)}`,
    });
  }
  const [inner, outer] = isInside(one.workspace.repository!, other.workspace.repository!)
    ? [one, other]
    : [other, one];
  if (!isInside(inner.workspace.repository!, outer.workspace.repository!)) return;
  throw new DispatchError(
    "invalid",
    `${inner.workspace.path} lies inside the repository of ${outer.workspace.path}, so that one task cannot have both`,
    { hint: `dispatch run --workspace ${quote(inner.workspace.path)} --after <the other task>` },
  );
}
