import { constants } from "node:fs";
import { copyFile, lstat, rm, symlink } from "node:fs/promises";
import { basename, dirname, join, normalize } from "node:path";
import { DispatchError } from "../base/error.ts";
import { excludeFromGit, isKeptOut } from "./exclude.ts";
import { git } from "./git.ts";
import { quote } from "../core/quote.ts";
import { exists, requireRepository } from "./repository.ts";
import { makeFolders } from "./task-folder.ts";

/** What may be copied into one worktree; what is larger is better linked. */
const MAX_COPY_FILES = 1_000;
const MAX_COPY_BYTES = 64 * 1024 * 1024;

/** From the user's checkout to a fresh worktree; both folders are the same place of the repository. */
interface Furnishing {
  checkout: string;
  folder: string;
  /** Globs of files that git ignores in the checkout. */
  copy: readonly string[];
  /** Files and folders that the worktree shares with the checkout. */
  link: readonly string[];
}

/**
 * Gives a worktree what the user's checkout has beside the repository. Nothing of it can be committed, nothing that git
 * tracks is replaced, no link is followed, and what the checkout lacks is left out. May be called again.
 * @throws DispatchError `invalid` for a path that leads out of the repository, `refused` when git would commit a file
 *   or a link stands in the way, `too_large` past the limits
 */
export async function furnish({ checkout, folder, copy, link }: Furnishing): Promise<void> {
  for (const path of [...copy, ...link]) checkInside(path);
  const files = copy.length === 0 ? [] : await filesToCopy({ checkout, folder, copy });
  await checkSize(checkout, files);
  const linked = await Promise.all(
    link.map(async (path) =>
      (await exists(join(checkout, path))) ? [normalize(path).replace(/\/$/, "")] : [],
    ),
  );
  const shared = linked.flat();
  const rooms = await roomsFor([...files, ...shared], folder);
  await keepOut(folder, [...files, ...shared]);
  for (const path of files) await copyOne(join(checkout, path), rooms.get(path)!);
  for (const path of shared) await linkOne(join(checkout, path), rooms.get(path)!);
}

function checkInside(path: string): void {
  if (!path.startsWith("/") && !path.split("/").includes("..") && normalize(path) !== ".") return;
  throw new DispatchError("invalid", `${path} is no path below the workspace`, {
    hint: "in config.yaml, copy and link take paths relative to the workspace",
  });
}

/** Regular files only: git lists no file behind a link, and a link itself could lead anywhere. */
async function filesToCopy({ checkout, folder, copy }: Omit<Furnishing, "link">): Promise<string[]> {
  const patterns = copy.map((glob) => `:(glob)${glob}`);
  const tracked = new Set((await git(["ls-files", "-z", "--", ...patterns], { cwd: folder })).split("\0"));
  const args = ["ls-files", "-z", "--others", "--ignored", "--exclude-standard", "--", ...patterns];
  const found = (await git(args, { cwd: checkout })).split("\0").filter(Boolean);
  const regular = await Promise.all(found.map(async (path) => (await lstat(join(checkout, path))).isFile()));
  return found.filter(
    (path, i) => regular[i] && !tracked.has(path) && !path.split("/").includes(".dispatch"),
  );
}

async function checkSize(checkout: string, files: readonly string[]): Promise<void> {
  const sizes = await Promise.all(files.map(async (path) => (await lstat(join(checkout, path))).size));
  const bytes = sizes.reduce((sum, size) => sum + size, 0);
  if (files.length <= MAX_COPY_FILES && bytes <= MAX_COPY_BYTES) return;
  throw new DispatchError(
    "too_large",
    `the files to copy into a worktree are ${files.length} with ${bytes >> 20} MiB, more than ${MAX_COPY_FILES} or ${MAX_COPY_BYTES >> 20} MiB`,
    { hint: "name fewer files under copy in config.yaml, or link their folder" },
  );
}

/** What is not committed in the checkout may be unknown to the worktree's own ignore files. */
async function keepOut(folder: string, paths: string[]): Promise<void> {
  if (paths.length === 0) return;
  const { root, commonDir } = await requireRepository(folder);
  const inside = paths.map((path) => join(folder, path).slice(root.length + 1));
  excludeFromGit(
    commonDir,
    inside.map((path) => `/${escaped(path)}`),
  );
  for (const path of inside) {
    if (await isKeptOut(root, path)) continue;
    throw new DispatchError(
      "refused",
      `git would commit ${path} in a worktree, because an ignore file says so`,
      {
        hint: `git -C ${quote(root)} check-ignore --verbose --no-index ${quote(path)}`,
      },
    );
  }
}

/** A path as a pattern of gitignore(5) that means nothing but it. */
function escaped(path: string): string {
  if (!path.includes("\n")) return path.replace(/[\\*?[ !#]/g, "\\$&");
  throw new DispatchError("refused", "a file whose name has a line break is not copied into worktrees");
}

/** Over an earlier copy, which may have stopped halfway. */
async function copyOne(from: string, to: string): Promise<void> {
  await rm(to, { force: true });
  await copyFile(from, to, constants.COPYFILE_FICLONE);
}

async function linkOne(from: string, to: string): Promise<void> {
  if (!(await exists(to))) await symlink(from, to);
}

/** The place of each path in the worktree, with the folders that it lies in. */
async function roomsFor(paths: readonly string[], folder: string): Promise<Map<string, string>> {
  const rooms = new Map<string, string>();
  for (const path of paths) {
    const parents = dirname(path)
      .split("/")
      .filter((part) => part !== ".");
    rooms.set(path, join(await makeFolders(folder, parents), basename(path)));
  }
  return rooms;
}
