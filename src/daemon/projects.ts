import { realpathSync, statSync } from "node:fs";
import { basename, isAbsolute, join } from "node:path";
import { DispatchError } from "../base/error.ts";
import { isInside } from "../core/path.ts";
import type { CallAnswer } from "../protocol/api.ts";
import type { Project } from "../protocol/project.ts";
import type { Db } from "../sqlite/database.ts";
import { foundProjects, projectUses, saveFound, saveSearchedRoots, searchedRoots } from "../store/project.ts";
import { listWorkspaces } from "../store/workspace.ts";
import { findProjects } from "../workspaces/projects.ts";
import { quote } from "../core/quote.ts";
import { openFolder } from "../workspaces/repository.ts";
import type { Ground } from "./parts.ts";

/** Where people keep their projects, below their home. */
const USUAL_ROOTS =
  "src code projects Projects repos git dev work workspace workplace/projects Developer Documents/GitHub".split(
    " ",
  );
/** Between two searches that nobody asked for, in milliseconds: a name that is not found is often asked for again. */
const REST_MS = 5_000;

/** What a search of some roots found. */
type Discovery = CallAnswer<"discoverProjects">;

type Land = Pick<Ground, "home" | "ledger" | "config" | "environment">;

/**
 * The folders of the user in which there may be something to do: those that a search found, which is kept in the store,
 * and the workspaces. Searches only look at the folders, one search at a time, and only when somebody needs it.
 */
export class Projects {
  readonly #ground: Land;
  readonly #changed: () => void;
  #last: Promise<unknown> = Promise.resolve();
  #everywhere: Promise<Discovery> | null = null;
  #searchedAt = -Infinity;

  /** @param changed is called after a search that found another state of things */
  constructor(ground: Land, changed: () => void) {
    this.#ground = ground;
    this.#changed = changed;
  }

  /** Searches where these roots never were searched together. */
  async ready(): Promise<void> {
    const before = searchedRoots(this.#ground.ledger.db);
    if (!Bun.deepEquals(before, this.#roots())) await this.#searchAll();
  }

  /** Searches again because something was not found. @returns false where that was done a moment ago */
  async again(): Promise<boolean> {
    if (performance.now() - this.#searchedAt < REST_MS) return false;
    await this.#searchAll();
    return true;
  }

  /**
   * Searches the roots, or one folder.
   * @throws DispatchError `invalid` for what is no folder, `refused` for one that is not allowed
   */
  async discover(path?: string): Promise<Discovery> {
    return this.#inTurn(path === undefined ? null : await this.openAllowed(path, { to: "search" }));
  }

  /** Every project that is there, those that were used last first. */
  list(): Project[] {
    const { db } = this.#ground.ledger;
    const uses = projectUses(db);
    const all = new Map<string, Project>();
    const add = (path: string, project: Pick<Project, "name" | "signs" | "source">) => {
      const { uses: count, usedAt } = uses.get(path) ?? { uses: 0, usedAt: null };
      all.set(path, { ...project, path, uses: count, usedAt });
    };
    for (const { path, signs } of foundProjects(db))
      add(path, { name: basename(path), signs: [...signs], source: "scan" });
    for (const { path, name, repository } of listWorkspaces(db)) {
      const found = all.get(path);
      if (!found && realFolder(path).length === 0) continue;
      const signs = found?.signs ?? (repository === path ? [".git" as const] : []);
      add(path, { name, signs, source: found?.source ?? "workspace" });
    }
    return [...all.values()].sort(
      (a, b) => (b.usedAt ?? 0) - (a.usedAt ?? 0) || compare(a.name, b.name) || compare(a.path, b.path),
    );
  }

  /**
   * The real path of a folder that may be worked in, or searched, without a word of the user's: one in their home, below
   * a root of the config, or a workspace. `~/` is their home.
   * @throws DispatchError `invalid` for what is no folder, `refused` for one that is elsewhere
   */
  async openAllowed(path: string, { to }: { to: "work" | "search" } = { to: "work" }): Promise<string> {
    const full = this.#full(path);
    if (!isAbsolute(full)) throw new DispatchError("invalid", `${path} is no absolute path`);
    const real = await openFolder(full);
    if (this.#isAllowed(real) || isInWorkspace(this.#ground.ledger.db, real)) return real;
    throw new DispatchError(
      "refused",
      `${real} is outside of your home, your workspaces and projects.roots`,
      { hint: to === "work" ? `dispatch workspaces add ${quote(real)}` : this.#rootHint(real) },
    );
  }

  /** The roots of the config that are no folders. */
  missingRoots(): string[] {
    const set = this.#ground.config.sound().projects.roots ?? [];
    return set.filter((each) => realFolder(this.#full(each)).length === 0);
  }

  /** Whoever needs it at the same time waits for the same search. */
  #searchAll(): Promise<Discovery> {
    this.#everywhere ??= this.#inTurn(null).finally(() => (this.#everywhere = null));
    return this.#everywhere;
  }

  #inTurn(root: string | null): Promise<Discovery> {
    const search = this.#last.then(() => this.#search(root));
    this.#last = search.catch(() => {}); // told to who asked for it
    return search;
  }

  /** The folders that are searched, as far as they are there; absolute and real. */
  #roots(): string[] {
    const set = this.#ground.config.sound().projects.roots ?? USUAL_ROOTS.map((name) => join("~", name));
    return [...new Set(set.flatMap((each) => realFolder(this.#full(each))))];
  }

  /** The command by which a folder is searched, too: where roots are set, only those are. */
  #rootHint(folder: string): string {
    const before = this.#ground.config.sound().projects.roots ?? this.#roots();
    return `dispatch config set projects.roots ${quote(JSON.stringify([...before, folder]))}`;
  }

  #isAllowed(path: string): boolean {
    return [...realFolder(this.#full("~")), ...this.#roots()].some((folder) => isInside(path, folder));
  }

  #full(path: string): string {
    return /^~(?:\/|$)/.test(path) ? join(this.#ground.environment["HOME"] ?? "/", path.slice(1)) : path;
  }

  async #search(root: string | null): Promise<Discovery> {
    const { ledger, home } = this.#ground;
    const roots = root === null ? this.#roots() : [root];
    const isOurs = (path: string) => isInside(path, home);
    const search = await findProjects(roots, {
      mayFollow: (path) => this.#isAllowed(path) && !isOurs(path),
    });
    const found = new Map(search.found.filter(({ path }) => !isOurs(path)).map((each) => [each.path, each]));
    const known = new Map(foundProjects(ledger.db).map((each) => [each.path, each]));
    const news = [...found.values()].filter(
      (each) => !Bun.deepEquals(known.get(each.path)?.signs, each.signs),
    );
    const wasLookedAt = (path: string) => search.complete && roots.some((each) => isInside(path, each));
    const gone = [...known.keys()].filter(
      (path) => !found.has(path) && (wasLookedAt(path) || realFolder(path).length === 0),
    );
    ledger.commit((tx) => {
      saveFound(tx.db, { found: news, gone });
      if (root === null) saveSearchedRoots(tx.db, roots);
    });
    this.#searchedAt = performance.now();
    if (news.length + gone.length > 0) this.#changed();
    const projects = this.list().filter(({ path }) => found.has(path));
    const added = [...found.keys()].filter((path) => !known.has(path)).length;
    return { roots, projects, added, complete: search.complete };
  }
}

/** Whether it is a workspace, or lies in the repository of one. */
function isInWorkspace(db: Db, path: string): boolean {
  return listWorkspaces(db).some(
    (each) => each.path === path || (each.repository !== null && isInside(path, each.repository)),
  );
}

/** The real path of a folder that is there. */
function realFolder(path: string): string[] {
  const found = statSync(path, { throwIfNoEntry: false });
  return found?.isDirectory() ? [realpathSync(path)] : [];
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
