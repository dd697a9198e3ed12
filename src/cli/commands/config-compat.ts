import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { DispatchError } from "../../base/error.ts";
import { command } from "../command.ts";
import { EXIT } from "../exit.ts";

const TOKEN_BYTES = 32;

export const configCompat = command({
  operands: ["NAME"],
  details:
    "oppi: its clients find port and token in ~/.config/oppi/config.json, which is made where there is none and never changed.",
  examples: ["dispatch config compat oppi"],
  flags: {},
  async run({ client, output, environment }, { operands }) {
    if (operands[0] !== "oppi")
      throw new DispatchError("not_found", `no other program ${JSON.stringify(operands[0])} is known`, {
        candidates: ["oppi"],
      });
    const path = join(environment["HOME"] ?? homedir(), ".config", "oppi", "config.json");
    const isNew = !existsSync(path);
    if (isNew) writeToken(path);
    const { value } = await client.call("getConfig", {}, {});
    const compat = value["compat"] as { oppi?: unknown } | undefined;
    if (!compat?.oppi) await client.call("setConfig", {}, { key: "compat.oppi", value: {} });
    await output.show({ path, made: isNew }, (view) =>
      [
        view.made ? `Made ${view.path} with a new token.` : `${view.path} is used as it is.`,
        "oppi's clients are served from the daemon's next start on: dispatch daemon restart",
      ].join("\n"),
    );
    return EXIT.done;
  },
});

function writeToken(path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const token = crypto.getRandomValues(new Uint8Array(TOKEN_BYTES)).toHex();
  writeFileSync(path, `${JSON.stringify({ token }, null, 2)}\n`, { mode: 0o600, flag: "wx" });
}
