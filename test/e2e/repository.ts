import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { World } from "./world.ts";

/** A further git repository of a world, with one commit on `main`. */
export class Repository {
  readonly folder: string;
  readonly #environment: Record<string, string>;

  constructor({ root, environment }: World, path: string) {
    this.folder = join(root, path);
    this.#environment = environment;
    mkdirSync(this.folder);
    this.git("init", "-q", "-b", "main");
    this.git("config", "user.email", "ada@example.org");
    this.git("config", "user.name", "Ada");
    this.commit("readme.txt", `${basename(path)}\n`);
  }

  write(path: string, text: string): void {
    mkdirSync(dirname(join(this.folder, path)), { recursive: true });
    writeFileSync(join(this.folder, path), text);
  }

  read(path: string): string {
    return readFileSync(join(this.folder, path), "utf8");
  }

  /** Writes a file and commits it. */
  commit(path: string, text: string): void {
    this.write(path, text);
    this.git("add", "--", path);
    this.git("commit", "-qm", path);
  }

  git(...args: string[]): string {
    const run = Bun.spawnSync(["git", ...args], { cwd: this.folder, env: this.#environment });
    if (run.exitCode !== 0) throw new Error(`git ${args.join(" ")}: ${run.stderr.toString()}`);
    return run.stdout.toString();
  }
}
