import { formatKey } from "../../core/config-key.ts";
import { command } from "../command.ts";
import { EXIT } from "../exit.ts";
import { type Look, table, uncut } from "../output.ts";

export const config = command({
  operands: [],
  flags: {},
  details:
    "Where the configuration is, and what is set in it, by keys as `config get` and `config set` take them.",
  async run({ client, output }) {
    const { path, text, value } = await client.call("getConfig", {}, {});
    await output.show({ path, value, text }, (view, look) => settingsText(view, look));
    return EXIT.done;
  },
});

function settingsText({ path, value }: { path: string; value: Record<string, unknown> }, look: Look): string {
  const settings = leaves(value, []);
  if (settings.length === 0) return `${path}\nNothing is set: dispatch setup`;
  const rows = settings.map(([key, leaf]) => [look.bold(formatKey(key)), inLine(leaf)]);
  const old = Object.hasOwn(value, "agents")
    ? ["", "agents: is the old form; dispatch config migrate rewrites it"]
    : [];
  return [look.dim(path), table(rows, uncut(look)), ...old].join("\n");
}

/** Every value that is no section, by its key. */
function leaves(value: unknown, key: string[]): [key: string[], leaf: unknown][] {
  const entries = isSection(value) ? Object.entries(value) : [];
  if (entries.length === 0) return key.length === 0 ? [] : [[key, value]];
  return entries.flatMap(([name, each]) => leaves(each, [...key, name]));
}

function isSection(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function inLine(leaf: unknown): string {
  return typeof leaf === "string" ? leaf.replaceAll(/\s*\n\s*/g, " ") : JSON.stringify(leaf ?? null);
}
