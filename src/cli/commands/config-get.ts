import { DispatchError } from "../../base/error.ts";
import { command } from "../command.ts";
import { keyParts } from "../../core/config-key.ts";
import { EXIT } from "../exit.ts";

export const configGet = command({
  operands: ["KEY"],
  examples: ["dispatch config get default", "dispatch config get limits.concurrent"],
  flags: {},
  async run({ client, output }, { operands }) {
    const key = operands[0]!;
    const { value } = await client.call("getConfig", {}, {});
    const found = valueAt(value, keyParts(key) ?? [key]);
    if (found === undefined)
      throw new DispatchError("not_found", `the configuration has no ${key}`, { hint: "dispatch config" });
    await output.show(found, (shown) => (typeof shown === "string" ? shown : JSON.stringify(shown, null, 2)));
    return EXIT.done;
  },
});

function valueAt(value: unknown, path: string[]): unknown {
  let at = value;
  for (const name of path) {
    if (typeof at !== "object" || at === null || !Object.hasOwn(at, name)) return undefined;
    at = (at as Record<string, unknown>)[name];
  }
  return at;
}
