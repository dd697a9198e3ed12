import { DispatchError } from "../base/error.ts";
import { isTerminal, resume } from "../core/session.ts";
import type { Permissions } from "../protocol/permission.ts";
import type { Session } from "../protocol/session.ts";
import type { Workspace } from "../protocol/workspace.ts";
import type { Db } from "../sqlite/database.ts";
import { terminalsIn } from "../store/session.ts";
import { checkLive } from "./brakes.ts";
import type { Tx } from "./commit.ts";
import { refuseWider } from "./preset.ts";
import { advanceTalk, writeSession } from "./talk.ts";
import { useWorkspace } from "./workspace.ts";

/** Where a session is opened, what the agent that asks for it may do (null: a person asks), and whether it has something to do at once. */
export interface Opening {
  readonly workspace: Workspace;
  readonly asker: Permissions | null;
  readonly isTold: boolean;
}

/** @throws DispatchError `conflict`, `refused` or `limited` for a session that must not be opened */
export function checkOpening(db: Db, session: Session, { workspace, asker, isTold }: Opening): void {
  if (isTerminal(session)) checkTerminal(db, session, { workspace, asker });
  if (isTerminal(session) || isTold) checkLive(db);
}

/** Writes a session that is new; the agent of a terminal is started with it. */
export function openSession(tx: Tx, session: Session, workspace: Workspace): void {
  useWorkspace(tx, workspace);
  writeSession(tx, session);
  if (isTerminal(session)) advanceTalk(tx, session.id, resume);
}

/**
 * A repository has one session in a terminal that needs no name; each further one is told apart by its own.
 * @throws DispatchError `conflict` with those that are there, `refused` for one that may do more than who asks for it
 */
function checkTerminal(
  db: Db,
  { name, permissions }: Session,
  { workspace, asker }: Pick<Opening, "workspace" | "asker">,
): void {
  refuseWider(asker, { slug: name ?? workspace.name, permissions });
  const there = terminalsIn(db, workspace.id);
  if (!there.some((each) => each.name === name)) return;
  const what = name === null ? "a session in a terminal" : `one called ${JSON.stringify(name)}`;
  throw new DispatchError("conflict", `${workspace.name} has ${what} already`, {
    hint: `dispatch attach ${there.find((each) => each.name === name)!.id}, or open another with --task <name>`,
    candidates: there.map((each) => `${each.id} ${each.name ?? workspace.name}: ${each.status.state}`),
  });
}
