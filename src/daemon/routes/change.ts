import { existsSync } from "node:fs";
import { DispatchError } from "../../base/error.ts";
import { cleanLine } from "../../core/line.ts";
import { fileBelow, withPlaces } from "../../core/place.ts";
import { isEnded } from "../../core/run.ts";
import type { CallAnswer } from "../../protocol/api.ts";
import type { MergeResult, PlaceMerge } from "../../protocol/change.ts";
import type { Task } from "../../protocol/task.ts";
import type { Workspace } from "../../protocol/workspace.ts";
import { openMergeOf } from "../../store/merge.ts";
import { getTask } from "../../store/task.ts";
import { findAttempt, type KeptAttempt } from "../../workspaces/attempt.ts";
import { changes, changesBetween, diff, diffBetween } from "../../workspaces/diff.ts";
import { merge } from "../../workspaces/merge.ts";
import { exists } from "../../workspaces/repository.ts";
import { cleanUp } from "../clean-up.ts";
import { mergeTogether, wholeOf } from "../merge-together.ts";
import { markMerged, mergeable, mergeHint, mergeParts, type RoomPart, writeMerged } from "../mergeable.ts";
import type { Parts } from "../parts.ts";
import { lost } from "../place.ts";
import { checkoutOf, type Rooms, roomsOf } from "../rooms.ts";
import { notStarted, writeTask } from "../run.ts";
import { failureText, settingsOf, tearDown } from "../worktree-setup.ts";
import { mustFindTask } from "./find.ts";
import type { Handlers } from "./handler.ts";

/** The longest diff that is answered, in bytes. */
const MAX_DIFF_BYTES = 4 * 1024 * 1024;

export const changeHandlers: Pick<Handlers, "getDiff" | "mergeTask" | "cleanTask"> = {
  async getDiff({ params, from, query }, { ledger }) {
    const task = mustFindTask(ledger.db, params.task, from);
    const rooms = await comparable(task, roomsOf(ledger.db, task), query);
    if (query.only === undefined && rooms.length > 1) return diffOfAll(rooms);
    const room = query.only === undefined ? rooms[0]! : onlyRoom(rooms, query.only, task);
    return { ...(await diffIn(room)), places: [] };
  },

  async mergeTask({ params, from, body, commit }, { ledger, config, turns }) {
    const task = mustFindTask(ledger.db, params.task, from);
    const rooms = mergeable(task, roomsOf(ledger.db, task));
    const settings = config.read();
    if (!body.ungated)
      for (const { workspace } of rooms) refuseUngated(task, settingsOf(settings, workspace).gate);
    const parts = await mergeParts(rooms, {
      message: body.message ?? task.title,
      strategy: body.squash ? "squash" : "merge",
    });
    return turns.takeAll(
      parts.map(({ request }) => request.repository.commonDir),
      async () => {
        const { merge: result, places } = await mergeRooms(parts, (part) =>
          ledger.commit((tx) => markMerged(tx, task.id, part.at)),
        );
        const isIn = result.outcome === "merged" || result.outcome === "already-merged";
        return commit((tx) => {
          const after = isIn ? writeMerged(tx, task.id) : getTask(tx.db, task.id)!;
          return { task: after, merge: result, places };
        });
      },
    );
  },

  async cleanTask({ params, from, body, commit }, parts) {
    const { db } = parts.ledger;
    const task = mustFindTask(db, params.task, from);
    if (!isEnded(task))
      throw new DispatchError("conflict", `${task.slug} has not ended`, {
        hint: `dispatch cancel ${task.slug}`,
      });
    if (openMergeOf(db, task.id))
      throw new DispatchError("conflict", `${task.slug} waits to be merged`, {
        hint: `dispatch merge --cancel ${task.slug}`,
      });
    const { places, kept, removed, notices } = await cleanUp({
      task,
      rooms: roomsOf(db, task),
      merge: mergeHint(db, task, parts.config.last()),
      force: body.force ?? false,
      turns: parts.turns,
      tearDown: (room) => tearDownRoom(task, room, parts),
    });
    return commit((tx) => {
      const current = getTask(tx.db, task.id)!;
      const after = { ...current, ...withPlaces(current, places) };
      writeTask(tx, after);
      return { task: after, kept, removed, notices };
    });
  },
};

/** Best effort: what fails is told, and the worktree goes all the same. */
async function tearDownRoom(
  task: Task,
  room: { workspace: Workspace; folder: string },
  { config, environments }: Parts,
): Promise<string[]> {
  if (!(await exists(room.folder))) return [];
  const environment = await environments.of(task.id);
  const { signal } = new AbortController();
  const { failure } = await tearDown(config.last(), { ...room, environment, signal });
  return failure ? [`the teardown failed: ${failureText(failure)}`] : [];
}

/** A room whose changes can be looked at. */
interface Comparable {
  name: string;
  folder: string;
  /** What they are measured against. */
  base: string;
  /** How it stood at the end of an attempt; null: as it is now. */
  to: string | null;
}

/** Which attempts are compared: `attempt` absent is how things stand now, `since` absent the start of all of them. */
interface Compared {
  attempt?: number | undefined;
  since?: number | undefined;
}

/** What a task has changed can be seen in these. @throws DispatchError why it cannot */
async function comparable(task: Task, rooms: Rooms, { attempt, since }: Compared): Promise<Comparable[]> {
  const isNow = attempt === undefined || (attempt === task.attempt && !isEnded(task));
  const ends = isNow ? null : await keptIn(task, rooms, attempt);
  const starts = since === undefined ? null : await keptIn(task, rooms, since);
  if (ends !== null)
    return rooms.map(({ name, workspace }, at) => {
      const { from, to } = ends[at]!;
      return { name, folder: workspace.path, base: starts?.[at]!.to ?? from, to };
    });
  const now = presentRooms(task, rooms);
  return starts === null ? now : now.map((room, at) => ({ ...room, base: starts[at]!.to }));
}

/** What an attempt left in each room. @throws DispatchError `not_found` for one that left nothing */
async function keptIn(task: Task, rooms: Rooms, number: number): Promise<KeptAttempt[]> {
  const found = await Promise.all(
    rooms.map(({ workspace }) => findAttempt(workspace.path, { task: task.id, number })),
  );
  return found.map((kept) => {
    if (kept) return kept;
    throw new DispatchError(
      "not_found",
      `nothing is kept of attempt ${number} of ${task.slug}: ${whyNotKept(task, number)}`,
      { hint: `dispatch attempts ${task.slug}` },
    );
  });
}

function whyNotKept(task: Task, number: number): string {
  if (number > task.attempt) return "there is no such attempt";
  const isOpen = number === task.attempt && !isEnded(task);
  return isOpen ? "it has not ended" : "it never started, or was cleaned up";
}

/** The rooms as they are now. @throws DispatchError why they cannot be looked at */
function presentRooms(task: Task, rooms: Rooms): Comparable[] {
  if (task.worktree?.state === "removed")
    throw new DispatchError("conflict", `the worktree of ${task.slug} was removed`, {
      hint: `git log ${task.worktree.branch}`,
    });
  if (task.runFolder === null) throw notStarted(task);
  return rooms.map((room) => {
    const { name, worktree, snapshot } = room;
    const base = worktree?.base || snapshot;
    if (worktree && !existsSync(worktree.path)) throw lost(task, worktree);
    if (!base)
      throw new DispatchError(
        "refused",
        `${checkoutOf(room)} is in no git repository, so there is nothing to compare with`,
      );
    return { name, folder: checkoutOf(room), base, to: null };
  });
}

function onlyRoom(rooms: readonly Comparable[], name: string, { slug }: Task): Comparable {
  const room = rooms.find((each) => each.name === name);
  if (room) return room;
  throw new DispatchError("not_found", `${slug} has no repository ${JSON.stringify(name)}`, {
    hint: `dispatch diff ${slug} --stat`,
    candidates: rooms.map((each) => each.name),
  });
}

async function diffIn({ folder, base, to }: Comparable, below?: string) {
  const options = { maxBytes: MAX_DIFF_BYTES, ...(below === undefined ? {} : { below }) };
  const [files, text] = await Promise.all(
    to === null
      ? [changes(folder, base), diff(folder, base, options)]
      : [changesBetween(folder, base, to), diffBetween(folder, { from: base, to }, options)],
  );
  return { files, diff: text };
}

/** One after the other below their names, as one patch: `git apply` passes over the headings. */
async function diffOfAll(rooms: readonly Comparable[]): Promise<CallAnswer<"getDiff">> {
  const each = await Promise.all(rooms.map((room) => diffIn(room, room.name)));
  const texts = rooms.map(({ name, folder }, at) => {
    const { text } = each[at]!.diff;
    return text === "" ? "" : `Repository ${cleanLine(name)}: ${cleanLine(folder)}\n${text}`;
  });
  return {
    files: rooms.flatMap(({ name }, at) => each[at]!.files.map((file) => fileBelow(name, file))),
    diff: { text: texts.join(""), truncated: each.some((one) => one.diff.truncated) },
    places: rooms.map(({ name, folder }, at) => ({ name, folder, files: each[at]!.files })),
  };
}

function refuseUngated(task: Task, gate: readonly string[]): void {
  if (gate.length === 0) return;
  throw new DispatchError("refused", `merges here pass a gate first: ${gate.join("; ")}`, {
    hint: `dispatch merge ${task.slug} --queue`,
  });
}

/** One repository is merged as ever; of several all are, or none. */
async function mergeRooms(
  parts: readonly RoomPart[],
  landed: (part: RoomPart) => void,
): Promise<{ merge: MergeResult; places: PlaceMerge[] }> {
  const [only, ...further] = parts;
  if (further.length === 0) return { merge: await merge(only!.request), places: [] };
  const places = await mergeTogether(parts, landed);
  return { merge: wholeOf(places), places };
}
