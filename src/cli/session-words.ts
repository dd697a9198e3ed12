import type { CallAnswer, SessionDetail } from "../protocol/api.ts";
import type { Outside } from "../protocol/outside.ts";
import type { Session } from "../protocol/session.ts";
import type { Workspace } from "../protocol/workspace.ts";
import { formatDuration } from "./duration.ts";
import { receiptText, senderText } from "./message-words.ts";
import { cut, indent, type Look, table } from "./output.ts";
import { contextText, treeText, usageText } from "./spent-words.ts";
import { approvalText } from "./task-text.ts";

const MESSAGE_CHARS = 200;
const TOOL_CHARS = 60;

const KINDS: Readonly<Record<Session["kind"], string>> = {
  acp: "over the Agent Client Protocol",
  exec: "as a one-shot command: a run for each turn",
  terminal: "in a terminal",
};

/** What people call a session. */
export function sessionName({ name, id }: Session): string {
  return name ?? id;
}

/** A session's state in a word or two. */
export function sessionState({ status, outside }: Session): string {
  if (outside?.proven === false) return "runs";
  switch (status.state) {
    case "ready":
      return "idle";
    case "busy":
      return status.waiting === null ? "busy" : `waits: ${status.waiting}`;
    case "stopped":
      return status.why === "lost" ? "lost" : "stopped";
    case "starting":
    case "stopping":
    case "error":
      return status.state;
  }
}

/** Sessions with what people call them, and the workspaces that they may be in. */
export interface ListedSessions extends Pick<CallAnswer<"listSessions">, "sessions" | "called"> {
  workspaces: readonly Workspace[];
}

/** A line each: name, state, workspace, model, how it is driven, how long ago something happened, id; where it is, of one outside. */
export function sessionTable(
  { sessions, called, workspaces }: ListedSessions,
  { now, look }: { now: number; look: Look },
): string {
  const names = new Map(workspaces.map(({ id, name }) => [id, name]));
  return table(
    sessions.map((session) => [
      look.bold(called[session.id] ?? session.id),
      colouredState(session, look),
      names.get(session.workspace) ?? session.folder,
      session.model?.name ?? session.agent,
      session.kind,
      formatDuration(now - session.updatedAt),
      session.id,
      session.outside === null ? doingText(session) : outsideText(session.outside),
    ]),
    look,
  );
}

/** The tool that an agent in a terminal uses, or asks for. */
function doingText({ status }: Session): string {
  return status.state === "busy" && status.doing ? cut(status.doing, TOOL_CHARS) : "";
}

/** Where an agent outside is to be seen, and what it does. */
function outsideText({ pane, tool }: Outside): string {
  const used = tool && [tool.name, tool.command ?? tool.path ?? ""].join(" ").trim();
  return ["outside", ...(pane ? [pane.address] : []), ...(used ? [cut(used, TOOL_CHARS)] : [])].join(", ");
}

function colouredState(session: Session, look: Look): string {
  const state = sessionState(session);
  const { status } = session;
  if (status.state === "error" || state === "lost") return look.colour("red", state);
  if (status.state === "busy") return look.colour(status.waiting === null ? "green" : "yellow", state);
  return state;
}

/** One session, with what is open in it and what to do next. */
export function sessionText(detail: SessionDetail, look: Look, now: number): string {
  const { session, approvals, messages } = detail;
  const blocks = [
    `${look.bold(detail.called)}  ${sessionState(session)}`,
    facts(detail, now),
    ...(session.status.state === "error" ? [look.colour("red", session.status.message)] : []),
    ...approvals.map((approval) => approvalText(approval)),
    messages
      .map(
        ({ from, text, receipt }) =>
          `${senderText(from)}: ${cut(text, MESSAGE_CHARS)} (${receiptText(receipt)})`,
      )
      .join("\n"),
    look.dim(
      nextSteps(detail)
        .map((step) => `Next: ${step}`)
        .join("\n"),
    ),
  ];
  return blocks.filter((block) => block !== "").join("\n\n");
}

function facts({ session, workspace, tree }: SessionDetail, now: number): string {
  const { model, agent, thinking, permissions, usage, task, forkedFrom, outside } = session;
  const { cost, tokens } = usageText(usage);
  const rows = [
    ["id", session.id],
    ["workspace", `${workspace.name} (${workspace.path})`],
    ...(session.folder === workspace.path ? [] : [["folder", session.folder]]),
    ["model", `${model?.name ?? "its own"} (${agent})${thinking === null ? "" : `, thinking ${thinking}`}`],
    ["driven", KINDS[session.kind]],
    ["permissions", permissions],
    ...(outside === null ? [] : [["started", outsideText(outside)]]),
    ...(task === null ? [] : [["task", task]]),
    ...(forkedFrom === null ? [] : [["forked from", forkedFrom]]),
    ...(cost === "" ? [] : [["cost", cost]]),
    ...(tokens === "" ? [] : [["tokens", tokens]]),
    ...(tree.tasks === 0 ? [] : [["in all", treeText(tree)]]),
    ...(usage.contextTokens === undefined ? [] : [["context", contextText(usage)]]),
    ["begun", `${formatDuration(now - session.createdAt)} ago`],
  ];
  return indent(rows.map(([name, value]) => `${name}: ${value}`).join("\n"));
}

/** Its agent could not be started, or went down with what it was doing. */
function isBroken({ status }: Session): boolean {
  return status.state === "error" || (status.state === "stopped" && status.why === "lost");
}

function nextSteps({ session, approvals, messages }: SessionDetail): string[] {
  const { id, task } = session;
  if (task !== null) return [`dispatch status ${task}`];
  const held = messages.filter(({ receipt }) => receipt.state === "held");
  return [
    ...approvals.map((approval) => `dispatch approve ${approval.id}`),
    ...held.map((message) => `dispatch release ${message.id}`),
    ...(isBroken(session) ? [`dispatch session resume ${id}`] : []),
    ...(session.kind === "terminal" && session.outside === null ? [`dispatch attach ${id}`] : []),
    `dispatch tell ${id} <message>`,
    ...(session.kind === "terminal" ? [] : [`dispatch logs ${id} -f`]),
  ];
}
