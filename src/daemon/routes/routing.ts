import type { RouteAnswer, RouteRequest } from "../../protocol/routing.ts";
import type { Session } from "../../protocol/session.ts";
import type { Workspace } from "../../protocol/workspace.ts";
import { getSession } from "../../store/session.ts";
import { getWorkspace } from "../../store/workspace.ts";
import type { Tx } from "../commit.ts";
import { type FirstSession, firstSession, prepareFirst } from "../first-session.ts";
import { acceptMessage, allowedOf, originOf, readyToTell } from "../message.ts";
import { checkOpening, openSession } from "../open-session.ts";
import type { Parts } from "../parts.ts";
import { keepEnvironment } from "../session-environment.ts";
import { findDestination, mustBeClear, plannedRoute } from "../routing.ts";
import { useWorkspace } from "../workspace.ts";
import type { Handlers } from "./handler.ts";

export const routingHandlers: Pick<Handlers, "route"> = {
  async route({ body, commit }, parts) {
    await parts.outside.look();
    const decide = await findDestination(body.query, parts);
    if (body.dryRun) return plannedRoute(decide());
    let first: FirstSession | null = null;
    for (;;) {
      const routing = decide(); // from here to the commit nothing may await: no folder gets two first sessions
      const { receiver, place } = mustBeClear(routing, body.query, parts.ledger.db);
      const to = receiver
        ? knownSession(receiver.id, parts)
        : first?.path === place.path && { ...firstSession(first, parts), isNew: true };
      if (!to) {
        first = await prepareFirst(place.path, body, parts);
        continue;
      }
      const answer = { ...plannedRoute(routing), workspace: to.workspace, notices: to.notices };
      const sent = send(to, body, {
        parts,
        commit: (write) => commit((tx) => ({ ...answer, ...write(tx) })),
      });
      parts.supervisor.attend(to.session.id);
      return sent;
    }
  },
};

interface Target {
  readonly session: Session;
  readonly workspace: Workspace;
  readonly notices: string[];
  readonly isNew: boolean;
}

function knownSession(id: Session["id"], { ledger: { db } }: Parts): Target {
  const session = getSession(db, id)!;
  return { session, workspace: getWorkspace(db, session.workspace)!, notices: [], isNew: false };
}

/** Writes the session, where it is new, and the message in one transaction. */
function send(
  { session, workspace, isNew }: Target,
  { message: text, environment, fromSession, fromAgent }: RouteRequest,
  {
    parts,
    commit,
  }: {
    parts: Parts;
    commit: (write: (tx: Tx) => Pick<RouteAnswer, "session" | "message">) => RouteAnswer;
  },
): RouteAnswer {
  const { db } = parts.ledger;
  const isTold = text !== undefined;
  const origin = originOf(parts, { fromSession, fromAgent });
  if (isNew) {
    checkOpening(db, session, { workspace, asker: allowedOf(db, origin.from), isTold });
    keepEnvironment(parts, session.id, environment);
  } else if (isTold) readyToTell(parts, session, environment);
  return commit((tx) => {
    if (isNew) openSession(tx, session, workspace);
    else useWorkspace(tx, workspace);
    const message = isTold ? acceptMessage(tx, session, { text, mode: "queue" }, origin) : null;
    return { session: getSession(tx.db, session.id), message };
  });
}
