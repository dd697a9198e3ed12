import type { Handlers } from "./handler.ts";

export const configHandlers: Pick<Handlers, "getConfig" | "setConfig" | "migrateConfig"> = {
  getConfig(_, { config }) {
    const { text, value } = config.contents();
    return { path: config.path, text, value };
  },

  /** Sets a dotted key; without a value the key is removed. */
  async setConfig({ body }, { config }) {
    const { parseKey } = await import("../config-text.ts");
    config.edit([{ key: parseKey(body.key), value: body.value }]);
    return { path: config.path, value: body.value ?? null };
  },

  async migrateConfig(_, { config }) {
    const { migrateConfig } = await import("../migrate-config.ts");
    return migrateConfig(config);
  },
};
