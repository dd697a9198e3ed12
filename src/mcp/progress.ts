import type { ServerContext } from "@modelcontextprotocol/server";

/** How often a call that waits says so, in milliseconds; products give up on a silent one. */
const PROGRESS_MS = 5_000;

/** Does `work`, and says every few seconds that the call goes on, where the client asked to be told. */
export async function withProgress<T>(
  { mcpReq }: ServerContext,
  message: string,
  work: () => Promise<T>,
): Promise<T> {
  const progressToken = mcpReq._meta?.progressToken;
  if (progressToken === undefined) return await work();
  let progress = 0;
  const timer = setInterval(() => {
    progress += PROGRESS_MS / 1_000;
    void mcpReq.notify({
      method: "notifications/progress",
      params: { progressToken, progress, message },
    });
  }, PROGRESS_MS);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}
