import { z } from "zod";
import type { Session } from "../../protocol/session.ts";
import { ref, tool } from "../tool.ts";
import { cutLine } from "../words.ts";

/** Sessions on one page. */
const PAGE = 20;
const MAX_NAME = 80;

export const sessions = tool({
  name: "dispatch_sessions",
  description: "Sessions that dispatch_tell reaches, newest first.",
  input: z.strictObject({ before: ref.optional().describe("`next` of the page before") }),
  reads: true,
  async run({ client }, { before }) {
    const page = { origin: "manual", limit: PAGE, ...(before === undefined ? {} : { before }) } as const;
    const [outside, { sessions: ours, next }, { workspaces }] = await Promise.all([
      before === undefined ? client.call("listSessions", {}, { origin: "external", limit: PAGE }) : null,
      client.call("listSessions", {}, page),
      client.call("listWorkspaces", {}, {}),
    ]);
    const found = [...(outside?.sessions ?? []), ...ours];
    const places = new Map<string, string>(workspaces.map(({ id, name }) => [id, name]));
    const facts = found.map((session) => factsOf(session, places.get(session.workspace)));
    const lines = facts.map(
      ({ session, name, state, workspace, model, outside: isOutside }) =>
        `${name ?? session}: ${state}, ${workspace}, ${model}${isOutside ? ", started outside" : ""}`,
    );
    const more = next === null ? [] : [`More: before=${next}`];
    return {
      facts: { sessions: facts, ...(next === null ? {} : { next }) },
      text: lines.length === 0 ? "No sessions." : [...lines, ...more].join("\n"),
    };
  },
});

function factsOf(
  { id, name, status, folder, model, agent, outside }: Session,
  workspace: string | undefined,
) {
  const waits = status.state === "busy" && status.waiting !== null ? ` (${status.waiting})` : "";
  return {
    session: id,
    ...(name === null ? {} : { name: cutLine(name, MAX_NAME) }),
    state: `${status.state}${waits}`,
    workspace: workspace ?? folder,
    model: model?.name ?? agent,
    ...(outside === null ? {} : { outside: true }),
  };
}
