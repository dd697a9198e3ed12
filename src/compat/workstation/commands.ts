import { dispatchAnswers } from "./answers.ts";
import { createWorker } from "./create-worker.ts";
import { dispatch } from "./dispatch.ts";
import { discoverProjects } from "./discover-projects.ts";
import { sendEnter, sendEscape, sendInterrupt } from "./keys.ts";
import { listWorkers } from "./list-workers.ts";
import { remoteOnly, setRemoteMode } from "./remote.ts";
import { route } from "./route.ts";
import type { Command } from "./wire.ts";

/** What is done and answered; a connection ends with it. Everything else that is said is an event. */
const COMMANDS: Readonly<Record<string, Command>> = {
  list_workers: listWorkers,
  dispatch,
  route,
  create_worker: createWorker,
  discover_projects: discoverProjects,
  dispatch_answers: dispatchAnswers,
  send_interrupt: sendInterrupt,
  send_escape: sendEscape,
  send_enter: sendEnter,
  focus_session: remoteOnly,
  screenshot: remoteOnly,
  set_remote_mode: setRemoteMode,
};

export function commandOf(type: string): Command | undefined {
  return Object.hasOwn(COMMANDS, type) ? COMMANDS[type] : undefined;
}
