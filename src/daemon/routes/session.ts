import { hasAgent } from "../../core/run.ts";
import { interrupt, resume, stop } from "../../core/session.ts";
import type { Session } from "../../protocol/session.ts";
import { checkBefore } from "./find.ts";
import { listApprovalPage } from "../../store/approval.ts";
import { MAX_EXPORTED_EVENTS, sessionTranscript } from "../../store/event.ts";
import { heldMessages, openMessages } from "../../store/message.ts";
import { getSession, listSessions } from "../../store/session.ts";
import { getWorkspace } from "../../store/workspace.ts";
import { checkLive } from "../brakes.ts";
import { acceptMessage, allowedOf, originOf } from "../message.ts";
import { requestedSession } from "../new-session.ts";
import { checkOpening, openSession } from "../open-session.ts";
import type { Parts } from "../parts.ts";
import { folderCalled } from "../routing.ts";
import { keepEnvironment } from "../session-environment.ts";
import { sourcesFor } from "../setup.ts";
import { advanceTalk } from "../talk.ts";
import { treeOfSession } from "../tree.ts";
import { calledAll, calledIn, findWorkspace, openPlace, settleWorkspace } from "../workspace.ts";
import { mustFindOwnSession, mustFindSession, mustFindSessionNow } from "./find-session.ts";
import type { Handlers } from "./handler.ts";
import { transcriptPage } from "./transcript.ts";

type SessionCalls =
  | "listSessions"
  | "createSession"
  | "getSession"
  | "getSessionEvents"
  | "exportSession"
  | "interruptSession"
  | "stopSession"
  | "resumeSession";

/** The approvals at the most that wait in one session: an agent makes a few calls at once. */
const MAX_OPEN_APPROVALS = 500;

export const sessionHandlers: Pick<Handlers, SessionCalls> = {
  async listSessions({ query }, { ledger, outside }) {
    await outside.look();
    checkBefore(query.before, (id) => getSession(ledger.db, id as Session["id"]) !== null);
    const workspace =
      query.workspace === undefined ? undefined : findWorkspace(ledger.db, query.workspace).id;
    const page = listSessions(ledger.db, { ...query, workspace });
    return {
      ...page,
      called: calledAll(ledger.db, page.sessions),
    };
  },

  async createSession({ body, commit }, parts) {
    const { db } = parts.ledger;
    const { sources, notices: made } = await sourcesFor(parts, body);
    const origin = originOf(parts, { fromSession: body.fromSession });
    const opened = await openPlace(db, await folderCalled(body.workspace, parts));
    const workspace = settleWorkspace(db, opened);
    const { session, notices: learned } = requestedSession(body, { workspace, sources }, parts);
    const notices = [...made, ...learned];
    checkOpening(db, session, {
      workspace,
      asker: allowedOf(db, origin.from),
      isTold: body.prompt !== undefined,
    });
    keepEnvironment(parts, session.id, body.environment);
    const answer = commit((tx) => {
      openSession(tx, session, workspace);
      const sending = { text: body.prompt ?? "", mode: "queue" } as const;
      const message = body.prompt === undefined ? null : acceptMessage(tx, session, sending, origin);
      return { session: getSession(tx.db, session.id)!, workspace, message, notices };
    });
    parts.supervisor.attend(session.id);
    return answer;
  },

  async getSession({ params }, parts) {
    const { db } = parts.ledger;
    const session = await mustFindSessionNow(parts, params.session);
    const open = { limit: MAX_OPEN_APPROVALS, state: "open", session: session.id } as const;
    return {
      session,
      called: calledIn(db, session),
      workspace: getWorkspace(db, session.workspace)!,
      approvals: listApprovalPage(db, open).approvals.toReversed(),
      messages: [...heldMessages(db, session.id), ...openMessages(db, session.id)],
      tree: treeOfSession(db, session),
    };
  },

  getSessionEvents({ params, query }, { ledger }) {
    const { id } = mustFindSession(ledger.db, params.session);
    return transcriptPage(sessionTranscript(ledger.db, id, query), query, ledger);
  },

  interruptSession({ params, commit }, parts) {
    const { id } = mustFindOwnSession(parts.ledger.db, params.session);
    return attending(parts, id, () => commit((tx) => ({ session: advanceTalk(tx, id, interrupt).session })));
  },

  async exportSession({ params }, { ledger: { db } }) {
    const session = mustFindSession(db, params.session);
    const { sessionMarkdown } = await import("../../core/session-markdown.ts");
    const events = sessionTranscript(db, session.id, { after: 0, limit: MAX_EXPORTED_EVENTS });
    return { markdown: sessionMarkdown(session, getWorkspace(db, session.workspace)!, events) };
  },

  stopSession({ params, commit }, parts) {
    const { id } = mustFindOwnSession(parts.ledger.db, params.session);
    return attending(parts, id, () => commit((tx) => ({ session: advanceTalk(tx, id, stop).session })));
  },

  resumeSession({ params, body, commit }, parts) {
    const session = mustFindOwnSession(parts.ledger.db, params.session);
    if (!hasAgent(session)) checkLive(parts.ledger.db);
    keepEnvironment(parts, session.id, body.environment);
    const { id } = session;
    return attending(parts, id, () => commit((tx) => ({ session: advanceTalk(tx, id, resume).session })));
  },
};

/** Does it, and has the host told. */
function attending<T>(parts: Parts, id: Session["id"], change: () => T): T {
  const answer = change();
  parts.supervisor.attend(id);
  return answer;
}
