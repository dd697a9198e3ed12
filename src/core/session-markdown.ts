import type { PlacedEvent } from "../protocol/event.ts";
import type { Session } from "../protocol/session.ts";
import type { Workspace } from "../protocol/workspace.ts";
import { nameOf } from "./session.ts";
import { transcriptMarkdown } from "./transcript-markdown.ts";

/** A session as one Markdown document. */
export function sessionMarkdown(
  session: Session,
  workspace: Workspace,
  transcript: readonly PlacedEvent[],
): string {
  const facts = [
    `- State: ${session.status.state}`,
    `- Agent: ${session.agent}${session.model ? ` (${session.model.name})` : ""}`,
    `- Workspace: ${workspace.path}`,
    `- Opened: ${new Date(session.createdAt).toISOString()}`,
  ].join("\n");
  const said = transcriptMarkdown(transcript, []);
  return `${[`# ${nameOf(session)}`, facts, `## Transcript\n\n${said}`].join("\n\n")}\n`;
}
