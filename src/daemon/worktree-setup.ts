import { constants, openSync, writeFileSync, closeSync } from "node:fs";
import { join } from "node:path";
import { DispatchError } from "../base/error.ts";
import { parseDuration } from "../core/duration.ts";
import { isEnded } from "../core/run.ts";
import type { Config } from "../protocol/config.ts";
import type { Task } from "../protocol/task.ts";
import type { Workspace } from "../protocol/workspace.ts";
import { furnish } from "../workspaces/furnish.ts";
import { type CommandFailure, type CommandsEnd, runUserCommands } from "../workspaces/user-command.ts";
import { type Environment, listed } from "./environment.ts";

import type { Ground } from "./parts.ts";
import { folderOf, type Room as TaskRoom } from "./rooms.ts";
import { entryOf } from "./workspace-settings.ts";

/** Lines of a failed command's output that its task tells. */
const TOLD_LINES = 5;

/** A checkout of a workspace's repository that commands of the workspace run in. */
interface Room {
  readonly workspace: Workspace;
  /** The workspace's place in it. */
  readonly folder: string;
  /** Whose variables the commands get; what is not listed is dropped here. */
  readonly environment: Environment;
  readonly signal: AbortSignal;
}

/** What the config, and never the repository itself, says of a workspace's worktrees. */
export function settingsOf(config: Config, workspace: Workspace) {
  const entry = entryOf(config, workspace);
  return {
    copy: entry?.copy ?? [],
    link: entry?.link ?? [],
    setup: entry?.setup ?? [],
    teardown: entry?.teardown ?? [],
    gate: entry?.gate ?? [],
  };
}

/** Fills a fresh checkout from the workspace and runs its setup. Every step can be repeated after a crash. */
export async function setUp(config: Config, room: Room): Promise<CommandsEnd> {
  const { copy, link, setup } = settingsOf(config, room.workspace);
  await furnish({ checkout: room.workspace.path, folder: room.folder, copy, link });
  return run(setup, room, parseDuration(config.limits.setup));
}

/** What `setUp` started is ended in the user's own way. */
export function tearDown(config: Config, room: Room): Promise<CommandsEnd> {
  const { teardown } = settingsOf(config, room.workspace);
  return run(teardown, room, parseDuration(config.limits.setup));
}

/**
 * Sets a fresh checkout up, has the gate look at it, and tears it down, also when its signal ends it; not when the
 * daemon is `closing`. Resolves with the command that failed.
 */
export async function passGate(
  config: Config,
  room: Room,
  closing: AbortSignal,
): Promise<CommandFailure | null> {
  const { gate } = settingsOf(config, room.workspace);
  try {
    const { failure } = await setUp(config, room);
    return failure ?? (await run(gate, room, parseDuration(config.limits.gate))).failure;
  } finally {
    if (!closing.aborted) await tearDown(config, { ...room, signal: closing });
  }
}

/**
 * Sets a task's worktrees up, one after the other, unless the task ends meanwhile; `setup.log` in its folder has what the
 * commands said.
 * @throws DispatchError `refused` with the end of what a failed command said
 */
export async function setUpTask(
  task: Task,
  {
    rooms,
    taskFolder,
    environment,
  }: { rooms: readonly TaskRoom[]; taskFolder: string; environment: Environment },
  { config, ledger, signal }: Pick<Ground, "config" | "ledger"> & { signal: AbortSignal },
): Promise<void> {
  const ended = new AbortController();
  const unsubscribe = ledger.subscribe((events) => {
    for (const { event } of events)
      if (event.type === "task" && event.task.id === task.id && isEnded(event.task)) ended.abort();
  });
  try {
    const either = AbortSignal.any([signal, ended.signal]);
    let said = "";
    for (const { workspace, worktree } of rooms) {
      const folder = folderOf({ workspace, worktree });
      const { output, failure } = await setUp(config.last(), {
        workspace,
        folder,
        environment,
        signal: either,
      });
      said += output;
      if (said !== "") writeNewFile(join(taskFolder, "setup.log"), said);
      if (failure) throw setupFailed(task, failure);
    }
  } finally {
    unsubscribe();
  }
}

/** How a command ended, as a sentence, with the end of what it said. */
export function failureText({ command, exitCode, timedOut, output }: CommandFailure): string {
  const end = timedOut ? "took too long" : `ended with ${exitCode}`;
  return [`${command} ${end}`, ...output.split("\n").slice(-TOLD_LINES)].filter(Boolean).join("\n");
}

function run(commands: readonly string[], room: Room, timeoutMs: number): Promise<CommandsEnd> {
  const { folder, signal } = room;
  return runUserCommands(commands, { folder, signal, timeoutMs, environment: listed(room.environment, []) });
}

function setupFailed(task: Task, failure: CommandFailure): DispatchError {
  return new DispatchError("refused", `the setup of its worktree failed: ${failureText(failure)}`, {
    hint: `dispatch retry ${task.slug}, once workspaces in config.yaml or what it needs is in order`,
  });
}

/** An agent of an earlier attempt could have left a link of this name. */
function writeNewFile(path: string, text: string): void {
  const { O_WRONLY, O_CREAT, O_TRUNC, O_NOFOLLOW } = constants;
  const fd = openSync(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, 0o600);
  writeFileSync(fd, text);
  closeSync(fd);
}
