import { rm } from "node:fs/promises";
import { git } from "./git.ts";
import type { Repository } from "./repository.ts";
import { isRegistered, realPlace } from "./worktree.ts";

/** Checking out a large repository, its filters included. */
const CHECKOUT_TIMEOUT_MS = 10 * 60_000;

/** Checks a commit out into a new folder, on no branch. Answers the folder's real path. */
export async function addScratchCheckout(
  repository: Repository,
  { folder, commit }: { folder: string; commit: string },
): Promise<string> {
  const place = await realPlace(folder);
  await git(["worktree", "add", "--quiet", "--detach", "--", place, commit], {
    cwd: repository.root,
    timeoutMs: CHECKOUT_TIMEOUT_MS,
  });
  return place;
}

/** Removes such a checkout with all that is in it, whole or half made. May be called again. */
export async function removeScratchCheckout(repository: Repository, folder: string): Promise<void> {
  const place = await realPlace(folder);
  await rm(place, { recursive: true, force: true });
  // Twice: git locks a worktree while it makes it.
  if (await isRegistered(repository.root, place))
    await git(["worktree", "remove", "--force", "--force", "--", place], { cwd: repository.root });
}
