import { DispatchError } from "../../base/error.ts";
import { within } from "../../base/within.ts";
import { quote } from "../../core/quote.ts";
import { hasAgent } from "../../core/run.ts";
import { change, DELETED, forget, isTerminal, nameOf, resume, resumeLost } from "../../core/session.ts";
import { cleanLine } from "../../core/line.ts";
import type { CallParsed } from "../../protocol/api.ts";
import type { Session } from "../../protocol/session.ts";
import { heldMessages } from "../../store/message.ts";
import { getSession, lostSessions } from "../../store/session.ts";
import { getTask, lostTasks, parkedTasks } from "../../store/task.ts";
import { getWorkspace } from "../../store/workspace.ts";
import { checkLive } from "../brakes.ts";
import { learnModel } from "../learn-model.ts";
import { newSession } from "../new-session.ts";
import { modelOf } from "../new-task.ts";
import type { Ledger, Tx } from "../commit.ts";
import type { Parts } from "../parts.ts";
import { hurry, resumeTask } from "../restart.ts";
import { keepEnvironment } from "../session-environment.ts";
import { removeSessionFolder } from "../session-folder.ts";
import { advanceTalk, writeMessage, writeSession } from "../talk.ts";
import { checkThinking } from "../thinking.ts";
import { calledAll } from "../workspace.ts";
import { entryOf } from "../workspace-settings.ts";
import { mustFindOwnSession, mustFindSession } from "./find-session.ts";
import type { Handlers } from "./handler.ts";

/** How long who removes a session waits for its agent, which was told to stop: longer than it gets for that. */
const STOPPING_MS = 10_000;

type SessionChanges = "changeSession" | "deleteSession" | "forkSession" | "resumeAll";

export const sessionChangeHandlers: Pick<Handlers, SessionChanges> = {
  changeSession({ params, body, commit }, parts) {
    const { db } = parts.ledger;
    const renamesOnly = body.model === undefined && body.thinking === undefined;
    const found = renamesOnly ? mustFindSession(db, params.session) : mustFindOwnSession(db, params.session);
    const { wanted, notices } = wantedOf(found, body, parts);
    const answer = commit((tx) => ({ session: changed(tx, found, wanted, { renamesOnly }), notices }));
    parts.supervisor.attend(found.id);
    return answer;
  },

  async deleteSession({ params, commit }, parts) {
    const { id } = mustFindOwnSession(parts.ledger.db, params.session);
    await stopped(parts.ledger, id);
    const answer = commit((tx) => {
      const { session } = advanceTalk(tx, id, forget);
      for (const held of heldMessages(tx.db, id))
        writeMessage(tx, { ...held, receipt: { state: "refused", reason: DELETED } });
      return { session };
    });
    parts.environments.forget(id);
    removeSessionFolder(parts.home, id);
    return answer;
  },

  forkSession({ params, body, commit }, parts) {
    const { db } = parts.ledger;
    const from = mustFindOwnSession(db, params.session);
    const { model } = from;
    if (!from.forkable || from.conversation === null || model === null)
      throw new DispatchError(
        "conflict",
        `the agent of ${nameOf(from)} cannot begin a copy of its conversation`,
        {
          hint: `dispatch session new --workspace ${quote(from.folder)}`,
        },
      );
    checkLive(db);
    const { kind, workspace, folder, permissions, thinking } = from;
    const begun = {
      kind,
      origin: "manual",
      task: null,
      workspace,
      folder,
      model,
      permissions,
      thinking,
    } as const;
    const fork = newSession({ ...begun, name: body.name && cleanLine(body.name), forkedFrom: from.id });
    keepEnvironment(parts, fork.id, body.environment);
    const answer = commit((tx) => {
      writeSession(tx, fork);
      return { session: advanceTalk(tx, fork.id, resume).session };
    });
    parts.supervisor.attend(fork.id);
    return answer;
  },

  resumeAll({ body, commit }, parts) {
    const answer = commit((tx) => {
      const sessions = lostSessions(tx.db)
        .map(({ id }) => advanceTalk(tx, id, resumeLost).session)
        .filter(hasAgent);
      const tasks = [
        ...lostTasks(tx.db).map((task) => resumeTask(tx, task)),
        ...parkedTasks(tx.db).map(({ id }) => hurry(tx, getTask(tx.db, id)!)),
      ];
      return { sessions, called: calledAll(tx.db, sessions), tasks };
    });
    for (const session of answer.sessions) {
      keepEnvironment(parts, session.id, body.environment);
      parts.supervisor.attend(session.id);
    }
    for (const task of answer.tasks) keepEnvironment(parts, task.id, body.environment);
    parts.scheduler.consider();
    return answer;
  },
};

/** Waits until a session is not being stopped any more, or for too long. */
async function stopped(ledger: Ledger, id: Session["id"]): Promise<void> {
  const isStopping = () => getSession(ledger.db, id)?.status.state === "stopping";
  const { promise, resolve } = Promise.withResolvers<void>();
  const unsubscribe = ledger.subscribe(() => {
    if (!isStopping()) resolve();
  });
  if (!isStopping()) resolve();
  await within(promise, STOPPING_MS);
  unsubscribe();
}

type Wanted = Pick<Session, "name" | "model" | "thinking">;

/** What a session is to be like. @throws DispatchError for a model of another agent, or a level that its agent lacks */
function wantedOf(
  session: Session,
  { name, model, thinking }: CallParsed<"changeSession">["body"],
  parts: Parts,
): { wanted: Wanted; notices: string[] } {
  const isOther = model !== undefined || thinking !== undefined;
  if (isOther && isTerminal(session))
    throw new DispatchError("conflict", `the agent of ${nameOf(session)} is told so in its terminal`, {
      hint: `dispatch attach ${session.id}`,
    });
  const chosen = model === undefined ? null : modelFor(session, model, parts);
  const next = chosen?.model ?? session.model;
  return {
    wanted: {
      name: name === undefined ? session.name : name && cleanLine(name),
      model: next,
      thinking:
        thinking === undefined || next === null
          ? session.thinking
          : checkThinking(thinking, next, parts.config.last()),
    },
    notices: chosen?.isNew ? learnModel(chosen.model, parts.config) : [],
  };
}

function modelFor(session: Session, model: string, parts: Parts): ReturnType<typeof modelOf> {
  const config = parts.config.read();
  const entry = entryOf(config, getWorkspace(parts.ledger.db, session.workspace)!);
  const sources = parts.knownAgents.sources(config, parts.environment);
  const chosen = modelOf({ ...sources, request: { prompt: null, model }, entry });
  if (chosen.model.agent === session.agent) return chosen;
  throw new DispatchError(
    "invalid",
    `${model} is of ${chosen.model.agent}, and a conversation stays with its agent ${session.agent}`,
    { hint: `dispatch session new --workspace ${quote(session.folder)} --model ${quote(model)}` },
  );
}

function changed(
  tx: Tx,
  { id }: Session,
  wanted: Wanted,
  { renamesOnly }: { renamesOnly: boolean },
): Session {
  if (!renamesOnly) return advanceTalk(tx, id, (talk) => change(talk, wanted)).session;
  const renamed = { ...getSession(tx.db, id)!, name: wanted.name, updatedAt: Date.now() };
  writeSession(tx, renamed);
  return renamed;
}
