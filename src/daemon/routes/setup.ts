import { setUp } from "../setup.ts";
import type { Handlers } from "./handler.ts";

export const setupHandlers: Pick<Handlers, "setUp" | "doctor"> = {
  setUp({ body: { environment, ...wish } }, parts) {
    return setUp({ ...parts, environment: environment ?? parts.environment }, wish);
  },

  async doctor(_, parts) {
    const { examine } = await import("../doctor.ts");
    return { findings: await examine(parts) };
  },
};
