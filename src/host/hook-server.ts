import { listenJson, type JsonServer, type JsonSocketEvents } from "../base/json-socket.ts";
import type { HookReport } from "../protocol/hook-report.ts";

/** Takes what the agent's hooks report (`dispatch hook report`) at a socket; each is answered once it was heard. */
export function serveHooks(path: string, hear: (report: HookReport) => void): Promise<JsonServer> {
  const schemas = import("../protocol/hook-report.ts"); // loaded for agents that have hooks alone, as they are few
  return listenJson(path, (socket): JsonSocketEvents => {
    async function receive(message: unknown): Promise<void> {
      const { HookReport } = await schemas;
      const parsed = HookReport.safeParse(message);
      if (parsed.success) hear(parsed.data);
      socket.send({});
    }
    return { onMessage: (message) => void receive(message), onClose: () => undefined };
  });
}
