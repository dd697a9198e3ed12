import { chmod, mkdir, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { git } from "./git.ts";
import { requireRepository, type Repository } from "./repository.ts";
import { createWorktree, type Worktree } from "./worktree.ts";

/** A user with a home and nothing else, as long as a test runs. */
export interface TestHome extends AsyncDisposable {
  folder: string;
  /** A repository with one commit on `main`: `a.txt`, five lines. */
  repository(name?: string): Promise<Repository>;
  worktree(repository: Repository, slug: string): Promise<TestWorktree>;
}

export interface TestWorktree extends Worktree {
  repository: Repository;
}

export async function makeHome(): Promise<TestHome> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), "dispatch-test-")));
  const before = { HOME: process.env["HOME"], XDG_CONFIG_HOME: process.env["XDG_CONFIG_HOME"] };
  process.env["HOME"] = folder;
  delete process.env["XDG_CONFIG_HOME"];
  return {
    folder,
    async repository(name = "repo") {
      const cwd = join(folder, name);
      await mkdir(cwd, { recursive: true });
      await git(["init", "--quiet", "--initial-branch=main"], { cwd });
      await put(cwd, { "a.txt": "1\n2\n3\n4\n5\n" });
      await save(cwd, "First commit");
      return requireRepository(cwd);
    },
    async worktree(repository, slug) {
      const place = join(folder, "worktrees", slug);
      return {
        repository,
        ...(await createWorktree({ repository, folder: place, branch: `dispatch/${slug}` })),
      };
    },
    async [Symbol.asyncDispose]() {
      for (const [name, value] of Object.entries(before)) {
        if (value === undefined) delete process.env[name];
        else process.env[name] = value;
      }
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Writes files, by path. */
export async function put(root: string, files: Record<string, string>): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
}

/** Commits everything, as its user would. */
export async function save(cwd: string, message: string): Promise<string> {
  await git(["add", "-A"], { cwd });
  await git(["-c", "user.name=Ada", "-c", "user.email=ada@localhost", "commit", "--quiet", "-m", message], {
    cwd,
  });
  return git(["rev-parse", "HEAD"], { cwd });
}

/** A program that leaves a mark when it is run: by its path and by a file that tells. */
export async function makeTrap(folder: string): Promise<{ command: string; sprung(): Promise<boolean> }> {
  const command = join(folder, "trap.sh");
  const mark = join(folder, "sprung");
  await writeFile(command, `#!/bin/sh\necho "$0" >> ${mark}\ncat\n`);
  await chmod(command, 0o755);
  return { command, sprung: () => Bun.file(mark).exists() };
}

/** Arms every hook that git knows and a repository could have. */
export async function armHooks({ commonDir }: Repository, command: string): Promise<void> {
  const hooks =
    "pre-commit commit-msg post-commit post-checkout pre-merge-commit post-merge post-index-change reference-transaction";
  for (const hook of hooks.split(" ")) {
    const file = join(commonDir, "hooks", hook);
    await put(commonDir, { [`hooks/${hook}`]: `#!/bin/sh\n${command} </dev/null\nexit 0\n` });
    await chmod(file, 0o755);
  }
}

/** The reason for which something fails. */
export async function failureOf(work: Promise<unknown>): Promise<unknown> {
  try {
    await work;
  } catch (error) {
    return error;
  }
  throw new Error("it did not fail");
}
