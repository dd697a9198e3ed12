import { z } from "zod";
import { command, failed, missing, ok } from "./wire.ts";

const OFF = "Remote mode is not enabled";

/** Workstation's window and the pictures of it, which nothing of ours has. */
export const remoteOnly = command({ payload: z.unknown(), run: async () => failed(OFF) });

export const setRemoteMode = command({
  payload: z.object({ enabled: z.boolean(missing("enabled")) }),
  run: async (_, { enabled }) =>
    enabled
      ? failed(OFF, { reason: "there is no window here that could be shown" })
      : ok("set_remote_mode", { enabled }),
});
