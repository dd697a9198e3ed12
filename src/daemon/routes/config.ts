import { DispatchError } from "../../base/error.ts";
import { quote } from "../../core/quote.ts";
import { unknownKeys } from "../unknown-keys.ts";
import type { Handlers } from "./handler.ts";

export const configHandlers: Pick<Handlers, "getConfig" | "setConfig" | "migrateConfig"> = {
  getConfig(_, { config }) {
    const { text, value } = config.contents();
    return { path: config.path, text, value };
  },

  /** Sets a dotted key; without a value the key is removed. */
  async setConfig({ body }, { config }) {
    const { asksForList, parseKey } = await import("../config-text.ts");
    const { value } = body;
    const key = parseKey(body.key);
    if (value !== undefined) refuseUnknown(key, value);
    try {
      config.edit([{ key, value }]);
    } catch (error) {
      if (typeof value !== "string" || !asksForList(error, key)) throw error;
      const hint = `dispatch config set ${quote(body.key)} ${quote(JSON.stringify(listOf(value)))}`;
      throw new DispatchError("invalid", error.message, { hint, cause: error });
    }
    return { path: config.path, value: body.value ?? null };
  },

  async migrateConfig(_, { config }) {
    const { migrateConfig } = await import("../migrate-config.ts");
    return migrateConfig(config);
  },
};

/** @throws DispatchError `invalid` for what nothing would read, with the keys that may be meant */
function refuseUnknown(key: readonly string[], value: unknown): void {
  const [unknown] = unknownKeys(key.reduceRight((inner, part) => ({ [part]: inner }), value));
  if (!unknown) return;
  const { key: written, similar, known } = unknown;
  throw new DispatchError("invalid", `${written} is no key of the configuration`, {
    hint: "dispatch config",
    candidates: [...(similar.length > 0 ? similar : known)],
  });
}

/** What somebody means who writes a list as a text: its words between brackets and commas. */
function listOf(text: string): string[] {
  const words = text.replace(/^\s*\[(.*)\]\s*$/s, "$1").split(",");
  return words.map((word) => word.trim().replace(/^(["'])(.*)\1$/, "$2")).filter((word) => word !== "");
}
