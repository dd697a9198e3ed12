import { z } from "zod";
import { DispatchError } from "../../base/error.ts";
import { isOpen } from "../../core/run.ts";
import { cleanLine } from "../../core/line.ts";
import type { Approval } from "../../protocol/approval.ts";
import { ref, taskRef, tool } from "../tool.ts";
import { cut } from "../words.ts";

/** Of a call, in characters: a person reads it in a dialogue of the host. */
const MAX_CALL = 1_500;

export const approve = tool({
  name: "dispatch_approve",
  description: "Have the person decide, in a dialogue, on a worker's tool call that waits.",
  input: z.strictObject({
    task: taskRef,
    approval: ref.optional().describe("its id, where several wait"),
  }),
  async run({ client, host }, { task: name, approval: id }) {
    const { task, approvals } = await client.call("getTask", { task: name }, {});
    const approval = waiting(task.slug, approvals.filter(isOpen), id);
    const command = `dispatch approve ${task.slug} ${approval.id}`;
    if (!host.canAsk)
      throw new DispatchError("unavailable", "this host cannot ask its person", { hint: command });
    if (host.decision === null) return { wish: "decision", message: messageOf(task.slug, approval) };
    if (host.decision === "none")
      return { facts: { task: task.slug, decided: null }, text: `Nobody decided. Later: ${command}` };
    await client.call(
      "decide",
      { approval: approval.id },
      { verdict: host.decision === "approve" ? "allow" : "deny" },
    );
    return {
      facts: { task: task.slug, decided: host.decision },
      text: host.decision === "approve" ? `Approved. ${task.slug} goes on.` : `Denied. ${task.slug} is told.`,
    };
  },
});

function waiting(slug: string, open: readonly Approval[], id: string | undefined): Approval {
  const meant = id === undefined ? open : open.filter((each) => each.id === id);
  const [approval, ...others] = meant;
  if (!approval)
    throw new DispatchError("conflict", `no tool call of ${slug} waits`, { hint: "dispatch_status" });
  if (others.length > 0)
    throw new DispatchError("ambiguous", `several tool calls of ${slug} wait`, {
      candidates: open.map((each) => each.id),
    });
  return approval;
}

function messageOf(slug: string, { call }: Approval): string {
  return `The worker of ${slug} wants to use ${cleanLine(call.tool)}:\n\n${cut(cleanLine(call.title), MAX_CALL)}`;
}
