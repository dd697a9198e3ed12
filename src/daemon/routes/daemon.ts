import { VERSION } from "../../base/version.ts";
import type { Handlers } from "./handler.ts";

export const daemonHandlers: Pick<Handlers, "health" | "stopDaemon"> = {
  health(_, parts) {
    return {
      version: VERSION,
      pid: process.pid,
      port: parts.port(),
      startedAt: parts.startedAt,
      position: parts.ledger.position(),
      workers: parts.scheduler.load(),
      notices: parts.notices(),
    };
  },

  stopDaemon(_, parts) {
    parts.stop();
    return {};
  },
};
