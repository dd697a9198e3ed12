import { agentHandlers } from "./agent.ts";
import { aliasHandlers } from "./alias.ts";
import { approvalHandlers } from "./approval.ts";
import { attemptHandlers } from "./attempt.ts";
import { attentionHandlers } from "./attention.ts";
import { auditHandlers } from "./audit.ts";
import { changeHandlers } from "./change.ts";
import { configHandlers } from "./config.ts";
import { daemonHandlers } from "./daemon.ts";
import { flagHandlers } from "./flag.ts";
import type { Handlers } from "./handler.ts";
import { messageHandlers } from "./message.ts";
import { mergeHandlers } from "./merge.ts";
import { modelHandlers } from "./model.ts";
import { noticeHandlers } from "./notice.ts";
import { projectHandlers } from "./project.ts";
import { outsideHandlers } from "./outside.ts";
import { pullRequestHandlers } from "./pull-request.ts";
import { routingHandlers } from "./routing.ts";
import { ruleHandlers } from "./rule.ts";
import { scheduleHandlers } from "./schedule.ts";
import { searchHandlers } from "./search.ts";
import { sessionChangeHandlers } from "./session-change.ts";
import { sessionHandlers } from "./session.ts";
import { setupHandlers } from "./setup.ts";
import { sweepHandlers } from "./sweep.ts";
import { taskHandlers } from "./task.ts";
import { terminalHandlers } from "./terminal.ts";
import { webhookHandlers } from "./webhook.ts";
import { workspaceHandlers } from "./workspace.ts";

/** Every call's handler. */
export const HANDLERS: Handlers = {
  ...agentHandlers,
  ...aliasHandlers,
  ...approvalHandlers,
  ...attemptHandlers,
  ...attentionHandlers,
  ...auditHandlers,
  ...changeHandlers,
  ...configHandlers,
  ...daemonHandlers,
  ...flagHandlers,
  ...messageHandlers,
  ...mergeHandlers,
  ...modelHandlers,
  ...noticeHandlers,
  ...projectHandlers,
  ...outsideHandlers,
  ...pullRequestHandlers,
  ...routingHandlers,
  ...ruleHandlers,
  ...scheduleHandlers,
  ...searchHandlers,
  ...sessionChangeHandlers,
  ...sessionHandlers,
  ...setupHandlers,
  ...sweepHandlers,
  ...taskHandlers,
  ...terminalHandlers,
  ...webhookHandlers,
  ...workspaceHandlers,
};
