import { DispatchError } from "../../base/error.ts";
import { listApprovals } from "../../store/approval.ts";
import { listAttempts, saveAttempt } from "../../store/attempt.ts";
import { transcriptEnd, transcriptOf } from "../../store/event.ts";
import { listFlags } from "../../store/flag.ts";
import { listQuestions } from "../../store/question.ts";
import { getTaskText, insertTask, listTasks, queuePlace, slugTaken } from "../../store/task.ts";
import { rowOf } from "../known-agents.ts";
import { learnModel } from "../learn-model.ts";
import { newTask } from "../new-task.ts";
import { earlierTask, rememberTask } from "../repeat.ts";
import { keepEnvironment } from "../session-environment.ts";
import { sourcesFor } from "../setup.ts";
import { findWorkspace, openWorkspace, settleWorkspace, writeWorkspace } from "../workspace.ts";
import type { Config } from "../../protocol/config.ts";
import type { Task } from "../../protocol/task.ts";
import { mustFindTask, workspaceOf } from "./find.ts";
import type { Handlers } from "./handler.ts";

/** Beyond this a document would be no reading any more; `getTranscript` has the rest. */
const MAX_EXPORTED_EVENTS = 100_000;

export const taskHandlers: Pick<
  Handlers,
  "createTask" | "listTasks" | "getTask" | "getTranscript" | "exportTask"
> = {
  async createTask({ body, commit }, parts) {
    const { db } = parts.ledger;
    const { sources, notices: made } = await sourcesFor(parts, body);
    const workspace = settleWorkspace(db, await openWorkspace(db, body.workspace));
    const config = parts.config.read();
    const earlier = earlierTask(db, body, workspace);
    if (earlier) return { task: earlier, workspace, notices: [], existing: true };
    const taken = (slug: string) => slugTaken(db, workspace.id, slug);
    const { task, attempt, text, learned } = newTask(body, { ...sources, workspace, taken });
    const notices = [
      ...made,
      ...oldForm(task, config),
      ...(learned ? learnModel(task.model, parts.config) : []),
      ...unwatched(task, config),
    ];
    const answer = commit((tx) => {
      writeWorkspace(tx, workspace);
      insertTask(tx.db, { task, ...text });
      saveAttempt(tx.db, task.id, attempt);
      rememberTask(tx.db, body, task);
      tx.announce({ type: "task", task });
      return { task, workspace, notices, existing: false };
    });
    keepEnvironment(parts, task.id, body.environment);
    parts.scheduler.consider();
    return answer;
  },

  listTasks({ query }, { ledger }) {
    const workspace =
      query.workspace === undefined ? undefined : findWorkspace(ledger.db, query.workspace).id;
    return listTasks(ledger.db, { ...query, workspace });
  },

  getTask({ params, from }, { ledger: { db } }) {
    const task = mustFindTask(db, params.task, from);
    const text = getTaskText(db, task.id);
    if (!text) throw new DispatchError("internal", `${task.id} has lost its prompt`);
    return {
      task,
      workspace: workspaceOf(db, task),
      ...text,
      attempts: listAttempts(db, task.id),
      questions: listQuestions(db, task.id),
      approvals: listApprovals(db, task.id),
      flags: listFlags(db, task.id),
      queue: queuePlace(db, task.id),
    };
  },

  getTranscript({ params, from, query }, { ledger }) {
    const task = mustFindTask(ledger.db, params.task, from);
    const events =
      query.last === undefined
        ? transcriptOf(ledger.db, task.id, query)
        : transcriptEnd(ledger.db, task.id, query.last);
    const position = events.at(-1)?.position ?? { store: ledger.store, seq: query.after };
    return { events, position, more: query.last === undefined && events.length === query.limit };
  },

  async exportTask({ params, from }, { ledger: { db } }) {
    const task = mustFindTask(db, params.task, from);
    const { taskMarkdown } = await import("../../core/task-markdown.ts");
    const markdown = taskMarkdown({
      task,
      workspace: workspaceOf(db, task),
      ...getTaskText(db, task.id)!,
      questions: listQuestions(db, task.id),
      transcript: transcriptOf(db, task.id, { after: 0, limit: MAX_EXPORTED_EVENTS }),
    });
    return { markdown };
  },
};

/** What is said of a budget of money for an agent that never says what it costs. */
function unwatched({ budget, model }: Task, config: Config): string[] {
  if (budget?.dollars === undefined || rowOf(config, model.agent).cost !== null) return [];
  return [
    `${model.agent} reports no cost, so that $${budget.dollars} limits nothing: give tokens, such as 500ktok`,
  ];
}

function oldForm({ model }: Task, { agents, backends }: Config): string[] {
  if (!Object.hasOwn(agents, model.agent) || Object.hasOwn(backends, model.agent)) return [];
  return [`${model.agent} stands in the old form of the configuration: dispatch config migrate rewrites it`];
}
