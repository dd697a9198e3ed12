import { z } from "zod";
import { DispatchError } from "../../base/error.ts";
import { isOpen } from "../../core/run.ts";
import type { Approval } from "../../protocol/approval.ts";
import { ref, taskRef, tool } from "../tool.ts";

/** What a dialogue shows of a call, in characters: nobody approves what they cannot see. */
const MAX_SHOWN = 4_000;
/** What does not show, or turns the direction of writing; line breaks stay. */
const UNSEEN = /[^\P{C}\n]/gu;

export const approve = tool({
  name: "dispatch_approve",
  description: "Have the person decide, in a dialogue, on a worker's tool call that waits.",
  input: z.strictObject({
    task: taskRef,
    approval: ref.optional().describe("its id, where several wait"),
  }),
  decides: true,
  async run({ client, host }, { task: name, approval: id }) {
    const { task, approvals } = await client.call("getTask", { task: name }, {});
    const approval = waiting(task.slug, approvals.filter(isOpen), id);
    const command = `dispatch approve ${task.slug} ${approval.id}`;
    if (!host.canAsk)
      throw new DispatchError("unavailable", "this host cannot ask its person", { hint: command });
    const decision = host.decisionOn(approval.id);
    if (decision === null) {
      const message = messageOf(task.slug, approval);
      if (message.length > MAX_SHOWN)
        throw new DispatchError("too_large", "the call is too long for a dialogue", { hint: command });
      return { wish: "decision", about: approval.id, message };
    }
    if (decision === "none")
      return { facts: { task: task.slug, decided: null }, text: `Nobody decided. Later: ${command}` };
    await client.call(
      "decide",
      { approval: approval.id },
      { verdict: decision === "approve" ? "allow" : "deny" },
    );
    return {
      facts: { task: task.slug, decided: decision },
      text: decision === "approve" ? `Approved. ${task.slug} goes on.` : `Denied. ${task.slug} is told.`,
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

/** All that is known of the call, as it is. */
function messageOf(slug: string, { call: { tool: name, title, paths, input } }: Approval): string {
  const whole = typeof input === "string" ? input : JSON.stringify(input, null, 2);
  const lines = [`The worker of ${slug} wants to use ${name}: ${title}`, ...paths, ...(whole ? [whole] : [])];
  return lines.join("\n").replace(UNSEEN, (unseen) => `\\u{${unseen.codePointAt(0)!.toString(16)}}`);
}
