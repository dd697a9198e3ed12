import type { CallInput } from "../protocol/api.ts";
import type { Verdict } from "../protocol/approval.ts";
import type { Context } from "./command.ts";
import { EXIT } from "./exit.ts";

export const REASON_FLAG = { value: "TEXT", help: "why; it is kept with the decision" } as const;

/** Decides the request that waits, or the one that is named where several do. */
export async function decide(
  { client, output }: Context,
  operands: string[],
  decision: { verdict: Verdict; grant?: "once" | "session"; reason: string | undefined },
): Promise<number> {
  const [task = "", approval] = operands;
  const body: CallInput<"decideApproval"> = { verdict: decision.verdict };
  if (approval !== undefined) body.approval = approval;
  if (decision.grant !== undefined) body.grant = decision.grant;
  if (decision.reason !== undefined) body.reason = decision.reason;
  await output.show(await client.call("decideApproval", { task }, body), ({ approval }) => {
    const word = decision.verdict === "allow" ? "Allowed" : "Denied";
    return `${word}: ${approval.call.tool}: ${approval.call.title}`;
  });
  return EXIT.done;
}
