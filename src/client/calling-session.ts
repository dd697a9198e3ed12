import { DispatchError } from "../base/error.ts";
import type { SessionId } from "../protocol/id.ts";

const RUN = /^(ses_[^:]+):\d+$/;

/**
 * The session whose agent runs this process, which says so where it acts on other sessions; nothing for a person.
 * @throws DispatchError for a mark that no run of ours has: who is no agent of ours and no person is nobody
 */
export function callingSession({ environment }: { environment: Record<string, string | undefined> }): {
  fromSession?: SessionId;
} {
  const run = environment["DISPATCH_RUN"];
  if (!run) return {};
  const session = RUN.exec(run)?.[1];
  if (session !== undefined) return { fromSession: session as SessionId };
  throw new DispatchError("forbidden", `DISPATCH_RUN is set, but names no session: ${run}`, {
    hint: "run it without DISPATCH_RUN",
  });
}
