import { basename } from "node:path";
import type { Receiver, Place, Routable } from "../core/destination.ts";
import { type Name, nameOf } from "../core/name-fit.ts";
import type { PlacedEvent } from "../protocol/event.ts";
import type { SessionId, TaskId, WorkspaceId } from "../protocol/id.ts";
import type { Workspace } from "../protocol/workspace.ts";
import { foundProjects, projectUses } from "../store/project.ts";
import { type ReceiverRow, receivers } from "../store/session.ts";
import { getWorkspace, listWorkspaces } from "../store/workspace.ts";
import type { Ledger } from "./commit.ts";

/** What is kept of the text that a session began with, in characters. */
const MAX_ABOUT = 200;

/**
 * Everything that a message can be routed to, ready to be compared: read from the store when it is asked for first, and
 * kept abreast of the events from then on.
 */
export class RoutingIndex {
  readonly #ledger: Ledger;
  readonly #receivers = new Map<SessionId, Receiver>();
  /** Those that were not told anything yet. */
  readonly #silent = new Set<SessionId>();
  readonly #ofTask = new Map<TaskId, SessionId>();
  readonly #workspaces = new Map<WorkspaceId, Workspace>();
  #places: Map<string, Place> | null = null;
  #version = 0;
  #unsubscribe: (() => void) | null = null;

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  /** Another one whenever something may have changed. */
  get version(): number {
    return this.#version;
  }

  /** What there is now. `gone` are folders that are not there any more, and nothing in them is meant. */
  read(gone: ReadonlySet<string> = new Set()): Routable {
    if (!this.#unsubscribe) this.#load();
    this.#places ??= this.#readPlaces();
    const all = { places: this.#places, receivers: [...this.#receivers.values()] };
    if (gone.size === 0) return all;
    return {
      places: new Map([...all.places].filter(([path]) => !gone.has(path))),
      receivers: all.receivers.filter(({ path }) => !gone.has(path)),
    };
  }

  /** The place of a folder, whether it is known or not. */
  placeAt(path: string): Place {
    this.read();
    return this.#places!.get(path) ?? newPlace(path, []);
  }

  /** What a search found is to be read anew. */
  forgetPlaces(): void {
    this.#places = null;
    this.#version++;
  }

  /** Idempotent. */
  close(): void {
    this.#unsubscribe?.();
  }

  #load(): void {
    this.#unsubscribe = this.#ledger.subscribe((events) => this.#follow(events));
    for (const row of receivers(this.#ledger.db)) this.#take(row);
  }

  #follow(events: readonly PlacedEvent[]): void {
    this.#version++;
    for (const { event } of events) {
      if (event.type === "session") this.#renew(event.session.id);
      else if (event.type === "message") this.#hear(event.message.session);
      else if (event.type === "workspace") this.#rename(event.workspace);
      else if (event.type === "task") {
        const { id, session } = event.task;
        const before = this.#ofTask.get(id);
        if (before) this.#renew(before);
        if (session && session !== before) this.#renew(session);
      }
    }
  }

  #rename({ id, path }: Workspace): void {
    this.#workspaces.delete(id);
    this.forgetPlaces();
    for (const receiver of this.#receivers.values()) if (receiver.path === path) this.#renew(receiver.id);
  }

  /** What a session is about is said by the first message that it gets. */
  #hear(id: SessionId): void {
    if (this.#silent.has(id)) this.#renew(id);
  }

  #renew(id: SessionId): void {
    const [row] = receivers(this.#ledger.db, id);
    if (row) return this.#take(row);
    const task = this.#receivers.get(id)?.task;
    if (task) this.#ofTask.delete(task);
    this.#receivers.delete(id);
    this.#silent.delete(id);
  }

  #take(row: ReceiverRow): void {
    const { path, repository, name: workspace } = this.#workspaceOf(row.workspace);
    const texts = [row.about?.slice(0, MAX_ABOUT), row.name, basename(path), workspace];
    const receiver: Receiver = {
      id: row.id,
      task: row.task,
      names: row.name === null ? [] : [nameOf(row.name)],
      about: nameOf(texts.join(" ")).words,
      path,
      repository,
      isOutside: row.origin === "external",
      usedAt: row.usedAt,
    };
    this.#receivers.set(row.id, receiver);
    if (row.about === null) this.#silent.add(row.id);
    else this.#silent.delete(row.id);
    if (row.task) this.#ofTask.set(row.task, row.id);
    const place = this.#places?.get(path);
    if (!this.#places) return;
    if (!place) this.#places.set(path, newPlace(path, [], row.usedAt));
    else if ((place.usedAt ?? 0) < row.usedAt) this.#places.set(path, { ...place, usedAt: row.usedAt });
  }

  #workspaceOf(id: WorkspaceId): Workspace {
    const known = this.#workspaces.get(id) ?? getWorkspace(this.#ledger.db, id)!;
    this.#workspaces.set(id, known);
    return known;
  }

  #readPlaces(): Map<string, Place> {
    const { db } = this.#ledger;
    const uses = projectUses(db);
    const names = new Map<string, string[]>(foundProjects(db).map(({ path }) => [path, []]));
    for (const { path } of this.#receivers.values()) names.set(path, []);
    for (const { path, name } of listWorkspaces(db)) names.set(path, [name]);
    const places = new Map<string, Place>();
    for (const [path, own] of names) places.set(path, newPlace(path, own, uses.get(path)?.usedAt ?? null));
    for (const { path, usedAt } of this.#receivers.values()) {
      const place = places.get(path)!;
      if ((place.usedAt ?? 0) < usedAt) places.set(path, { ...place, usedAt });
    }
    return places;
  }
}

/** It goes by the name of its folder, and by those that it was given. */
function newPlace(path: string, names: readonly string[], usedAt: number | null = null): Place {
  const all = [...new Set([basename(path) || path, ...names])];
  return { path, names: all.map((name): Name => nameOf(name)), trail: nameOf(path), usedAt };
}
